// SPDX-License-Identifier: Apache-2.0
// Special cases, conventions, and values of an independent program (SciPy 1.x, printed to 17 digits).
#include "pushforward/divergence.hpp"

#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

using Vector = std::vector<double>;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kSmallest = std::numeric_limits<double>::denorm_min();

double value(const std::string& spec, const Vector& p, const Vector& q, const Vector& positions = {}) {
  return divergence(parse_spec(spec), p, q, positions);
}

Vector random_masses(std::size_t k, std::uint64_t number) {
  Vector masses(k);
  fill_uniform(std::span<double>(masses), Draw{5, stream_id("divergence test"), number}, 0.01, 1);
  return distribution_of("test", masses, {.normalize = true});
}

// Every f-divergence with a file of its own is a row of the generator table; both ways of computing must
// agree.
TEST(FDivergence, SpecialCasesAgreeWithTheirGenerators) {
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    const Vector p = random_masses(7, trial), q = random_masses(7, 100 + trial);
    const double hellinger = value("hellinger", p, q), chi2 = value("chi2", p, q), kl = value("kl", p, q);
    EXPECT_NEAR(value("f:generator=tv", p, q), value("tv", p, q), 1e-15);
    EXPECT_NEAR(value("f:generator=squared-hellinger", p, q), hellinger * hellinger, 1e-15);
    EXPECT_NEAR(value("f:generator=chi2", p, q), chi2, 1e-14 * (1 + chi2));
    EXPECT_NEAR(value("f:generator=neyman-chi2", p, q), value("chi2", q, p), 1e-13);
    EXPECT_NEAR(value("f:generator=kl", p, q), kl, 1e-15 * 7);
    EXPECT_NEAR(value("f:generator=reverse-kl", p, q), value("kl", q, p), 1e-14);
    EXPECT_NEAR(value("f:generator=jeffreys", p, q), kl + value("kl", q, p), 1e-14);
    EXPECT_NEAR(value("f:generator=js", p, q), value("js", p, q), 1e-15);
    EXPECT_NEAR(value("reverse-kl", p, q), value("kl", q, p), 1e-15);
    EXPECT_NEAR(value("sqrt-js", p, q), std::sqrt(value("js", p, q)), 1e-15);
  }
}

TEST(FDivergence, AUsersOwnGeneratorTakesItsLimitsAtTheBorder) {
  // The hockey-stick divergence E_γ, f(t) = (t − γ)₊ shifted so that f(1) = 0 needs no care: γ = 2 gives f(1)
  // = 0.
  FGenerator hockey{"hockey-stick",
                    "(t − 2)+",
                    [](double t) { return std::max(0.0, t - 2); },
                    [](double t) { return t > 2 ? 1.0 : 0.0; },
                    0,
                    1};
  const auto made = make_f_divergence(hockey);
  const Vector p = {0.5, 0.5, 0}, q = {0.1, 0, 0.9};
  EXPECT_NEAR(made->measure({p, q}), 0.3 + 0.5, 1e-15);  // (0.5 − 2·0.1) + 0.5·1
}

TEST(AlphaLadder, PassesThroughKlHellingerAndChiSquare) {
  for (std::uint64_t trial = 0; trial < 20; ++trial) {
    const Vector p = random_masses(5, trial), q = random_masses(5, 50 + trial);
    const double hellinger = value("hellinger", p, q);
    EXPECT_NEAR(value("alpha:alpha=2", p, q), value("chi2", p, q) / 2, 1e-13);
    EXPECT_NEAR(value("alpha:alpha=0.5", p, q), 2 * hellinger * hellinger, 1e-14);
    EXPECT_NEAR(value("alpha:alpha=-1", p, q), value("chi2", q, p) / 2, 1e-13);
    EXPECT_NEAR(value("alpha:alpha=1", p, q), value("kl", p, q), 0);
    EXPECT_NEAR(value("alpha:alpha=0", p, q), value("kl", q, p), 1e-15);
    // Smooth through its special values: D_α − KL = O(α − 1).
    EXPECT_NEAR(value("alpha:alpha=1.000000001", p, q), value("kl", p, q), 1e-7);
    EXPECT_NEAR(value("alpha:alpha=0.000000001", p, q), value("kl", q, p), 1e-7);
    for (double alpha : {-1.5, 0.3, 0.7, 1.5, 3.0}) {  // D_α(p‖q) = D_{1−α}(q‖p)
      const double there = value("alpha:alpha=" + std::to_string(alpha), p, q);
      EXPECT_NEAR(there, value("alpha:alpha=" + std::to_string(1 - alpha), q, p), 1e-12 * (1 + there));
    }
  }
}

TEST(Renyi, IsTheLogarithmOfTheAlphaDivergence) {
  const Vector p = random_masses(6, 1), q = random_masses(6, 2);
  double before = 0;
  for (double alpha : {0.2, 0.5, 0.9, 1.5, 2.0, 5.0, 20.0}) {
    const std::string option = "alpha=" + std::to_string(alpha);
    const double renyi = value("renyi:" + option, p, q), d = value("alpha:" + option, p, q);
    EXPECT_NEAR(renyi, std::log1p(alpha * (alpha - 1) * d) / (alpha - 1), 1e-13);
    EXPECT_GE(renyi, before) << "Rényi divergence grows with its order";
    before = renyi;
  }
  EXPECT_NEAR(value("renyi:alpha=2", p, q), std::log1p(value("chi2", p, q)), 1e-14);
  EXPECT_EQ(value("renyi:alpha=1", p, q), value("kl", p, q));
}

TEST(Renyi, OfLargeOrderDoesNotOverflow) {
  // Σ p^α q^(1−α) = 10^594 here; its logarithm over α − 1 is not large: → ln max p/q as α → ∞.
  const Vector p = {0.999, 0.001}, q = {0.000001, 0.999999};
  const double expected = (100 * std::log(0.999) + 99 * std::log(1e6)) / 99;
  EXPECT_NEAR(value("renyi:alpha=100", p, q), expected, 1e-12 * expected);
}

TEST(Conventions, ZerosAndInfinities) {
  const Vector p = {0.5, 0.5, 0}, q = {0.5, 0, 0.5};
  for (const char* spec :
       {"kl", "reverse-kl", "chi2", "cross-entropy", "renyi:alpha=2", "alpha:alpha=2", "alpha:alpha=-1"})
    EXPECT_EQ(value(spec, p, q), kInf) << spec;
  EXPECT_NEAR(value("js", p, q), std::numbers::ln2 / 2, 1e-16);
  EXPECT_NEAR(value("renyi:alpha=0.5", p, q), -2 * std::log(0.5), 1e-15);  // −2 ln Σ√(pq)
  EXPECT_NEAR(value("alpha:alpha=0.5", p, q), 2, 1e-15);                   // (½ − 1)/(−¼)
  EXPECT_EQ(value("tv", {1, 0}, {0, 1}), 1);
  EXPECT_EQ(value("js", {1, 0}, {0, 1}), std::numbers::ln2);
  EXPECT_EQ(value("kl", {1, 0}, {1, 0}), 0);
  EXPECT_FALSE(std::signbit(value("cross-entropy", {1, 0}, {1, 0})));
}

TEST(Conventions, SubnormalMassesAreOrdinary) {
  const Vector p = {1, kSmallest}, q = {1, 0}, r = {1, 3 * kSmallest};
  for (const DivergenceEntry& entry : divergences()) {
    for (const auto& [a, b] : {std::pair{p, r}, std::pair{r, p}, std::pair{p, q}, std::pair{q, p}}) {
      const double got = value(entry.name, a, b);
      EXPECT_FALSE(std::isnan(got)) << entry.name;
      EXPECT_GE(got, 0) << entry.name;
    }
  }
  EXPECT_EQ(value("kl", p, q), kInf);    // q = 0 < p, however small p is
  EXPECT_LT(value("js", p, q), 1e-300);  // through m = ½(p+q) = 0 it would be infinite
  EXPECT_EQ(value("tv", p, r), kSmallest);
  EXPECT_LT(value("kl", p, r), 1e-300);
}

TEST(Conventions, ChiSquareSurvivesTinyDenominators) {
  // (p − q)²/q with p = 1e-10, q = 1e-320 (subnormal): 1e-20/1e-320 = 1e300, though p/q overflows.
  const Vector p = {1 - 1e-10, 1e-10}, q = {1, 1e-320};
  EXPECT_NEAR(std::log10(value("chi2", p, q)), 300, 1e-4);  // a subnormal has four digits
  const Vector s = {1, 1e-200}, t = {1, 1e-300};
  EXPECT_NEAR(value("chi2", s, t) / 1e-100, 1, 1e-12);
}

TEST(Conventions, DigitsAreKeptWhenDistributionsAreClose) {
  // p = ½ ± δ against ½: KL = 2δ² + O(δ⁴), χ² = 4δ², JSD = ½δ², H = √2·δ/√… all by series.
  const double delta = 1e-10;
  const Vector p = {0.5 + delta, 0.5 - delta}, q = {0.5, 0.5};
  const double d = p[0] - 0.5;  // what survived of δ
  EXPECT_NEAR(value("kl", p, q) / (2 * d * d), 1, 1e-9);
  EXPECT_NEAR(value("chi2", p, q) / (4 * d * d), 1, 1e-9);
  EXPECT_NEAR(value("js", p, q) / (d * d / 2), 1, 1e-9);
  EXPECT_NEAR(value("sqrt-js", p, q) / (d / std::numbers::sqrt2), 1, 1e-9);
  EXPECT_NEAR(value("hellinger", p, q) / d, 1, 1e-9);  // √(2·(δ/√2)²)
  EXPECT_NEAR(value("renyi:alpha=3", p, q) / (6 * d * d), 1, 1e-9);
}

TEST(Conventions, MassesOfAnySizeAreNormalised) {
  const Vector p = {3, 2, 1}, q = {1, 1, 1};
  const auto scaled = [](Vector v, double s) {
    for (double& x : v) x *= s;
    return distribution_of("test", v, {.normalize = true});
  };
  for (double s : {1.0, 1e300, 5e307, 1e-300, 1e-307})
    EXPECT_NEAR(value("kl", scaled(p, s), scaled(q, s)), value("kl", scaled(p, 1), scaled(q, 1)), 1e-15) << s;
  EXPECT_EQ(scaled({2, 1}, kSmallest), (Vector{2.0 / 3, 1.0 / 3}));
  EXPECT_EQ(distribution_of("test", Vector{0.1, 0.2, 0.7}),
            (Vector{0.1, 0.2, 0.7}));  // sums to 1: kept to the bit
}

std::string complaint(const Vector& p, const Vector& q) {
  try {
    value("kl", p, q);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

TEST(BadMasses, AreNamed) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(complaint({0.5, 0.7, -0.2}, {1, 0, 0}).find("P: got -0.2 at entry 2"), std::string::npos);
  EXPECT_NE(complaint({1, 0}, {nan, 1}).find("Q: got NaN at entry 0"), std::string::npos);
  EXPECT_NE(complaint({1, 0}, {kInf, 1}).find("Q: got inf at entry 0"), std::string::npos);
  EXPECT_NE(complaint({0.5, 0.4}, {1, 0}).find("sum to 0.9"), std::string::npos);
  EXPECT_NE(complaint({0.5, 0.5}, {1, 0, 0}).find("3 masses in Q"), std::string::npos);
  EXPECT_NE(complaint({0, 0}, {1, 0}).find("all 0"), std::string::npos);
  EXPECT_NE(complaint({}, {}).find("no masses"), std::string::npos);
  EXPECT_EQ(complaint({0.5, 0.5 + 9e-7}, {1, 0}).find("sum"), std::string::npos);
  EXPECT_NE(complaint({0.5, 0.5 + 2e-6}, {1, 0}), "");
}

// SciPy 1.17.1: stats.entropy, spatial.distance.jensenshannon, stats.wasserstein_distance,
// stats.energy_distance².
TEST(Agreement, WithValuesOfAnIndependentProgram) {
  const Vector p = {0.36, 0.48, 0.16}, q = {1.0 / 3, 1.0 / 3, 1.0 / 3}, at = {0, 1, 5};
  EXPECT_NEAR(value("kl", p, q), 0.08529960131837057, 1e-15);
  EXPECT_NEAR(value("sqrt-js", p, q), 0.14986614170557205, 1e-15);
  EXPECT_NEAR(in_divergence_unit(find_divergence("sqrt-js"), value("sqrt-js", p, q), true),
              0.18000758112092813, 1e-15);
  EXPECT_NEAR(value("w1", p, q, at), 0.72, 1e-15);
  EXPECT_NEAR(value("energy", p, q, at), 0.24177777777777787, 1e-15);
}

TEST(OnTheLine, PositionsMayComeInAnyOrderAndRepeat) {
  const Vector p = {0.2, 0.5, 0.3}, q = {0.4, 0.1, 0.5}, at = {4, -1, 2};
  const Vector ps = {0.5, 0.3, 0.2}, qs = {0.1, 0.5, 0.4}, sorted = {-1, 2, 4};
  for (const char* spec : {"w1", "w2", "w:p=3", "energy"})
    EXPECT_NEAR(value(spec, p, q, at), value(spec, ps, qs, sorted), 1e-15) << spec;
  EXPECT_NEAR(value("w1", p, q, at), 0.4 * 3 + 0.2 * 2, 1e-15);  // F − G is 0.4 on (−1,2), 0.2 on (2,4)
  EXPECT_EQ(value("w2", {0.5, 0.5}, {0.25, 0.75}, {7, 7}), 0);
}

TEST(OnTheLine, RoundingOfMassesIsNotCarriedAcross) {
  // The same distribution, cut differently: partial sums differ by an ulp, which must not travel 1000 units.
  const Vector at = {0, 0, 0, 1000, 1000}, p = {0.1, 0.2, 0, 0.4, 0.3}, q = {0, 0, 0.3, 0, 0.7};
  for (const char* spec : {"w1", "w2", "w:p=3", "energy"}) EXPECT_EQ(value(spec, p, q, at), 0) << spec;
}

TEST(OnTheLine, MassesThatDifferInTheirLastPlaceAreApart) {
  // A mass of 2^-54 moves by one: W_p^p = 2^-54. All orders see it, and none more than the one above.
  const double below = std::nextafter(0.5, 0);
  const Vector p = {below, 0.5}, q = {0.5, below};
  EXPECT_DOUBLE_EQ(value("w1", p, q), std::ldexp(1, -54));
  EXPECT_DOUBLE_EQ(value("w2", p, q), std::ldexp(1, -27));
  EXPECT_DOUBLE_EQ(value("w:p=3", p, q), std::ldexp(1, -18));
  EXPECT_DOUBLE_EQ(value("energy", p, q), std::ldexp(2, -108));
  // By two cells of three, past a mass that stays.
  const Vector a = {0.25, below, 0.25}, b = {std::nextafter(0.25, 0), below, std::nextafter(0.25, 1)};
  const double moved = 0.25 - std::nextafter(0.25, 0), more = std::nextafter(0.25, 1) - 0.25;
  // The sums differ by more − moved = 2^-55; G is divided by its own: F − G = moved + 2^-55/4, then +
  // 3·2^-55/4.
  EXPECT_NEAR(value("w1", a, b), 2 * moved + (more - moved), 1e-30);
}

}  // namespace
}  // namespace pushforward
