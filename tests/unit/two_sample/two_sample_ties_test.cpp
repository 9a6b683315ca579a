// SPDX-License-Identifier: Apache-2.0
// Permutation tests where values tie: p is exactly 1 where all do, and levels hold on data of few values.
#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/two_sample.hpp"

namespace pushforward {
namespace {

template <class T>
PermutationTest run(const std::string& text, const Matrix<T>& x, const Matrix<T>& y,
                    const PermutationOptions& options = {}) {
  const Spec spec = parse_spec(text);
  return permutation_test(*make_distance(spec), facts_of(spec), {Points(x.view())}, {Points(y.view())},
                          options);
}

// `n` rows of one kind; the row `odd` is of another.
template <class T>
Matrix<T> all_but_one(std::size_t n, std::size_t d, std::size_t odd) {
  Matrix<T> points(n, d);
  for (std::size_t k = 0; k < d; ++k) {
    for (std::size_t i = 0; i < n; ++i) points(i, k) = T(0.3) + T(k);
    if (odd < n) points(odd, k) = T(1.7);
  }
  return points;
}

const std::vector<std::string> kUnbiased = {
    "mmd",
    "mmd:bandwidth=1",
    "mmd:bandwidth=0.3+1+7",
    "mmd:root=yes",
    "mmd:kernel=laplacian",
    "mmd:kernel=imq",
    "mmd:kernel=rq,a=0.7",
    "mmd:kernel=polynomial",
    "mmd:kernel=energy",
    "mmd:estimator=linear",
    "mmd:estimator=linear,kernel=rq,root=yes",
    "mmd:estimator=block",
    "mmd:estimator=block,block=2,kernel=imq",
};

// With k(a,a), k(a,b), k(b,b) = s, t, r and one b: k(x,x′) − k(x,y) of the pairs that hold it cancel in every
// unbiased estimate, wherever it is. (Of one b alone k(b,b) is never used, but by the shapes below.)
template <class T>
void expect_all_tie(const std::string& spec, std::size_t n, std::size_t m, std::size_t odd) {
  PermutationOptions options;
  options.permutations = 199, options.seed = n + odd;
  const PermutationTest test = run(spec, all_but_one<T>(n, 2, odd), all_but_one<T>(m, 2, m), options);
  EXPECT_EQ(test.p_value, 1) << spec << ", " << n << " against " << m << ", row " << odd;
  EXPECT_FALSE(test.effect.has_value()) << spec << ", " << n << " against " << m;
}

TEST(PermutationTies, OneOddRowAmongEqualOnesNeverRejectsByAnUnbiasedEstimate) {
  for (const std::string& spec : kUnbiased) {
    for (std::size_t n = 2; n <= 40; n += n < 8 ? 1 : 4)
      for (const std::size_t m : {n, n + 3})
        for (const std::size_t odd : {std::size_t{0}, n - 1}) expect_all_tie<double>(spec, n, m, odd);
    expect_all_tie<float>(spec, 10, 10, 4);
  }
}

TEST(PermutationTies, AlsoInSinglePrecisionTilesAndInUnevenPools) {
  for (const std::string spec : {"mmd", "mmd:bandwidth=1", "mmd:kernel=laplacian", "mmd:kernel=imq",
                                 "mmd:kernel=rq", "mmd:root=yes", "mmd:estimator=block"}) {
    expect_all_tie<double>(spec, 300, 300, 17);
    expect_all_tie<float>(spec, 700, 500, 3);
    expect_all_tie<float>(spec, 3, 700, 1);
  }
}

const std::vector<std::string> kAll = {"mmd",
                                       "mmd:estimator=biased",
                                       "mmd:estimator=biased,root=yes",
                                       "energy",
                                       "mmd:estimator=linear",
                                       "mmd:kernel=polynomial,estimator=biased",
                                       "w1",
                                       "w2",
                                       "w:p=3",
                                       "sinkhorn",
                                       "sinkhorn:debias=no",
                                       "sliced",
                                       "max-sliced",
                                       "frechet",
                                       "histogram",
                                       "sliced:p=1",
                                       "histogram:divergence=tv",
                                       "mmd:estimator=block",
                                       "sinkhorn:p=1",
                                       "histogram:divergence=kl",
                                       "mmd-fuse"};

TEST(PermutationTies, EqualRowsNeverReject) {
  PermutationOptions options;
  options.permutations = 39;
  for (const std::string& spec : kAll)
    for (const std::size_t n : {4, 9}) {
      const PermutationTest test =
          run(spec, all_but_one<double>(n, 2, n), all_but_one<double>(7, 2, 7), options);
      EXPECT_EQ(test.p_value, 1) << spec;
    }
}

// One odd row among equal ones, n = m: whoever holds it, a symmetric distance is the same.
TEST(PermutationTies, ASymmetricDistanceCannotTellWhichSampleHoldsTheOddRow) {
  PermutationOptions options;
  options.permutations = 59;
  for (const std::string& spec : kAll) {
    if (spec == "histogram:divergence=kl") continue;  // not symmetric
    for (const std::size_t n : {4, 11})
      for (const std::size_t odd : {std::size_t{0}, n - 2}) {
        const PermutationTest test =
            run(spec, all_but_one<double>(n, 2, odd), all_but_one<double>(n, 2, n), options);
        if (spec.find("linear") == std::string::npos && spec.find("block") == std::string::npos) {
          EXPECT_EQ(test.p_value, 1) << spec << " " << n << " " << odd;
        }
      }
  }
}

// The same on a lattice of tenths far from 0, whose differences round.
TEST(PermutationTies, SwappedSamplesTieOnALatticeOfTenths) {
  PermutationOptions options;
  options.permutations = 59;
  for (const std::string& spec : kAll) {
    if (spec == "histogram:divergence=kl" || facts_of(parse_spec(spec)).smallest_n > 1) continue;
    Matrix<double> x(1, 2), y(1, 2);
    x(0, 0) = 1000.1, x(0, 1) = 0.3, y(0, 0) = 1000.4, y(0, 1) = 0.1;
    EXPECT_EQ(run(spec, x, y, options).p_value, 1) << spec;
  }
}

TEST(PermutationTies, AggregatesOfEqualRowsAndOfOneOddRowNeverReject) {
  const PermutationOptions options{.permutations = 39};
  for (const std::size_t odd : {std::size_t{0}, std::size_t{9}})
    for (const std::string spec : {"mmdagg:relabellings=100", "mmd-fuse"})
      for (const std::size_t n : {std::size_t{9}, std::size_t{300}})
        EXPECT_EQ(run(spec, all_but_one<double>(n, 2, odd), all_but_one<double>(n, 2, n), options).p_value, 1)
            << spec << " " << n << " " << odd;
}

TEST(PermutationTies, ALearnedDistanceOfEqualRowsNeverRejects) {
  PermutationOptions options;
  options.permutations = 39;
  const std::string small = "hidden=8,steps=20";
  for (const std::string name : {"c2st", "c2st-logit", "jsd-critic", "w1-critic"}) {
    const PermutationTest test =
        run(name + ":" + small, all_but_one<double>(40, 2, 40), all_but_one<double>(40, 2, 40), options);
    EXPECT_EQ(test.p_value, 1) << name;
  }
}

enum class Kind { lattice, categories, rare };

Matrix<double> draw(Kind kind, std::size_t n, std::uint64_t seed) {
  Matrix<double> points(n, 2);
  const Draw bits = Draw{seed}.on("ties");
  for (std::size_t i = 0; i < n; ++i) {
    const double u = uniform01(bits, static_cast<std::uint32_t>(2 * i)),
                 v = uniform01(bits, static_cast<std::uint32_t>(2 * i + 1));
    points(i, 0) = kind == Kind::lattice ? std::floor(4 * u) / 10 : kind == Kind::rare ? u < 0.05 : u < 0.4;
    points(i, 1) = kind == Kind::lattice ? std::floor(3 * v) / 10 : kind == Kind::rare ? 0 : 1 - points(i, 0);
  }
  return points;
}

// At most the level and three binomial errors, of 200 draws: 0.05 + 0.046. (bench/reproduce/levels takes 2000
// of each kind and of every metric.)
TEST(PermutationTies, LevelsHoldOnDataOfFewValues) {
  constexpr int kRepetitions = 200;
  PermutationOptions options;
  options.permutations = 39;
  for (const std::string spec :
       {"mmd", "mmd:bandwidth=1", "mmd:kernel=laplacian", "mmd:kernel=imq", "mmd:kernel=rq", "energy",
        "mmd:kernel=polynomial", "mmd:estimator=linear", "mmd:estimator=block",
        "mmd:estimator=biased,root=yes", "mmd-fuse", "mmdagg:relabellings=100", "w1", "sliced:projections=10",
        "frechet", "histogram"})
    for (const Kind kind : {Kind::lattice, Kind::categories, Kind::rare}) {
      int rejected = 0;
      for (std::uint64_t r = 0; r < kRepetitions; ++r) {
        options.seed = r;
        rejected += run(spec, draw(kind, 10, 2 * r), draw(kind, 10, 2 * r + 1), options).reject;
      }
      EXPECT_LE(rejected, kRepetitions * (0.05 + 3 * std::sqrt(0.05 * 0.95 / kRepetitions)))
          << spec << ", kind " << static_cast<int>(kind);
    }
}

TEST(PermutationTies, ARealDifferenceOfCategoriesIsStillFound) {
  Matrix<double> x(40, 2), y(40, 2);
  for (std::size_t i = 0; i < 40; ++i)
    x(i, 0) = i < 10, x(i, 1) = 1 - x(i, 0), y(i, 0) = i < 30, y(i, 1) = 1 - y(i, 0);
  for (const std::string& spec : kAll)
    if (spec.find("linear") == std::string::npos && spec.find("block") == std::string::npos) {
      EXPECT_TRUE(run(spec, x, y, {.permutations = 199}).reject) << spec;
    }
}

// A distance that knows nothing of its rounding: the pool's sum less the same in another order, 0 for every
// relabelling.
class Unaware final : public Distance {
 public:
  void freeze(const Sample& x, const Sample& y) override { pool_ = sum(y) + sum(x); }
  Reading measure(const Sample& x, const Sample& y, const Gradient&) const override {
    Reading reading;
    reading.value = sum(x) + sum(y) - pool_;
    return reading;
  }

 private:
  static double sum(const Sample& sample) {
    double total = 0;
    for (std::size_t i = 0; i < sample.n(); ++i) total += sample.points.at(i, 0);
    return total;
  }
  double pool_ = 0;
};

TEST(PermutationTies, ADistanceThatDoesNotKnowItsRoundingHasABound) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Matrix<double> x(50, 1), y(60, 1);
    fill_uniform(x.span(), Draw{seed}.on("unaware x"), 0.0, 1.0);
    fill_uniform(y.span(), Draw{seed}.on("unaware y"), 0.0, 1.0);
    Unaware distance;
    const PermutationTest test =
        permutation_test(distance, Facts{}, {Points(x.view())}, {Points(y.view())}, {.permutations = 99});
    EXPECT_EQ(test.p_value, 1);
  }
}

TEST(PermutationTest, RefusesSoFewPermutationsThatNothingCouldBeRejected) {
  EXPECT_EQ(least_permutations(0.05), 19u);
  EXPECT_EQ(least_permutations(0.01), 99u);
  EXPECT_EQ(least_permutations(0.001), 999u);
  EXPECT_EQ(least_permutations(0.5), 1u);
  EXPECT_EQ(least_permutations(0.9), 1u);
  const Matrix<double> x = draw(Kind::lattice, 10, 1);
  try {
    run("energy", x, x, {.permutations = 10});
    ADD_FAILURE() << "10 permutations cannot reject at 0.05";
  } catch (const RequestError& error) {
    EXPECT_NE(std::string(error.what()).find("at least 19"), std::string::npos) << error.what();
  }
  EXPECT_NO_THROW(run("energy", x, x, {.permutations = 19}));
}

TEST(PermutationTest, NamesTheMetricThatHasNoSingleValue) {
  const Matrix<double> x = draw(Kind::lattice, 10, 1);
  const Spec spec = parse_spec("prdc");
  try {
    check_test(spec.name, facts_of(spec), {Points(x.view())}, {Points(x.view())}, {});
    ADD_FAILURE() << "prdc has four numbers";
  } catch (const RequestError& error) {
    EXPECT_EQ(std::string(error.what()).rfind("prdc", 0), 0u) << error.what();
  }
}

}  // namespace
}  // namespace pushforward
