// SPDX-License-Identifier: Apache-2.0
//
// Numbers at the end of their range in what came after the report: each is right, or refused in a sentence
// that says what to do, in the time that such a command takes.
#include "faults/faults.hpp"
#include "pushforward/two_sample.hpp"

namespace pushforward::testing {
namespace {

class ExtremeFaults : public Faults {
 protected:
  void write_scaled(double scale) {
    Matrix<double> x = normal(20, 2, 1), y = normal(16, 2, 2, 1);
    for (Matrix<double>* rows : {&x, &y})
      for (double& value : rows->span()) value *= scale;
    write("x.npy", x), write("y.npy", y);
  }
};

// 1e300 relabellings are no number of a loop.
TEST_F(ExtremeFaults, LevelsThatNoTestCanReach) {
  write_scaled(1);
  for (const char* level : {"1e-9", "1e-17", "1e-19", "1e-300", "5e-324"})
    refused(fmt::format("test x.npy y.npy -m mmd --level {}", level), "permutations");
  EXPECT_EQ(least_permutations(0.05), 19u);
  EXPECT_EQ(least_permutations(1e-300), std::size_t{1} << 53);
}

TEST_F(ExtremeFaults, ShapesOfDensities) {
  // KL(Γ(a,1) ‖ Γ(b,1)) = (a − b) ψ(a) − ln Γ(a) + ln Γ(b), at both ends of the range.
  EXPECT_NEAR(value("density 'gamma(0.05,1)' 'gamma(2,1)' -m kl"), 37.00191853198302, 1e-9);
  EXPECT_NEAR(value("density 'gamma(1e6,1)' 'gamma(2,1)' -m kl"), 999977.8577964632, 1e-2);
  for (const char* text : {"'gamma(1e300,1)'", "'gamma(0.04,1)'", "'beta(1,1e7)'", "'student(1e-5,0,1)'"}) {
    refused(fmt::format("density {} 'gamma(1,1)' -m kl", text), "quadrature");
    refused(fmt::format("density {}", text), "quadrature");
  }
  for (const char* pair : {"'gamma(1e300,1)' 'gamma(1,1)'", "'gamma(1e-300,1)' 'gamma(1,1)'",
                           "'gamma(1e15,1)' 'gamma(1,1)'", "'beta(1e300,1)' 'beta(1,1)'",
                           "'beta(1e-300,1e-300)' 'beta(1,1)'", "'exponential(1e-300)' 'exponential(1)'"})
    for (const char* metric : {"kl", "js", "hellinger", "w1", "w2", "energy"}) {
      const Outcome outcome = program(fmt::format("density {} -m {} --json", pair, metric));
      if (outcome.status == 0) continue;
      EXPECT_EQ(outcome.status, 2) << outcome.err;
      EXPECT_NE(outcome.err.find("density"), std::string::npos) << outcome.err;
      EXPECT_EQ(outcome.err.find("--resume"), std::string::npos) << outcome.err;
    }
}

TEST_F(ExtremeFaults, ScalesOfWhatIsFitted) {
  for (const double scale : {1e-300, 1e-170, 1e170, 1e300}) {
    write_scaled(scale);
    refused("fit x.npy --family mvnormal", "measure in another unit");
  }
  refused("fit 'normal(0,1e-200)' --family laplace", "measure in another unit");
  write_scaled(1e30);
  done("fit x.npy --family mvnormal --json");
}

TEST_F(ExtremeFaults, ScalesOfWhatIsCarried) {
  for (const double scale : {1e-300, 1e-170, 1e170, 1e300}) {
    write_scaled(scale);
    for (const char* how : {"--partial 0.5", "--unbalanced kl:1", "--unbalanced tv:1", ""})
      refused(fmt::format("transport x.npy y.npy {}", how), "scale the data");
  }
}

TEST_F(ExtremeFaults, SharpnessOfASoftMaximum) {
  write_scaled(1);
  for (const char* lambda : {"1e308", "1e-300", "0", "-1", "inf"})
    refused(fmt::format("test x.npy y.npy -m mmd-fuse:lambda={}", lambda), "lambda");
}

// A picture too large for memory has no fewer rows.
TEST_F(ExtremeFaults, APictureLargerThanMemory) {
  constexpr char kStart[] =  // of a PNG of 20000 x 20000 pixels of color
      "\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x4e\x20\x00\x00"
      "\x4e\x20\x08\x02\x00\x00\x00\x6c\x12\xd1\x6e\x00\x00\xea\x60\x49\x44\x41\x54";
  write("big.png", std::string(kStart, sizeof(kStart) - 1) + std::string(60'000, '\0'));
  const Outcome outcome = shell("ulimit -v 1000000; exec \"$P\" data show big.png");
  EXPECT_EQ(outcome.status, 1) << outcome.err;
  EXPECT_NE(outcome.err.find("a picture of 20000x20000 pixels"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("--resize"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace pushforward::testing
