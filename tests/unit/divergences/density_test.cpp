// SPDX-License-Identifier: Apache-2.0
// Densities: quadrature against closed forms, infinite cases, transport maps, Gaussians of R^d, the parser's
// errors.
#include "pushforward/density.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "io/npy.hpp"
#include "pushforward/error.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kPi = std::numbers::pi;

DensityReading reading(const std::string& spec, const std::string& p, const std::string& q) {
  return density_divergence(parse_spec(spec), parse_density(p), parse_density(q));
}
double value(const std::string& spec, const std::string& p, const std::string& q) {
  return reading(spec, p, q).value;
}

// The same normal as a mixture of two equal halves, which only quadrature can take.
std::string halves(const std::string& normal) { return "0.5*" + normal + "+0.5*" + normal; }

TEST(DensityQuadrature, AgreesWithTheClosedFormsOfGaussians) {
  for (const auto& [p, q] : {std::pair<std::string, std::string>{"normal(0,1)", "normal(1,2)"},
                             {"normal(3,0.5)", "normal(2,0.7)"},
                             {"normal(0,1)", "normal(0.001,1.0001)"},
                             {"normal(-5,1)", "normal(5,1.5)"},
                             {"normal(0,0.001)", "normal(0.002,0.003)"}})
    for (const char* spec :
         {"hellinger", "kl", "reverse-kl", "chi2", "l2", "cross-entropy", "renyi:alpha=0.5", "renyi:alpha=2",
          "renyi:alpha=1.3", "alpha:alpha=0.3", "alpha:alpha=2", "w2"}) {
      const double exact = value(spec, p, q);
      const DensityReading found = reading(spec, halves(p), halves(q));
      EXPECT_NEAR(found.value, exact, 1e-12 * std::abs(exact) + 1e-17) << spec << " " << p << " " << q;
      ASSERT_TRUE(found.error_estimate.has_value());
      EXPECT_LE(std::abs(found.value - exact), 100 * *found.error_estimate) << spec << " " << p << " " << q;
    }
}

TEST(DensityQuadrature, WorkedExamples) {
  // ½ erfc-differences: TV of N(0,1), N(2,1) is 2Φ(1) − 1 = erf(1/√2).
  EXPECT_NEAR(value("tv", "normal(0,1)", "normal(2,1)"), std::erf(1 / std::numbers::sqrt2), 1e-14);
  EXPECT_NEAR(value("tv", "uniform(0,1)", "uniform(0.5,1.5)"), 0.5, 1e-14);
  EXPECT_NEAR(value("js", "uniform(0,1)", "uniform(0.5,1.5)"), std::numbers::ln2 / 2, 1e-14);
  EXPECT_NEAR(value("kl", "uniform(0,1)", "uniform(0,4)"), std::log(4), 1e-14);
  EXPECT_NEAR(value("chi2", "uniform(0,1)", "uniform(0,4)"), 3, 1e-13);  // 1·4 − 1
  // KL of two Laplace distributions of one scale b, means Δ apart: e^(−Δ/b) − 1 + Δ/b.
  EXPECT_NEAR(value("kl", "laplace(0,2)", "laplace(3,2)"), std::exp(-1.5) - 1 + 1.5, 1e-13);
  // Far apart: densities underflow where the other lives, logarithms do not.
  EXPECT_NEAR(value("kl", halves("normal(0,1)"), halves("normal(1000,1)")), 500000, 1e-6);
  EXPECT_NEAR(value("kl", "normal(0,1)", "laplace(1000,1)"), 1000 + std::log(2) - std::log(2 * kPi) / 2 - 0.5,
              1e-9);
  EXPECT_NEAR(value("js", "normal(0,1)", "normal(1000,1)"), std::numbers::ln2, 1e-14);
}

// A normal's density is 0 to a double where a Student's or a Laplace's still counts: the general form sees it
// as the divergences' own files do.
TEST(DensityQuadrature, NamedGeneratorsKeepTheTailsOfTheirOwnFiles) {
  for (const auto& [p, q] : {std::pair<std::string, std::string>{"student(5)", "normal(0.3,1)"},
                             {"normal(0.3,1)", "laplace(0,0.9)"},
                             {"normal(0.3,1)", "student(4,0,2)"},
                             {"gamma(2,1)", "gamma(5,0.2)"}}) {
    const double kl = value("kl", p, q), reverse = value("reverse-kl", p, q);
    ASSERT_TRUE(std::isfinite(kl) && std::isfinite(reverse)) << p << " " << q;
    const auto close = [&](const char* generator, double wanted, const std::string& from,
                           const std::string& to) {
      const double found = value(std::string("f:generator=") + generator, from, to);
      if (std::isinf(wanted)) {
        EXPECT_EQ(found, wanted) << generator << " " << from << " " << to;
      } else {
        EXPECT_NEAR(found, wanted, 1e-11 * wanted) << generator << " " << from << " " << to;
      }
    };
    close("kl", kl, p, q), close("kl", reverse, q, p);
    close("reverse-kl", reverse, p, q), close("reverse-kl", kl, q, p);
    close("jeffreys", kl + reverse, p, q), close("jeffreys", kl + reverse, q, p);
    close("chi2", value("chi2", p, q), p, q), close("chi2", value("chi2", q, p), q, p);
    close("neyman-chi2", value("chi2", p, q), q, p), close("neyman-chi2", value("chi2", q, p), p, q);
    close("js", value("js", p, q), p, q), close("tv", value("tv", p, q), p, q);
  }
  EXPECT_TRUE(std::isfinite(value("chi2", "normal(0.3,1)", "student(4,0,2)")));
}

// q rises above p by 1e-6 of it, on a piece of 0.015. By sums of distribution functions between the roots of
// p − q, to thirty digits.
TEST(DensityQuadrature, SeesWhereDensitiesAllButTouch) {
  const DensityReading found = reading("tv", "0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)",
                                       "normal(2.297844084372044,0.97102025537356285)");
  ASSERT_TRUE(found.error_estimate.has_value());
  EXPECT_NEAR(found.value, 0.499169452527114497, *found.error_estimate);
}

TEST(DensityQuadrature, FindsPowersThatLiveFarFromBoth) {
  // p²/q of N(0, 1.99) against N(1, 1): variance 199, centre −198: nowhere near p or q.
  const std::string p = "normal(0,1.410673597966589)", q = "normal(1,1)";
  const double exact = value("chi2", p, q);
  EXPECT_NEAR(value("chi2", halves(p), halves(q)) / exact, 1, 1e-10);
}

TEST(DensityQuadrature, RenyiOfFarDensitiesDoesNotOverflow) {
  // Order 2: δ² = 10^4 for unit normals 100 apart, though ∫p²/q = e^10000.
  EXPECT_NEAR(value("renyi:alpha=2", "normal(0,1)", "normal(100,1)"), 10000, 1e-9);
  EXPECT_NEAR(value("renyi:alpha=2", halves("normal(0,1)"), halves("normal(100,1)")), 10000, 1e-7);
  // ∫₀^50 e^(x²/2s²) dx over √(2π)s·…: all of it within s²/50 of the end. ln[√(2π)s/50²·s²/50·e^(50²/2s²)(1 +
  // (s/50)²)].
  const double s = 0.01, tail = s * s / 50 * (1 + s * s / 2500);
  EXPECT_NEAR(value("renyi:alpha=2", "uniform(0,50)", "normal(0,0.01)"),
              1250 / (s * s) + std::log(std::sqrt(2 * kPi) * s / 2500 * tail), 1e-7);
}

TEST(DensityQuadrature, TakesSpreadsOfAnySize) {
  for (double s : {1e-200, 1e-20, 1e20, 1e150}) {
    char narrow[64], wide[64], shifted[64];
    std::snprintf(narrow, sizeof narrow, "normal(0,%g)", s);
    std::snprintf(wide, sizeof wide, "normal(%g,%g)", s, 2 * s);
    std::snprintf(shifted, sizeof shifted, "uniform(0,%g)", s);
    EXPECT_NEAR(value("kl", narrow, wide), value("kl", "normal(0,1)", "normal(1,2)"), 1e-12) << s;
    EXPECT_NEAR(value("kl", halves(narrow), halves(wide)), value("kl", "normal(0,1)", "normal(1,2)"), 1e-12)
        << s;
    EXPECT_NEAR(value("js", narrow, shifted), value("js", "normal(0,1)", "uniform(0,1)"), 1e-12) << s;
    EXPECT_NEAR(value("w2", narrow, shifted) / s, value("w2", "normal(0,1)", "uniform(0,1)"), 1e-11) << s;
  }
}

TEST(DensityQuadrature, TakesSpreadsOfVeryDifferentSizes) {
  // With r the ratio of scales, 0 beside 1: KL of Laplaces is −ln r − 1 + r, and between others by hand
  // alike.
  // Densities of 1e200 are exponentials of 460, whose rounding (1e-13 of them) times 460 is 3e-11.
  constexpr double kLogs = 6e-11;
  const double log_r = -200 * std::log(10.0);
  EXPECT_NEAR(value("kl", "laplace(0,1e-200)", "laplace(0,1)"), -log_r - 1, kLogs);
  EXPECT_NEAR(value("kl", "laplace(3,1e-200)", "laplace(0,1)"), -log_r - 1 + 3, kLogs);
  // However narrow, a Laplace density is positive where a uniform one is 0.
  EXPECT_EQ(value("kl", "laplace(3,1e-200)", "uniform(-1,6)"), HUGE_VAL);
  EXPECT_NEAR(value("kl", "uniform(2,2.5)", "uniform(-1e200,1e200)"), -log_r + std::log(4), kLogs);
  // ∫p² of a Laplace is 1/(4b); ∫p²/q at a point is that over q there.
  EXPECT_NEAR(value("l2", "laplace(0,1e-200)", "laplace(0,1)") / 2.5e199, 1, 1e-12);
  EXPECT_NEAR(value("l2", "laplace(0,1e200)", "laplace(0,2e200)") * 1e200, 0.25 + 0.125 - 2.0 / 6, 1e-14);
  EXPECT_NEAR(value("chi2", "laplace(0,1e-200)", "laplace(0,1)") / 5e199, 1, 1e-12);
  EXPECT_EQ(value("chi2", "laplace(7,1e-200)", "uniform(0,10)"), HUGE_VAL);
  EXPECT_NEAR(value("renyi:alpha=2", "laplace(0,1e-200)", "laplace(0,1)"), std::log(5) - log_r - std::log(10),
              kLogs);
  // Nothing in common but what half of one has.
  const std::string both = "0.5*normal(3,1e-200)+0.5*normal(0,1)";
  EXPECT_NEAR(value("tv", both, "normal(0,1)"), 0.5, 1e-12);
  EXPECT_NEAR(value("tv", "normal(3,1e-200)", "normal(0,1)"), 1, 1e-12);
  EXPECT_NEAR(value("js", "normal(3,1e-200)", "normal(0,1)"), std::numbers::ln2, 1e-12);
  EXPECT_NEAR(value("js", "normal(1e300,1)", "normal(-1e300,1e300)"), std::numbers::ln2, 1e-12);
  EXPECT_NEAR(value("chi2", both, "normal(0,1)") /
                  (0.25 / (2 * std::sqrt(kPi)) * 1e200 * std::sqrt(2 * kPi) * std::exp(4.5)),
              1, kLogs);
  EXPECT_NEAR(density_entropy(parse_density(both)).value,
              std::log(2) + std::log(2 * kPi * std::numbers::e) / 2 + log_r / 2, kLogs);
  EXPECT_NEAR(value("w2", "laplace(3,1e-200)", "uniform(2,4)"), std::sqrt(1.0 / 3), 1e-12);
  EXPECT_NEAR(value("w1", "laplace(3,1e-200)", "uniform(2,4)"), 0.5, 1e-12);
}

TEST(DensityQuadrature, RefusesWhatDoublesCannotHold) {
  // Two peaks, each narrower than the steps between doubles where the other is the origin.
  EXPECT_THROW(value("tv", "laplace(5,1e-200)", "laplace(6,1e-200)"), RequestError);
  EXPECT_THROW(value("w2", "uniform(-1e308,1e308)", "normal(0,1)"), RequestError);
  EXPECT_THROW(value("kl", "laplace(0,1e-320)", "laplace(0,1)"), RequestError);
}

TEST(DensityDivergence, IsInfiniteExactlyWhereItIs) {
  for (const char* spec : {"kl", "chi2", "cross-entropy", "renyi:alpha=2"}) {
    EXPECT_EQ(value(spec, "normal(0,1)", "uniform(-1,1)"), kInf) << spec;
    EXPECT_EQ(value(spec, "uniform(0,3)", "0.5*uniform(0,1)+0.5*uniform(2,3)"), kInf) << spec;  // a gap
    EXPECT_TRUE(std::isfinite(value(spec, "uniform(0,3)", "0.5*uniform(0,1)+0.5*uniform(1,3)"))) << spec;
  }
  EXPECT_TRUE(std::isfinite(value("kl", "uniform(-1,1)", "normal(0,1)")));
  EXPECT_TRUE(std::isfinite(value("kl", "laplace(0,1)", "normal(0,1)")));
  // χ² needs var p < 2 var q, and a normal can never cover a Laplace distribution.
  EXPECT_EQ(value("chi2", halves("normal(0,1.42)"), halves("normal(0,1)")), kInf);
  EXPECT_TRUE(std::isfinite(value("chi2", halves("normal(0,1.41)"), halves("normal(0,1)"))));
  EXPECT_EQ(value("chi2", "normal(0,1.42)", "normal(0,1)"), kInf);
  EXPECT_EQ(value("chi2", "laplace(0,1)", "normal(0,100)"), kInf);
  EXPECT_TRUE(std::isfinite(value("chi2", "normal(0,5)", "laplace(0,1)")));
  EXPECT_EQ(value("chi2", "laplace(0,2)", "laplace(0,1)"), kInf);  // 2/2 − 1/1 = 0: constant tails
  EXPECT_TRUE(std::isfinite(value("chi2", "laplace(0,1.99)", "laplace(0,1)")));
  EXPECT_EQ(value("renyi:alpha=0.5", "uniform(0,1)", "uniform(2,3)"), kInf);
}

TEST(DensityTransport, OfKnownMaps) {
  EXPECT_NEAR(value("w1", "normal(0,1)", "normal(3,1)"), 3, 1e-13);
  // x ↦ 2 + 3x: ∫(2 + 2x)² dx = 4 + 4 + 4/3.
  EXPECT_NEAR(value("w2", "uniform(0,1)", "uniform(2,5)"), std::sqrt(28.0 / 3), 1e-13);
  EXPECT_NEAR(value("w:p=3", "uniform(0,1)", "uniform(2,5)"), std::cbrt(30.0),
              1e-13);  // ∫(2+2x)³ = (256 − 16)/8
  // Half of the mass stays, half moves by 10: a gap in q, where the map jumps.
  EXPECT_NEAR(value("w2", "uniform(0,2)", "0.5*uniform(0,1)+0.5*uniform(11,12)"), std::sqrt(50.0), 1e-12);
  // The map from a bounded to an unbounded density has poles: ∫(y − G⁻¹)² for Laplace(0,2), U(0,1) by hand:
  // E y² + E x² − 2∫x·y = 8 + 1/3 − 2·∫₀¹ u·G⁻¹(u)du, and ∫ u G⁻¹ = ½E|Y − Y'|/2 = 3/4·2/2 = 0.75.
  EXPECT_NEAR(value("w2", "uniform(0,1)", "laplace(0,2)"), std::sqrt(8 + 1.0 / 3 - 2 * 0.75), 1e-12);
  // E|X − Y| of N(0,1) and N(0,s): means of |N|: W1 = |s − 1|·√(2/π).
  EXPECT_NEAR(value("w1", "normal(0,1)", "normal(0,3)"), 2 * std::sqrt(2 / kPi), 1e-13);
  // Energy of two unit normals Δ apart from E|N(Δ,2)| = 2/√π·e^(−Δ²/4) + Δ·erf(Δ/2).
  const double xy = 2 / std::sqrt(kPi) * std::exp(-1) + 2 * std::erf(1), xx = 2 / std::sqrt(kPi);
  EXPECT_NEAR(value("energy", "normal(0,1)", "normal(2,1)"), 2 * (xy - xx), 1e-13);
}

TEST(LineDensity, QuantilesReachBothTails) {
  const auto density =
      std::get<LineDensity>(parse_density("0.3*normal(-2,0.5)+0.5*laplace(1,2)+0.2*uniform(4,6)"));
  for (double u : {1e-300, 1e-20, 1e-5, 0.01, 0.3, 0.5}) {
    const double low = density.quantile(u, 1 - u), high = density.quantile(1 - u, u);
    EXPECT_NEAR(density.cdf(low) / u, 1, 1e-12) << u;
    EXPECT_NEAR(density.survival(high) / u, 1, 1e-12) << u;
  }
}

TEST(LineDensity, CouplingIsMonotoneAndCarriesOneToTheOther) {
  const auto p = std::get<LineDensity>(parse_density("normal(0,1)"));
  const auto q = std::get<LineDensity>(parse_density("normal(1,2)"));
  const LineCoupling c = line_coupling(p, q, 1001);
  EXPECT_NEAR(c.x[500], 0, 1e-12);
  for (std::size_t i = 0; i < c.x.size(); ++i) EXPECT_NEAR(c.y[i], 1 + 2 * c.x[i], 1e-11);
}

TEST(DensityEntropy, WorkedExamples) {
  const auto h = [](const std::string& text) { return density_entropy(parse_density(text)).value; };
  EXPECT_NEAR(h("normal(3,2)"), std::log(2) + std::log(2 * kPi * std::numbers::e) / 2, 1e-15);
  EXPECT_NEAR(h(halves("normal(3,2)")), h("normal(3,2)"), 1e-13);
  EXPECT_NEAR(h("uniform(0,0.25)"), -std::log(4), 1e-14);
  EXPECT_NEAR(h("laplace(0,3)"), 1 + std::log(6), 1e-13);
  EXPECT_NEAR(h("0.5*uniform(0,1)+0.5*uniform(5,6)"), std::log(2), 1e-14);
}

// ---- Gaussians of R^d ----

GaussianDensity gaussian(std::vector<double> mean, const std::vector<double>& covariance) {
  Matrix<double> m(mean.size(), mean.size());
  std::copy(covariance.begin(), covariance.end(), m.data());
  return make_gaussian("test", std::move(mean), std::move(m));
}
double between(const std::string& spec, const GaussianDensity& p, const GaussianDensity& q) {
  return density_divergence(parse_spec(spec), p, q).value;
}

TEST(Gaussians, BuresWassersteinOfThePublishedPair) {
  const auto p = gaussian({0, 0}, {1, 0.5, 0.5, 2}), q = gaussian({0, 0}, {2, -0.3, -0.3, 1});
  EXPECT_NEAR(bures_wasserstein_squared(p, q), 0.5754258933, 5e-11);
  EXPECT_NEAR(bures_wasserstein_squared(q, p), 0.5754258933, 5e-11);
  EXPECT_LT(bures_wasserstein_squared(p, p), 1e-29);
  // Singular: N((0,0), diag(1,0)) to N((3,4), diag(4,0)): 25 + (1 − 2)².
  EXPECT_NEAR(bures_wasserstein_squared(gaussian({0, 0}, {1, 0, 0, 0}), gaussian({3, 4}, {4, 0, 0, 0})), 26,
              1e-13);
}

TEST(Gaussians, ClosedFormsWithDiagonalCovariancesAreSumsOverCoordinates) {
  const auto p = gaussian({1, 0}, {4, 0, 0, 1}), q = gaussian({0, 2}, {1, 0, 0, 9});
  // ½[λ − 1 − ln λ + δ²] with λ = 4, 1/9 and δ = 1, −2/3.
  const double kl = (4 - 1 - std::log(4) + 1) / 2 + (1.0 / 9 - 1 + std::log(9) + 4.0 / 9) / 2;
  EXPECT_NEAR(between("kl", p, q), kl, 1e-14);
  EXPECT_NEAR(between("reverse-kl", q, p), kl, 1e-14);
  EXPECT_NEAR(between("cross-entropy", p, q), density_entropy(p).value + kl, 1e-14);
  EXPECT_NEAR(density_entropy(p).value, std::log(2 * kPi * std::numbers::e) + std::log(2), 1e-14);
  EXPECT_EQ(between("chi2", p, q), kInf);  // 4 > 2·1 in the first coordinate
  // Hellinger: Σ√(pq) = Π √(2ab/(a²+b²)) e^(−Δ²/(4(a²+b²))) with a, b the deviations.
  const double overlap = std::sqrt(4.0 / 5) * std::exp(-1.0 / 20) * std::sqrt(6.0 / 10) * std::exp(-4.0 / 40);
  EXPECT_NEAR(between("hellinger", p, q), std::sqrt(2 - 2 * overlap), 1e-14);
}

TEST(Gaussians, ClosedFormsDoNotChangeUnderInvertibleMaps) {
  const auto p = gaussian({1, 0}, {4, 0, 0, 1}), q = gaussian({0, 2}, {3, 0, 0, 2});
  // The same pair after x ↦ Ax with A = (2, 1; 0, 3): covariances AΣAᵀ.
  const auto mapped = [](const GaussianDensity& g) {
    const double a = g.covariance(0, 0), b = g.covariance(1, 1);
    return gaussian({2 * g.mean[0] + g.mean[1], 3 * g.mean[1]}, {4 * a + b, 3 * b, 3 * b, 9 * b});
  };
  for (const char* spec :
       {"kl", "reverse-kl", "hellinger", "chi2", "renyi:alpha=0.7", "alpha:alpha=-0.2", "alpha:alpha=1.5"})
    EXPECT_NEAR(between(spec, mapped(p), mapped(q)), between(spec, p, q), 1e-12) << spec;
}

TEST(Gaussians, MonteCarloAgreesWithQuadratureOfAProduct) {
  // Coordinates that p and q share change no f-divergence: quadrature on the line is the oracle. Four of
  // them, where cubature is not tried. Five standard errors, seed fixed.
  const auto p = gaussian({0, 0, 0, 0}, {1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3}),
             q = gaussian({1, 0, 0, 0}, {4, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3});
  for (const char* spec : {"tv", "js", "sqrt-js", "f:generator=le-cam"}) {
    const DensityReading found = density_divergence(parse_spec(spec), p, q);
    ASSERT_TRUE(found.standard_error.has_value()) << spec;
    EXPECT_NEAR(found.value, value(spec, "normal(0,1)", "normal(1,2)"), 5 * *found.standard_error) << spec;
    EXPECT_LT(*found.standard_error, 2e-3) << spec;
    EXPECT_EQ(found.value, density_divergence(parse_spec(spec), p, q).value) << "same seed, same bits";
  }
  const auto flat_p = gaussian({0, 0}, {1, 0, 0, 1e-20}), flat_q = gaussian({2, 0}, {1, 0, 0, 1e-20});
  const DensityReading energy = density_divergence({"energy"}, flat_p, flat_q);
  EXPECT_NEAR(energy.value, value("energy", "normal(0,1)", "normal(2,1)"), 5 * *energy.standard_error);
}

TEST(Gaussians, EntropiesOfAJointGaussian) {
  const double rho = 0.6;
  const JointEntropies h = gaussian_joint_entropies(gaussian({0, 5}, {4, 2 * 3 * rho, 2 * 3 * rho, 9}), 1);
  const double unit = std::log(2 * kPi * std::numbers::e) / 2;
  EXPECT_NEAR(h.mutual_information, -std::log(1 - rho * rho) / 2, 1e-15);
  EXPECT_NEAR(h.x, unit + std::log(2), 1e-15);
  EXPECT_NEAR(h.y, unit + std::log(3), 1e-15);
  EXPECT_NEAR(h.y_given_x, unit + std::log(3 * std::sqrt(1 - rho * rho)), 1e-14);
  EXPECT_NEAR(h.joint, 2 * unit + std::log(6 * std::sqrt(1 - rho * rho)), 1e-14);
}

// ---- the parser and the command ----

std::string complaint(const std::string& text) {
  try {
    parse_density(text);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

TEST(DensityParser, NamesTheCharacter) {
  EXPECT_EQ(complaint(" 0.25 * normal( -2 , 1e-3 ) + 0.75*laplace(2,1)"), "");
  EXPECT_NE(complaint("norml(0,1)").find("did you mean 'normal'?"), std::string::npos);
  EXPECT_NE(complaint("normal(0;1)").find("character 9"), std::string::npos);
  EXPECT_NE(complaint("normal(0,1").find("the end"), std::string::npos);
  EXPECT_NE(complaint("normal(0,-1)").find("above 0"), std::string::npos);
  EXPECT_NE(complaint("uniform(2,1)").find("smaller end first"), std::string::npos);
  EXPECT_NE(complaint("0.5*normal(0,1)+0.6*normal(1,1)").find("1.1"), std::string::npos);
  EXPECT_NE(complaint("normal(0,1) normal(0,1)").find("'+'"), std::string::npos);
  EXPECT_NE(complaint("").find("normal(mean,sd)"), std::string::npos);
  EXPECT_NE(complaint("normal(nan,1)").find("finite number"), std::string::npos);
}

TEST(DensityCommand, PrintsAList) {
  using Json = nlohmann::ordered_json;
  const auto one = testing::run_program("density 'normal(0,1)' 'normal(3,1)' -m w2 --json");
  ASSERT_EQ(one.status, 0) << one.err;
  EXPECT_NEAR(Json::parse(one.out)[0]["value"].get<double>(), 3, 1e-14);
  const auto all = testing::run_program("density 'normal(0,1)' 'uniform(0,1)' --json");
  ASSERT_EQ(all.status, 0) << all.err;
  const Json list = Json::parse(all.out);
  EXPECT_EQ(list.size(), 15u);
  EXPECT_EQ(list[4]["value"], "inf");
  EXPECT_TRUE(list[0].contains("error_estimate"));
  EXPECT_EQ(testing::run_program("density 'normal(0,1)' 'normal(0,0)'").status, 2);
}

TEST(DensityCommand, ReadsMvnormalFromFiles) {
  const testing::Folder folder;
  const auto write = [&](const char* name, const std::vector<double>& values,
                         std::vector<std::size_t> shape) {
    io::write_npy(folder / name, io::ArrayView(std::span<const double>(values), std::move(shape)));
  };
  write("m.npy", {0, 0}, {2});
  write("p.npy", {1, 0.5, 0.5, 2}, {2, 2});
  write("q.npy", {2, -0.3, -0.3, 1}, {2, 2});
  write("bad.npy", {1, 0.5, 0.4, 2}, {2, 2});
  const auto mv = [&](const char* cov) {
    return "'mvnormal(" + folder / "m.npy" + "," + folder / cov + ")'";
  };
  const auto w2 = testing::run_program("density " + mv("p.npy") + " " + mv("q.npy") + " -m w2 --json");
  ASSERT_EQ(w2.status, 0) << w2.err;
  EXPECT_NEAR(std::pow(nlohmann::json::parse(w2.out)[0]["value"].get<double>(), 2), 0.5754258933, 5e-11);
  const auto split = testing::run_program("density " + mv("p.npy") + " --split 1 --json");
  ASSERT_EQ(split.status, 0) << split.err;
  EXPECT_NEAR(nlohmann::json::parse(split.out)["mutual_information"].get<double>(), -std::log(1 - 0.125) / 2,
              1e-14);
  const auto bad = testing::run_program("density " + mv("bad.npy") + " " + mv("q.npy"));
  EXPECT_EQ(bad.status, 2);
  EXPECT_NE(bad.err.find("symmetric"), std::string::npos) << bad.err;
}

}  // namespace
}  // namespace pushforward
