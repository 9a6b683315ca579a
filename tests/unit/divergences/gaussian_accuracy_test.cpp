// SPDX-License-Identifier: Apache-2.0
//
// Closed forms between Gaussians against the textbook's determinants and traces in a hundred digits: spreads
// up to 1e150 apart, conditions up to 1e15, pairs that are equal but for the last digits.
//
// The reference cancels as textbooks do, by at most 1e60 here, and has 40 digits left. Answers are rounded
// once from numbers of 34 digits, of which a condition of 1e15 takes 15 and a difference in the 16th digit 16
// once more where a value is a square: 1e-13 leaves room for the last step in doubles (a root, a sum of
// squares).
#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>
#include <boost/math/constants/constants.hpp>
#include <boost/multiprecision/cpp_dec_float.hpp>

#include "pushforward/density.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

using Digits = boost::multiprecision::cpp_dec_float_100;
const Digits kLast("1e-80");  // what the reference makes of 0

struct Table {
  std::size_t d;
  std::vector<Digits> v;
  explicit Table(std::size_t size) : d(size), v(size * size, 0) {}
  Digits& operator()(std::size_t i, std::size_t j) { return v[i * d + j]; }
  const Digits& operator()(std::size_t i, std::size_t j) const { return v[i * d + j]; }
};

Table of(const GaussianDensity& g) {
  Table t(g.d());
  for (std::size_t i = 0; i < t.v.size(); ++i) t.v[i] = g.covariance.data()[i];
  return t;
}
Table combined(const Digits& a, const Table& s, const Digits& b, const Table& t) {
  Table out(s.d);
  for (std::size_t i = 0; i < out.v.size(); ++i) out.v[i] = a * s.v[i] + b * t.v[i];
  return out;
}
Table times(const Table& s, const Table& t) {
  Table out(s.d);
  for (std::size_t i = 0; i < s.d; ++i)
    for (std::size_t k = 0; k < s.d; ++k)
      for (std::size_t j = 0; j < s.d; ++j) out(i, j) += s(i, k) * t(k, j);
  return out;
}
// Gauss–Jordan: the inverse and the determinant of a table; a determinant of 0 where a pivot is not above 0,
// that is where the table is not positive definite.
Table inverse(Table a, Digits& determinant) {
  Table out(a.d);
  for (std::size_t i = 0; i < a.d; ++i) out(i, i) = 1;
  determinant = 1;
  for (std::size_t k = 0; k < a.d; ++k) {
    const Digits pivot = a(k, k);
    determinant *= pivot > 0 ? pivot : Digits(0);
    for (std::size_t j = 0; j < a.d; ++j) a(k, j) /= pivot, out(k, j) /= pivot;
    for (std::size_t i = 0; i < a.d; ++i) {
      if (i == k) continue;
      const Digits share = a(i, k);
      for (std::size_t j = 0; j < a.d; ++j) a(i, j) -= share * a(k, j), out(i, j) -= share * out(k, j);
    }
  }
  return out;
}
Digits log_det(const Table& t) {
  Digits det;
  inverse(t, det);
  return log(det);
}
Digits form(const Table& t, const GaussianDensity& p, const GaussianDensity& q) {
  Digits sum = 0;
  for (std::size_t i = 0; i < t.d; ++i)
    for (std::size_t j = 0; j < t.d; ++j)
      sum += t(i, j) * (Digits(p.mean[i]) - q.mean[i]) * (Digits(p.mean[j]) - q.mean[j]);
  return sum;
}
Digits trace(const Table& t) {
  Digits sum = 0;
  for (std::size_t i = 0; i < t.d; ++i) sum += t(i, i);
  return sum;
}

Digits kl(const GaussianDensity& p, const GaussianDensity& q) {
  Digits det_q;
  const Table inv = inverse(of(q), det_q);
  return (trace(times(inv, of(p))) - p.d() + form(inv, p, q) + log(det_q) - log_det(of(p))) / 2;
}
// −1 for +∞.
Digits renyi(const GaussianDensity& p, const GaussianDensity& q, double alpha) {
  const Digits a = alpha;
  Digits det;
  const Table mixed = combined(a, of(q), 1 - a, of(p)), inv = inverse(mixed, det);
  if (det <= 0) return -1;
  return a / 2 * form(inv, p, q) - (log(det) - (1 - a) * log_det(of(p)) - a * log_det(of(q))) / (2 * (a - 1));
}
Digits squared_l2(const GaussianDensity& p, const GaussianDensity& q) {
  const Digits pi2 = boost::math::constants::two_pi<Digits>();
  const auto integral = [&](const GaussianDensity& a, const GaussianDensity& b) {
    Digits det;
    const Table inv = inverse(combined(1, of(a), 1, of(b)), det);
    return Digits(exp(-form(inv, a, b) / 2) / sqrt(pow(pi2, Digits(a.d())) * det));
  };
  return integral(p, p) + integral(q, q) - 2 * integral(p, q);
}
// Denman & Beavers 1976.
Table root(const Table& t) {
  Table y = t, z(t.d);
  Digits det;
  for (std::size_t i = 0; i < t.d; ++i) z(i, i) = 1;
  for (int i = 0; i < 80; ++i) {
    const Table next = combined(0.5, y, 0.5, inverse(z, det));
    z = combined(0.5, z, 0.5, inverse(y, det)), y = next;
  }
  return y;
}
Digits w2(const GaussianDensity& p, const GaussianDensity& q) {
  Table identity(p.d());
  for (std::size_t i = 0; i < p.d(); ++i) identity(i, i) = 1;
  const Table half = root(of(p));
  return sqrt(form(identity, p, q) + trace(of(p)) + trace(of(q)) -
              2 * trace(root(times(times(half, of(q)), half))));
}

double value(const std::string& spec, const KnownDensity& p, const KnownDensity& q) {
  return density_divergence(parse_spec(spec), p, q).value;
}

void expect_close(double found, const Digits& exact, double tolerance, const std::string& what) {
  const double rounded = exact.convert_to<double>();
  if (!std::isfinite(rounded)) {
    EXPECT_EQ(found, rounded) << what;
    return;
  }
  EXPECT_TRUE(Digits(abs(Digits(found) - exact)) <= tolerance * abs(exact) + kLast)
      << what << ": " << found << " instead of " << rounded;
}

// Everything that has a closed form, of one pair.
void expect_all(const GaussianDensity& p, const GaussianDensity& q, const KnownDensity& as_p,
                const KnownDensity& as_q, const std::string& what, double tolerance = 1e-13) {
  const Digits two_pi_e = boost::math::constants::two_pi<Digits>() * boost::math::constants::e<Digits>();
  const Digits entropy = (p.d() * log(two_pi_e) + log_det(of(p))) / 2;
  expect_close(density_entropy(as_p).value, entropy, tolerance, what + " entropy");
  expect_close(value("kl", as_p, as_q), kl(p, q), tolerance, what + " kl");
  expect_close(value("reverse-kl", as_p, as_q), kl(q, p), tolerance, what + " reverse-kl");
  expect_close(value("cross-entropy", as_p, as_q), entropy + kl(p, q), tolerance, what + " cross-entropy");
  expect_close(value("hellinger", as_p, as_q), sqrt(2 - 2 * exp(-renyi(p, q, 0.5) / 2)), tolerance,
               what + " h");
  expect_close(value("l2", as_p, as_q), squared_l2(p, q), tolerance, what + " l2");
  const auto excess = [](const Digits& renyi, double rate) { return Digits(exp(rate * renyi) - 1); };
  for (const double alpha : {1e-9, 0.3, 0.5, 0.999999, 1.0000001, 1.5, 2.0, 7.0}) {
    const Digits r = renyi(p, q, alpha);
    const std::string order = ":alpha=" + std::to_string(alpha);
    if (alpha == 1e-9 || order.ends_with("000000")) continue;  // to_string would round them
    if (r < -kLast) {
      EXPECT_EQ(value("renyi" + order, as_p, as_q), std::numeric_limits<double>::infinity()) << what << alpha;
      continue;
    }
    expect_close(value("renyi" + order, as_p, as_q), r, tolerance, what + " renyi" + order);
    expect_close(value("alpha" + order, as_p, as_q), excess(r, alpha - 1) / (Digits(alpha) * (alpha - 1)),
                 tolerance, what + " alpha" + order);
  }
  const Digits r2 = renyi(p, q, 2);
  expect_close(value("chi2", as_p, as_q),
               r2 < -kLast ? Digits(std::numeric_limits<double>::infinity()) : excess(r2, 1), tolerance,
               what + " chi2");
  const Digits backwards = renyi(q, p, 1.25);
  if (backwards >= -kLast)
    expect_close(value("alpha:alpha=-0.25", as_p, as_q), excess(backwards, 0.25) / Digits(0.3125), tolerance,
                 what + " alpha=-0.25");
}

GaussianDensity gaussian(std::vector<double> mean, const std::vector<double>& covariance) {
  Matrix<double> m(mean.size(), mean.size());
  std::copy(covariance.begin(), covariance.end(), m.data());
  return make_gaussian("test", std::move(mean), std::move(m));
}

LineDensity normal(double mean, double spread) {
  return LineDensity({{LineComponent::Family::normal, 1, mean, spread}});
}

TEST(GaussianAccuracy, NormalsOnTheLineAtAnyRatioOfSpreads) {
  // Powers of two: their squares are exact in the reference's covariance.
  for (const int ep : {-498, -60, -26, -1, 0, 1, 30, 498})
    for (const int eq : {-498, -30, 0, 26, 498})
      for (const double shift : {0.0, 1.0, 1e3}) {
        const double sp = std::ldexp(1.0, ep), sq = std::ldexp(1.0, eq), mean = shift * std::max(sp, sq);
        const GaussianDensity p = gaussian({mean}, {sp * sp}), q = gaussian({0}, {sq * sq});
        const std::string what =
            "sd " + std::to_string(ep) + ", " + std::to_string(eq) + " mean " + std::to_string(shift);
        expect_all(p, q, normal(mean, sp), normal(0, sq), what);
        expect_close(value("w2", normal(mean, sp), normal(0, sq)),
                     sqrt(Digits(mean) * mean + (Digits(sp) - sq) * (Digits(sp) - sq)), 1e-15, what + " w2");
      }
}

TEST(GaussianAccuracy, NormalsThatAreNearlyTheSame) {
  for (const double excess : {1e-3, 1e-8, 1e-15, -1e-15})
    for (const double shift : {0.0, 1e-14, 1e-5}) {
      const double variance = 1 + excess;
      const GaussianDensity p = gaussian({shift}, {variance}), q = gaussian({0}, {1});
      // p and q as mvnormal, whose variances are what is given.
      expect_all(p, q, p, q, "excess " + std::to_string(excess) + " shift " + std::to_string(shift));
    }
}

TEST(GaussianAccuracy, TheFiguresOfTheReports) {
  // 30-digit values from outside.
  EXPECT_NEAR(value("kl", normal(0, 1e-9), normal(0, 1)), 20.2232658, 5e-8);
  EXPECT_NEAR(value("chi2", normal(0, 1e-9), normal(0, 1)), 707106780.1865475, 1e-6);
  EXPECT_NEAR(value("renyi", normal(0, 1e-9), normal(0, 1)), 20.3767, 5e-5);
  EXPECT_NEAR(value("cross-entropy", normal(0, 1e-9), normal(0, 1)), 0.9189385, 5e-8);
  EXPECT_NEAR(value("kl", normal(0, 1e-7), normal(0, 1)), 15.6180957, 5e-8);
  EXPECT_NEAR(value("kl", gaussian({0, 0}, {1, 0, 0, 1e-14}), gaussian({0, 0}, {1, 0, 0, 1})), 15.6180957,
              5e-8);
  EXPECT_NEAR(value("kl", normal(0, 1e-200), normal(0, 1)), 460.017, 5e-4);
  EXPECT_NEAR(value("kl", normal(0, 1e-300), normal(0, 1e300)), 600 * std::log(10.0) - 0.5, 1e-12 * 1400);
  // At the edge of χ²: λ = √2², two minus which is 2.7e-16 of rounding that double arithmetic would not have.
  const double edge = std::numbers::sqrt2 - 2.220446049250313e-16;  // a number below √2
  const Digits left = 2 - Digits(edge) * edge;
  expect_close(value("chi2", normal(0, edge), normal(0, 1)), 1 / sqrt(left * edge * edge) - 1, 1e-13, "edge");
}

// A covariance with these variances along the axes of a random rotation (products of Householder's
// reflections).
GaussianDensity rotated(const std::vector<double>& variances, std::uint64_t seed) {
  const std::size_t d = variances.size();
  Matrix<double> m(d, d);
  for (std::size_t i = 0; i < d; ++i) m(i, i) = variances[i];
  std::vector<double> v(d), mean(d);
  for (std::uint64_t k = 0; k < 3; ++k) {
    fill_normal(std::span<double>(v), Draw{seed, stream_id("rotated"), k});
    double norm = 0;
    for (const double x : v) norm += x * x;
    for (int side = 0; side < 2; ++side)  // H m, then m H
      for (std::size_t i = 0; i < d; ++i) {
        double share = 0;
        for (std::size_t j = 0; j < d; ++j) share += 2 / norm * v[j] * (side == 0 ? m(j, i) : m(i, j));
        for (std::size_t j = 0; j < d; ++j) (side == 0 ? m(j, i) : m(i, j)) -= share * v[j];
      }
  }
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < i; ++j) m(i, j) = m(j, i);
  fill_normal(std::span<double>(mean), Draw{seed, stream_id("rotated mean"), 0});
  return make_gaussian("test", mean, m);
}

std::vector<double> graded(std::size_t d, double least) {
  std::vector<double> v;
  for (std::size_t i = 0; i < d; ++i)
    v.push_back(std::pow(least, static_cast<double>(i) / static_cast<double>(d - 1)));
  return v;
}

TEST(GaussianAccuracy, ManyDimensionsAtAConditionOf1e15) {
  for (const std::size_t d : {2u, 5u, 9u}) {
    const GaussianDensity p = rotated(graded(d, 2e-15), 1), q = rotated(graded(d, 1e-3), 2);
    expect_all(p, q, p, q, "d = " + std::to_string(d));
    expect_all(q, p, q, p, "exchanged, d = " + std::to_string(d));
    expect_close(value("w2", p, q), w2(p, q), 1e-13, "w2");
  }
  const GaussianDensity p = rotated(graded(6, 2e-15), 3), q = rotated(graded(6, 2e-15), 4);
  expect_all(p, q, p, q, "both");
}

TEST(GaussianAccuracy, BenignCovariancesInDoubles) {
  const GaussianDensity p = rotated(graded(12, 0.05), 5), q = rotated(graded(12, 0.1), 6);
  expect_all(p, q, p, q, "benign", 2e-12);  // conditions of 20 and 10, sums over 12 directions
  GaussianDensity near = q;
  for (std::size_t i = 0; i < 12; ++i) near.covariance(i, i) *= 1 + 1e-10 * static_cast<double>(i);
  near.mean[3] += 1e-9;
  expect_all(near, q, near, q, "near", 2e-12);
}

TEST(GaussianAccuracy, CoordinatesOfAnyScale) {
  // Correlated coordinates with deviations from 2^-400 to 2^400, in another order for p than for q.
  const auto scaled = [](std::vector<int> e, double rho) {
    std::vector<double> c(9);
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = 0; j < 3; ++j) c[3 * i + j] = std::ldexp(i == j ? 1 : rho, e[i] + e[j]);
    return gaussian({0, std::ldexp(1.0, e[1]), std::ldexp(-3.0, e[2])}, c);
  };
  const GaussianDensity p = scaled({-400, 0, 400}, 0.5), q = scaled({-390, 10, 410}, 0.25);
  expect_all(p, q, p, q, "aligned");
  const GaussianDensity other = scaled({100, 0, -100}, 0.75);
  expect_all(scaled({-100, 0, 100}, 0.5), other, scaled({-100, 0, 100}, 0.5), other, "crossed");
}

TEST(GaussianAccuracy, BuresOfNearlyEqualPairs) {
  const GaussianDensity q = rotated(graded(4, 1e-6), 7);
  for (const double excess : {1e-3, 1e-9, 1e-15}) {
    GaussianDensity p = q;
    p.covariance(2, 2) *= 1 + excess;
    expect_close(value("w2", p, q), w2(p, q), 1e-9,
                 "excess");  // W2² of 1e-33 is rounded at 1e-34 times a condition
    EXPECT_LE(value("w2", p, p), 1e-33);
  }
}

TEST(GaussianAccuracy, OneEntropyPrintedTwiceIsOneNumber) {
  for (const double gap : {1e-3, 1e-13, 1e-15}) {
    const double rho = 1 - gap;
    const GaussianDensity joint = gaussian({0, 0}, {1, rho, rho, 1});
    const JointEntropies h = gaussian_joint_entropies(joint, 1);
    const Digits left = 1 - Digits(rho) * rho,
                 unit = log(boost::math::constants::two_pi<Digits>()) / 2 + Digits(0.5);
    EXPECT_EQ(h.joint, density_entropy(joint).value);
    expect_close(h.joint, 2 * unit + log(left) / 2, 1e-15, "joint");
    expect_close(h.y_given_x, unit + log(left) / 2, 1e-15, "y given x");
    expect_close(h.x_given_y, unit + log(left) / 2, 1e-15, "x given y");
    expect_close(h.mutual_information, -log(left) / 2, 1e-15, "information");
  }
  for (const double rho : {0.3, 1e-8, 1e-150}) {
    const JointEntropies h = gaussian_joint_entropies(gaussian({0, 0}, {1, rho, rho, 1}), 1);
    const Digits square = Digits(rho) * rho;
    expect_close(h.mutual_information, rho < 1e-20 ? Digits(square / 2) : Digits(-log(1 - square) / 2), 1e-15,
                 "small");
  }
  // Three coordinates against two, by determinants.
  const GaussianDensity joint = rotated(graded(5, 1e-9), 8);
  const JointEntropies h = gaussian_joint_entropies(joint, 3);
  Table x(3), y(2);
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) x(i, j) = joint.covariance(i, j);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = 0; j < 2; ++j) y(i, j) = joint.covariance(3 + i, 3 + j);
  expect_close(h.mutual_information, (log_det(x) + log_det(y) - log_det(of(joint))) / 2, 1e-14,
               "three and two");
}

TEST(GaussianAccuracy, SingularCovariancesAreRefused) {
  const GaussianDensity flat = gaussian({0, 0}, {1, 1, 1, 1}), round = gaussian({0, 0}, {1, 0, 0, 1});
  EXPECT_THROW(value("kl", flat, round), RequestError);
  EXPECT_THROW(value("kl", round, flat), RequestError);
  EXPECT_THROW(density_entropy(flat), RequestError);
  // W2 of N(0, (1 1; 1 1)) and N(0, I): eigenvalues 2, 0 against 1, 1.
  EXPECT_NEAR(value("w2", flat, round), std::sqrt(std::pow(std::numbers::sqrt2 - 1, 2) + 1), 1e-15);
}

}  // namespace
}  // namespace pushforward
