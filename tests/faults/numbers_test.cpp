// SPDX-License-Identifier: Apache-2.0
//
// Numbers that were wrong. The right ones stand beside each: closed forms, or values that follow from how the
// data are made.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "faults/faults.hpp"

namespace pushforward::testing {
namespace {

class NumberFaults : public Faults {
 protected:
  // x, and y = x moved by `step` along the first axis; one row of both at `sentinel` stays.
  void write_moved(double sentinel, double step, std::size_t n = 100) {
    Matrix<double> x = normal(n, 2, 3), y = x;
    for (std::size_t i = 0; i < n; ++i) y(i, 0) += step;
    for (std::size_t k = 0; sentinel != 0 && k < 2; ++k) x(n / 2, k) = y(n / 2, k) = sentinel;
    write("x.npy", x), write("y.npy", y);
  }
};

// A lower floor can only raise the likelihood.
TEST_F(NumberFaults, N15FactorAnalysisOfACopiedColumn) {
  Matrix<double> x = normal(200, 5, 11);
  for (std::size_t i = 0; i < x.rows(); ++i) x(i, 1) = x(i, 0);
  write("x.npy", x);
  done("train fa x.npy --latent 2 --noise-floor 1e-10 -o a");
  done("train fa x.npy --latent 2 --noise-floor 1e-12 -o b");
  EXPECT_GE(value("evaluate b x.npy", "log_likelihood"), value("evaluate a x.npy", "log_likelihood") - 0.01);
}

TEST_F(NumberFaults, N17TextThatIsNotUtf8) {
  write("latin1.csv", "\xe9,b\n1,2\n3,4\n5,7\n");
  const Outcome shown = program("data show latin1.csv --json");
  EXPECT_TRUE(shown.status == 0 || shown.status == 2);
  program("data show latin1.csv");
}

TEST_F(NumberFaults, N19DefaultsDoNotSpoilWhatWasAsked) {
  write("x.npy", normal(100, 3, 1));
  done("train vae x.npy -o v --latent 2 --likelihood gaussian:learned --epochs 1");
  const Outcome one = done("evaluate v x.npy@0:1 --json");
  EXPECT_NE(one.out.find("\"elbo\""), std::string::npos) << one.out;
  EXPECT_NE(one.err.find("note: "), std::string::npos) << one.err;
}

TEST_F(NumberFaults, N20AFirstLossThatIsNotFinite) {
  write("big.npy", normal(300, 6, 1, 0, 1e6));
  const Outcome outcome = refused("train vae big.npy -o r --likelihood gaussian:learned", "--standardize", 1);
  EXPECT_EQ(outcome.err.find("--rate"), std::string::npos) << outcome.err;
  done("train vae big.npy -o s --likelihood gaussian:learned --standardize --epochs 2");
}

TEST_F(NumberFaults, N21BatchNormOfASingleRow) {
  write("x.npy", normal(33, 2, 1));
  refused("train gan x.npy -o r --batch 1 --norm batch --epochs 1", "--batch 2");
  done("train gan x.npy -o a --batch 2 --norm batch --epochs 1");
  done("train gan x.npy -o b --batch 1 --norm layer --epochs 1");
  // 33 rows by 32 leave one over.
  done("train gmmn x.npy -o c --batch 32 --norm batch --epochs 2");
  done(
      "train ae x.npy -o d --batch 32 --hidden none --network 'dense 4, batch-norm, relu' --latent 1 "
      "--epochs 2");
  refused("train ae x.npy -o e --batch 1 --network 'dense 4, batch-norm, relu' --latent 1 --epochs 1",
          "--batch 2");
}

}  // namespace
}  // namespace pushforward::testing
