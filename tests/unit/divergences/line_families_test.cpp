// SPDX-License-Identifier: Apache-2.0
// Exponential, gamma, beta and Student distributions: closed forms, tails, quantiles; MMD between densities.
#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "divergences/densities/line_families.hpp"
#include "pushforward/density.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kGamma = std::numbers::egamma;

double value(const std::string& spec, const std::string& p, const std::string& q) {
  return density_divergence(parse_spec(spec), parse_density(p), parse_density(q)).value;
}
double entropy_of(const std::string& p) { return density_entropy(parse_density(p)).value; }

TEST(LineFamilies, EntropiesByHand) {
  EXPECT_NEAR(entropy_of("exponential(2)"), 1 - std::log(2.0), 1e-13);
  EXPECT_NEAR(entropy_of("gamma(1,2)"), 1 - std::log(2.0), 1e-13);
  EXPECT_NEAR(entropy_of("gamma(2,1)"), 1 + kGamma, 1e-12);  // a + ln Γ(a) + (1−a)ψ(a), ψ(2) = 1 − γ
  EXPECT_NEAR(entropy_of("gamma(0.5,1)"),
              0.5 + std::log(std::numbers::pi) / 2 - 0.5 * (kGamma + 2 * std::log(2.0)),
              1e-9);  // ψ(½) = −γ − 2 ln 2
  EXPECT_NEAR(entropy_of("beta(1,1)"), 0, 1e-14);
  EXPECT_NEAR(entropy_of("beta(2,1)"), 0.5 - std::log(2.0), 1e-13);              // −∫2x ln 2x
  EXPECT_NEAR(entropy_of("student(1)"), std::log(4 * std::numbers::pi), 1e-11);  // Cauchy
  EXPECT_NEAR(entropy_of("student(1,5,3)"), std::log(12 * std::numbers::pi), 1e-11);
}

TEST(LineFamilies, DivergencesByHand) {
  // ln(a/b) + b/a − 1.
  EXPECT_NEAR(value("kl", "exponential(2)", "exponential(3)"), std::log(2.0 / 3) + 1.5 - 1, 1e-13);
  // Cauchy, any locations and scales: ln[((s₁ + s₂)² + Δ²)/(4 s₁ s₂)] (Chyzak & Nielsen 2019).
  EXPECT_NEAR(value("kl", "student(1,0,1)", "student(1,3,2)"), std::log((9.0 + 9) / 8), 1e-11);
  EXPECT_NEAR(value("reverse-kl", "student(1,0,1)", "student(1,3,2)"), std::log(18.0 / 8), 1e-11);
  EXPECT_NEAR(value("tv", "exponential(1)", "exponential(2)"), 0.25, 1e-13);  // crossing at ln 2: ½ − ¼
  EXPECT_NEAR(value("w1", "exponential(1)", "exponential(2)"), 0.5, 1e-12);
  EXPECT_NEAR(value("w2", "exponential(1)", "exponential(2)"), std::sqrt(0.5), 1e-12);  // (1 − ½)·√2
  EXPECT_NEAR(value("kl", "beta(2,1)", "uniform(0,1)"), std::log(2.0) - 0.5, 1e-13);
  EXPECT_NEAR(value("chi2", "exponential(2)", "exponential(1)"), 1.0 / 3, 1e-12);  // 4/3 − 1
}

TEST(LineFamilies, InfiniteExactlyWhereTheyAre) {
  EXPECT_EQ(value("kl", "normal(0,1)", "exponential(1)"), kInf);
  EXPECT_TRUE(std::isfinite(value("kl", "exponential(1)", "normal(0,1)")));
  // ∫x²·x^(−df−1) of a Student against a normal, ∫|x| against a Laplace.
  EXPECT_EQ(value("kl", "student(2)", "normal(0,1)"), kInf);
  EXPECT_TRUE(std::isfinite(value("kl", "student(2.1)", "normal(0,1)")));
  EXPECT_EQ(value("kl", "student(1)", "laplace(0,1)"), kInf);
  EXPECT_TRUE(std::isfinite(value("kl", "student(1.5)", "laplace(0,1)")));
  EXPECT_EQ(value("reverse-kl", "normal(0,1)", "student(2)"), kInf);
  EXPECT_TRUE(std::isfinite(value("kl", "normal(0,1)", "student(0.5)")));
  EXPECT_EQ(value("chi2", "student(1)", "student(4)"), kInf);  // 2·2 − 5 < 1
  EXPECT_TRUE(std::isfinite(value("chi2", "student(2)", "student(3)")));
  EXPECT_EQ(value("chi2", "exponential(1)", "exponential(2)"), kInf);  // 2·1 − 2 = 0
  EXPECT_EQ(value("chi2", "beta(0.5,1)", "uniform(0,1)"), kInf);       // ∫1/x
  EXPECT_TRUE(std::isfinite(value("chi2", "beta(0.6,1)", "uniform(0,1)")));
  EXPECT_EQ(value("l2", "gamma(0.5,1)", "normal(0,1)"), kInf);  // ∫1/x
  EXPECT_EQ(value("w1", "student(1)", "normal(0,1)"), kInf);
  EXPECT_EQ(value("w2", "student(2)", "normal(0,1)"), kInf);
  EXPECT_TRUE(std::isfinite(value("w1", "student(1.5)", "normal(0,1)")));
  EXPECT_THROW(value("w1", "student(1)", "student(1,2)"), RequestError);
}

TEST(LineFamilies, QuantilesOfBetasInvertTheirDistributionFunctions) {
  for (const auto& [a, b] :
       {std::pair{2.0, 5.0}, {0.5, 0.5}, {0.4, 3.0}, {3.0, 0.4}, {1.0, 1.0}, {0.02, 7.0}, {300.0, 700.0}}) {
    const LineComponent beta{LineComponent::Family::beta, 1, a, b, 0};
    for (double u : {1e-300, 1e-30, 1e-9, 1e-3, 0.2, 0.5}) {
      const double x = quantile_of(beta, u, 1 - u), y = quantile_of(beta, 1 - u, u);
      ASSERT_TRUE(x >= 0 && x <= 1 && y >= 0 && y <= 1) << a << " " << b << " " << u;
      // A relative step of 1e-15 in x is one of a·1e-15 in F. Near 1 doubles are coarse: one up or down
      // encloses.
      if (x > 1e-300) {
        EXPECT_NEAR(cdf_of(beta, x), u, 1e-13 * (1 + a) * u) << a << " " << b << " " << u;
      }
      const double step = 2e-16;
      EXPECT_LE(survival_of(beta, std::min(y + step, 1.0)), u * (1 + 1e-12)) << a << " " << b << " " << u;
      EXPECT_GE(survival_of(beta, y - step), u * (1 - 1e-12)) << a << " " << b << " " << u;
    }
  }
}

// Boost's inverse ended in an exception for each of these. S(x) = (1−x)^5 (1+5x), T = −ln S/3; thirty digits.
TEST(LineFamilies, TransportFromABeta) {
  EXPECT_NEAR(value("w1", "beta(2,5)", "exponential(3)"), 0.10597673564472696, 1e-13);
  EXPECT_NEAR(value("w2", "beta(2,5)", "exponential(3)"), 0.19348747369596322, 1e-13);
  EXPECT_NEAR(value("w2", "exponential(3)", "beta(2,5)"), 0.19348747369596322, 1e-13);
}

// The arcsine law: H = ln(π/4). Of its pole at 1 doubles see all but 1e-8 of the mass: the error told says
// so.
TEST(LineFamilies, APoleAtOneIsInTheErrorTold) {
  const DensityReading entropy = density_entropy(parse_density("beta(0.5,0.5)"));
  EXPECT_NEAR(entropy.value, std::log(std::numbers::pi / 4), *entropy.error_estimate);
  EXPECT_LT(*entropy.error_estimate, 1e-6);
  // mpmath, quadrature of twenty digits in x and in 1 − x.
  for (const auto& [p, q, exact] : {std::tuple{"beta(0.5,0.5)", "normal(0.5,0.4)", 0.634837276601008},
                                    {"beta(3,0.4)", "normal(0,1)", 2.8075155394961},
                                    {"beta(0.4,3)", "normal(0,1)", 2.42516259831963}}) {
    const DensityReading kl = density_divergence(parse_spec("kl"), parse_density(p), parse_density(q));
    EXPECT_NEAR(kl.value, exact, *kl.error_estimate + 1e-13) << p;
    EXPECT_LT(*kl.error_estimate, 1e-4) << p;
  }
}

TEST(LineFamilies, PartialMeansAreTheIntegralsOfTheirDensities) {
  for (const char* text : {"normal(1,2)", "uniform(-1,3)", "laplace(1,2)", "exponential(0.7)",
                           "gamma(2.5,1.5)", "beta(2,3)", "student(4,1,2)"}) {
    const auto density = std::get<LineDensity>(parse_density(text));
    const LineComponent& c = density.components()[0];
    const double low = density.quantile(0.2, 0.8), high = density.quantile(0.8, 0.2);
    double sum = 0;  // by the midpoint rule, h²: 1e-7
    constexpr int kSteps = 4000;
    for (int i = 0; i < kSteps; ++i) {
      const double x = low + (high - low) * (i + 0.5) / kSteps;
      sum += x * std::exp(density.log_density(x)) * (high - low) / kSteps;
    }
    EXPECT_NEAR(partial_mean(c, high) - partial_mean(c, low), sum, 1e-6) << text;
    EXPECT_NEAR(partial_mean(c, density.quantile(1 - 1e-15, 1e-15)), density.mean(), 1e-9) << text;
    EXPECT_NEAR(cdf_of(c, high), 0.8, 1e-12) << text;
    EXPECT_NEAR(survival_of(c, low), 0.8, 1e-12) << text;
  }
}

TEST(KernelDistance, ClosedFormsAgreeWithQuadrature) {
  // Two normals by hand: E k = σ/s·e^(−Δ²/2s²), s² = σ² + the variances.
  const double s1 = 1.0 / std::sqrt(3.0), s2 = 1.0 / std::sqrt(9.0), s3 = 1.0 / std::sqrt(6.0);
  EXPECT_NEAR(value("mmd:bandwidth=1", "normal(0,1)", "normal(1,2)"), s1 + s2 - 2 * s3 * std::exp(-1.0 / 12),
              1e-14);
  // A gamma of shape 1 is an exponential, a beta(1,1) a uniform: one goes by its closed form, one by
  // quadrature.
  for (const char* other : {"normal(0,1)", "laplace(1,2)", "uniform(-1,2)", "exponential(2)"}) {
    EXPECT_NEAR(value("mmd:bandwidth=0.7", "gamma(1,1.5)", other),
                value("mmd:bandwidth=0.7", "exponential(1.5)", other), 1e-10)
        << other;
    EXPECT_NEAR(value("mmd:bandwidth=2", "beta(1,1)", other), value("mmd:bandwidth=2", "uniform(0,1)", other),
                1e-10)
        << other;
  }
  EXPECT_LT(value("mmd", "laplace(0,1)", "laplace(0,1)"), 1e-15);
  // As a kernel narrows, MMD² tends to √(2π)σ·L2.
  EXPECT_NEAR(
      value("mmd:bandwidth=0.001", "laplace(0,1)", "normal(0,1)") / (std::sqrt(2 * std::numbers::pi) * 0.001),
      value("l2", "laplace(0,1)", "normal(0,1)"), 1e-5);
}

}  // namespace
}  // namespace pushforward
