// SPDX-License-Identifier: Apache-2.0
//
// Fits against moments, against a fine grid, and against what can be known otherwise; refusals that say what
// would do.
//
// Tolerances: parameters within 1e-4, which the search promises. The grid is laid around what was found: no
// node of it is lower, so that the optimum is one; and the best of a coarse grid over all of the plane is no
// lower than the best optimum, so that none was missed.
#include <cmath>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pushforward/density_fit.hpp"
#include "pushforward/error.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

DensityFit fitted(const std::string& p, const std::string& family, const std::string& by) {
  return fit_density(parse_density(p), parse_spec(family), parse_spec(by));
}
double parameter(const LocalOptimum& optimum, const std::string& name) {
  for (const auto& [key, value] : optimum.parameters)
    if (key == name) return value;
  ADD_FAILURE() << "no " << name;
  return 0;
}
std::string complaint(const std::string& p, const std::string& family, const std::string& by) {
  try {
    fitted(p, family, by);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

const char* const kHumps = "0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)";

TEST(DensityFit, ForwardKlHasTheMomentsOfTheTarget) {
  for (const char* p : {kHumps, "0.3*normal(-1,0.5)+0.7*laplace(2,1)", "uniform(0,3)", "exponential(2)",
                        "gamma(3,2)", "0.2*uniform(-1,0)+0.8*normal(1,2)", "beta(2,3)", "student(5)"}) {
    const auto density = std::get<LineDensity>(parse_density(p));
    const DensityFit fit = fitted(p, "normal", "kl");
    ASSERT_EQ(fit.optima.size(), 1u) << p;  // convex in the natural parameters
    EXPECT_NEAR(parameter(fit.optima[0], "mean"), density.mean(), 1e-4) << p;
    EXPECT_NEAR(parameter(fit.optima[0], "sd"), std::sqrt(density.variance()), 1e-4) << p;
  }
  EXPECT_NEAR(parameter(fitted("gamma(3,2)", "exponential", "kl").optima[0], "rate"), 2.0 / 3, 1e-4);
  // Of a Laplace: the median, and the mean distance from it.
  const DensityFit laplace = fitted("uniform(0,3)", "laplace", "kl");
  EXPECT_NEAR(parameter(laplace.optima[0], "mean"), 1.5, 1e-4);
  EXPECT_NEAR(parameter(laplace.optima[0], "scale"), 0.75, 1e-4);
}

TEST(DensityFit, ReverseKlPicksAndBothHumpsAreTold) {
  const DensityFit fit = fitted(kHumps, "normal", "reverse-kl");
  ASSERT_GE(fit.optima.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(std::abs(parameter(fit.optima[i], "mean")), 2.5, 1e-4);
    EXPECT_NEAR(parameter(fit.optima[i], "sd"), 0.5, 1e-4);
    EXPECT_NEAR(fit.optima[i].reading.value, std::log(2.0), 1e-5);
  }
  EXPECT_LT(parameter(fit.optima[0], "mean") * parameter(fit.optima[1], "mean"), 0);
  EXPECT_GE(fit.path.size(), 5u);
}

TEST(DensityFit, FindsWhatAGridFindsByEveryDivergence) {
  const KnownDensity p = parse_density("0.4*normal(-2,0.7)+0.6*normal(1.5,1)");
  for (const char* by : {"kl", "reverse-kl", "js", "tv", "hellinger", "chi2", "l2", "renyi:alpha=0.5", "w1",
                         "w2", "mmd:bandwidth=1", "energy"}) {
    const Spec spec = parse_spec(by);
    const auto at = [&](double mean, double sd) {
      return density_divergence(spec, p, LineDensity({{LineComponent::Family::normal, 1, mean, sd}})).value;
    };
    const DensityFit fit = fit_density(p, {"normal"}, spec);
    for (const LocalOptimum& optimum : fit.optima) {
      const double mean = parameter(optimum, "mean"), sd = parameter(optimum, "sd");
      for (int i = -2; i <= 2; ++i)
        for (int j = -2; j <= 2; ++j)
          if (i != 0 || j != 0) {
            EXPECT_GT(at(mean + 1e-4 * i, sd + 1e-4 * j), optimum.reading.value) << by;
          }
    }
    double coarse = HUGE_VAL;
    for (double mean = -3; mean <= 3; mean += 0.25)
      for (double sd = 0.4; sd < 4; sd *= 1.2) coarse = std::min(coarse, at(mean, sd));
    EXPECT_LE(fit.optima[0].reading.value, coarse) << by;
  }
}

// Total variation has creases in the fit's parameters, where the two densities touch. At one hump the best
// normal lies next to such a crease. Its values are SciPy's, of sums of normal distribution functions between
// the roots of p − q (Brent): four restarts of Nelder and Mead from seven starts agree on them to 1e-7.
TEST(DensityFit, FollowsACreaseToItsEnd) {
  const DensityFit fit = fitted(kHumps, "normal", "tv");
  ASSERT_EQ(fit.optima.size(), 3u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(std::abs(parameter(fit.optima[i], "mean")), 2.2986953, 1e-6);
    EXPECT_NEAR(parameter(fit.optima[i], "sd"), 0.9713117, 1e-6);
    EXPECT_NEAR(fit.optima[i].reading.value, 0.49916943469378, 1e-13);
  }
  EXPECT_NEAR(parameter(fit.optima[2], "mean"), 0, 1e-6);
}

TEST(DensityFit, FindsTheTargetItselfWhereTheFamilyHoldsIt) {
  const DensityFit mixture = fitted("0.3*normal(-2,0.5)+0.7*normal(1,1)", "mixture:2", "js");
  EXPECT_NEAR(parameter(mixture.optima[0], "weight 1"), 0.3, 1e-4);
  EXPECT_NEAR(parameter(mixture.optima[0], "mean 1"), -2, 1e-4);
  EXPECT_NEAR(parameter(mixture.optima[0], "sd 2"), 1, 1e-4);
  EXPECT_LT(mixture.optima[0].reading.value, 1e-10);
  EXPECT_EQ(mixture.optima.size(), 1u) << "with its components exchanged it is the same";
  const DensityFit gamma = fitted("gamma(2.5,0.7)", "gamma", "w2");
  EXPECT_NEAR(parameter(gamma.optima[0], "shape"), 2.5, 1e-4);
  const DensityFit beta = fitted("beta(2,5)", "beta", "hellinger");
  EXPECT_NEAR(parameter(beta.optima[0], "b"), 5, 1e-3);
  const DensityFit student = fitted("student(4,1,2)", "student", "kl");
  EXPECT_NEAR(parameter(student.optima[0], "df"), 4, 1e-3);
}

TEST(DensityFit, InThePlane) {
  const std::string p = "0.5*mvnormal(-5+0,1+.3+.3+1)+0.5*mvnormal(5+1,1+0+0+.5)";
  // The law of total covariance.
  const DensityFit covers = fitted(p, "mvnormal", "kl");
  EXPECT_NEAR(parameter(covers.optima[0], "mean[2]"), 0.5, 1e-4);
  EXPECT_NEAR(parameter(covers.optima[0], "covariance[1,1]"), 26, 1e-3);
  EXPECT_NEAR(parameter(covers.optima[0], "covariance[2,1]"), 2.65, 1e-3);
  const DensityFit picks = fitted(p, "mvnormal", "reverse-kl");
  EXPECT_GE(picks.optima.size(), 2u);
  EXPECT_NEAR(std::abs(parameter(picks.optima[0], "mean[1]")), 5, 0.1);
}

TEST(DensityFit, OfASampleIsMaximumLikelihoodAndTransport) {
  Matrix<double> x(5, 1);
  const double points[] = {0, 1, 2, 3, 9};
  std::copy(std::begin(points), std::end(points), x.data());
  const DensityFit normal = fit_density(x, {"normal"}, {"kl"});
  EXPECT_NEAR(parameter(normal.optima[0], "mean"), 3, 1e-4);
  EXPECT_NEAR(parameter(normal.optima[0], "sd"), std::sqrt(10.0), 1e-4);
  EXPECT_NE(normal.objective.find("maximum likelihood"), std::string::npos);
  EXPECT_NEAR(parameter(fit_density(x, {"exponential"}, {"kl"}).optima[0], "rate"), 1.0 / 3, 1e-5);
  const DensityFit laplace = fit_density(x, {"laplace"}, {"kl"});  // median 2, mean distance 11/5
  EXPECT_NEAR(parameter(laplace.optima[0], "mean"), 2, 1e-4);
  EXPECT_NEAR(parameter(laplace.optima[0], "scale"), 2.2, 1e-4);
  // One point at 0 and a uniform on [−h, h]: W_1 = h/2, W_2 = h/√3.
  Matrix<double> two(2, 1);
  two(0, 0) = -1, two(1, 0) = 1;
  // W_2² of ±1 to U(−h, h): 1 − h + h²/3, least at h = 3/2: ¼.
  const DensityFit w2 = fit_density(two, {"uniform"}, {"w2"});
  EXPECT_NEAR(parameter(w2.optima[0], "b"), 1.5, 1e-4);
  EXPECT_NEAR(w2.optima[0].reading.value, 0.5, 1e-9);
  // W_1 = ½ − h/2 … for h ≥ 1: (1 − h/2 + …): ∫₀^h |x − 1| dx/h = (1 + (h − 1)²)/2h, least at √2: √2 − 1.
  const DensityFit w1 = fit_density(two, {"uniform"}, {"w1"});
  EXPECT_NEAR(parameter(w1.optima[0], "b"), std::sqrt(2.0), 1e-4);
  EXPECT_NEAR(w1.optima[0].reading.value, std::sqrt(2.0) - 1, 1e-9);
  for (const char* by : {"energy", "mmd:bandwidth=1"})
    EXPECT_NEAR(parameter(fit_density(two, {"normal"}, parse_spec(by)).optima[0], "mean"), 0, 1e-4) << by;
}

TEST(DensityFit, RefusalsSayWhatWouldDo) {
  const std::string infinite = complaint("normal(0,1)", "uniform", "kl");
  EXPECT_NE(infinite.find("infinite for every member of family uniform"), std::string::npos) << infinite;
  EXPECT_NE(infinite.find("reverse-kl"), std::string::npos) << infinite;
  EXPECT_NE(complaint("normal(0,1)", "nrmal", "kl").find("normal"), std::string::npos);
  EXPECT_NE(complaint("normal(0,1)*laplace(0,1)", "normal", "kl").find("mvnormal and mixture:K"),
            std::string::npos);
  EXPECT_NE(complaint("mvnormal(0+0,1+0+0+1)", "mvnormal", "w1").find("f-divergence"), std::string::npos);
  EXPECT_NE(complaint("normal(0,1)", "mixture:9", "kl").find("8 or fewer"), std::string::npos);
  Matrix<double> x(3, 1);
  x(1, 0) = 1, x(2, 0) = 2;
  try {
    fit_density(x, {"normal"}, {"js"});
    ADD_FAILURE();
  } catch (const RequestError& error) {
    EXPECT_NE(std::string(error.what()).find("has no density"), std::string::npos);
  }
}

TEST(DensityFit, RowsOfNothingAreRefused) {
  for (const auto& [n, d] : {std::pair<std::size_t, std::size_t>{5, 0}, {0, 2}, {0, 0}})
    EXPECT_THROW(fit_density(Matrix<double>(n, d), Spec{"normal"}, Spec{"kl"}), RequestError)
        << n << " " << d;
}

TEST(FitCommand, OneLineADivergence) {
  using Json = nlohmann::json;
  const testing::Ran ran =
      testing::run_program(std::string("fit '") + kHumps + "' --family normal --by kl,reverse-kl --json");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const Json list = Json::parse(ran.out);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_NEAR(list[0]["parameters"]["sd"].get<double>(), std::sqrt(6.5), 1e-4);
  EXPECT_GT(list[0]["share_of_p_covered"].get<double>(), 0.95);
  EXPECT_LT(list[1]["share_of_p_covered"].get<double>(), 0.6);
  EXPECT_TRUE(list[1]["others"].contains("w1"));
  const testing::Ran text =
      testing::run_program(std::string("fit '") + kHumps + "' --family normal --by kl,reverse-kl");
  EXPECT_NE(text.out.find("covers"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("picks"), std::string::npos) << text.out;
}

}  // namespace
}  // namespace pushforward
