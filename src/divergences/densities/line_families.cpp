// SPDX-License-Identifier: Apache-2.0
#include "divergences/densities/line_families.hpp"

#include <algorithm>
#include <limits>
#include <numbers>

#include <fmt/format.h>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include "pushforward/cell_terms.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;
namespace bm = boost::math;
namespace policies = boost::math::policies;

// Far out a tail is 0 and a quantile infinite: no exceptions.
using Quiet =
    policies::policy<policies::overflow_error<policies::ignore_error>,
                     policies::underflow_error<policies::ignore_error>, policies::promote_double<false>>;
const Quiet kQuiet{};
using Student = bm::students_t_distribution<double, Quiet>;

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();
const double kHalfLog2Pi = std::log(2 * std::numbers::pi) / 2;

double z_of(const LineComponent& c, double x) { return (x - c.a) / c.b; }

// (power)·ln x, where 0·ln 0 = 0.
double power_term(double power, double log_x) { return power == 0 ? 0 : power * log_x; }

// ln of Γ((df+1)/2)/Γ(df/2)/√(df·π): a ratio, not a difference of two large logarithms.
double log_student_constant(double df) {
  return -std::log(bm::tgamma_delta_ratio(df / 2, 0.5, kQuiet)) - std::log(df * std::numbers::pi) / 2;
}

double student_density(double df, double z) {
  return std::exp(log_student_constant(df) - (df + 1) / 2 * std::log1p(z * z / df));
}

// Boost's has no number where u is 1e-200. There the tail is its leading term, to df/t²:
// P(T > t) = C df^((df−1)/2) t^−df, C the density's constant.
double lower_student_quantile(double df, double u) {
  constexpr double kFar = 1e9;
  const double log_t = (log_student_constant(df) + (df - 1) / 2 * std::log(df) - std::log(u)) / df;
  const double t = std::exp(log_t);
  return t > kFar * std::sqrt(df) ? -t : bm::quantile(Student(df), u);
}

// Where the regularised incomplete beta function is u, by Newton's steps on ln I over ln x, a line where x is
// small, inside a bracket. Boost's inverse ends in exceptions for some u that are next to 0 or to another
// branch of it.
double lower_beta_quantile(double a, double b, double u) {
  if (!(u > 0)) return 0;
  const double log_beta = std::log(bm::beta(a, b, kQuiet)), log_u = std::log(u);
  const double first = (log_u + std::log(a) + log_beta) / a;  // of I = x^a/(a B)·(1 + a(1−b)/(a+1) x + …)
  if (first < -40) return std::exp(first);
  double low = std::min(first, 0.0) - 1, high = 0, t = std::min(first, -1e-3);
  const auto off = [&](double log_x) { return std::log(bm::ibeta(a, b, std::exp(log_x), kQuiet)) - log_u; };
  while (off(low) > 0) low -= 1;
  for (int step = 0; step < 100 && high - low > 1e-16 * std::abs(low); ++step) {
    const double d = off(t), x = std::exp(t);
    if (d == 0) break;
    (d < 0 ? low : high) = t;
    const double slope = std::exp(a * t + (b - 1) * std::log1p(-x) - log_beta - log_u - d);  // x f(x)/I
    const double next = t - d / slope;
    if (std::abs(next - t) < 2e-16) break;
    t = next > low && next < high ? next : low + (high - low) / 2;
  }
  return std::exp(t);
}

// Where P(X ≤ x) = u, for u ≤ ½ of a distribution symmetric about its centre.
double lower_quantile_of(const LineComponent& c, double u) {
  switch (c.family) {
    case Family::laplace:
      return c.a + c.b * std::log(2 * u);
    case Family::student:
      return c.a + c.b * lower_student_quantile(c.c, u);
    default:
      return c.a - c.b * std::numbers::sqrt2 * bm::erfc_inv(2 * u);
  }
}

constexpr LineFamily kFamilies[] = {{Family::normal, "normal", "normal(mean,sd)", 2, 2},
                                    {Family::uniform, "uniform", "uniform(a,b)", 2, 2},
                                    {Family::laplace, "laplace", "laplace(mean,scale)", 2, 2},
                                    {Family::exponential, "exponential", "exponential(rate)", 1, 1},
                                    {Family::gamma, "gamma", "gamma(shape,rate)", 2, 2},
                                    {Family::beta, "beta", "beta(a,b)", 2, 2},
                                    {Family::student, "student", "student(df,mean,scale)", 1, 3}};

// Beyond, what is some hundred spreads away is no double any more.
constexpr double kLeastSpread = 1e-300, kLargestSpread = 1e300;

void check_spread(double spread) {
  if (!(spread >= kLeastSpread && spread <= kLargestSpread))
    throw RequestError(Complaint{"density", fmt::format("a spread of {}", spread),
                                 fmt::format("{} to {}", kLeastSpread, kLargestSpread),
                                 "measure in another unit"});
}

}  // namespace

std::span<const LineFamily> line_families() { return kFamilies; }

const LineFamily& family_of(const LineComponent& c) {
  return *std::find_if(std::begin(kFamilies), std::end(kFamilies),
                       [&](const LineFamily& row) { return row.family == c.family; });
}

void check_component(const LineComponent& c, std::string_view whose) {
  const std::string where = fmt::format("{}: {}", whose, family_of(c).form);
  if (!std::isfinite(c.a) || !std::isfinite(c.b) || !std::isfinite(c.c))
    throw RequestError(Complaint{where, "a parameter that is not finite", "finite numbers"});
  const auto above_zero = [&](double value, const char* what) {
    if (!(value > 0))
      throw RequestError(Complaint{where, fmt::format("a {} of {}", what, value), "a number above 0"});
  };
  switch (c.family) {
    case Family::uniform:
      if (!(c.a < c.b))
        throw RequestError(
            Complaint{where, fmt::format("ends {} and {}", c.a, c.b), "the smaller end first"});
      return check_spread(c.b - c.a);
    case Family::exponential:
      return above_zero(c.a, "rate"), check_spread(1 / c.a);
    case Family::gamma:
      return above_zero(c.a, "shape"), above_zero(c.b, "rate"), check_spread(1 / c.b);
    case Family::beta:
      return above_zero(c.a, "first parameter"), above_zero(c.b, "second parameter");
    case Family::student:
      return above_zero(c.c, "number of degrees of freedom"), above_zero(c.b, "scale"), check_spread(c.b);
    default:
      return above_zero(c.b, "spread"), check_spread(c.b);
  }
}

double log_constant(const LineComponent& c) {
  switch (c.family) {
    case Family::uniform:
      return -std::log(c.b - c.a);
    case Family::laplace:
      return -std::log(2 * c.b);
    case Family::exponential:
      return std::log(c.a);
    case Family::gamma:
      return c.a * std::log(c.b) - bm::lgamma(c.a, kQuiet);
    case Family::beta:
      return -std::log(bm::beta(c.a, c.b, kQuiet));
    case Family::student:
      return log_student_constant(c.c) - std::log(c.b);
    case Family::normal:
      break;
  }
  return -std::log(c.b) - kHalfLog2Pi;
}

double log_shape(const LineComponent& c, double x) {
  switch (c.family) {
    case Family::uniform:
      return x >= c.a && x <= c.b ? 0 : -kInfinity;
    case Family::laplace:
      return -std::abs(z_of(c, x));
    case Family::exponential:
      return x >= 0 ? -c.a * x : -kInfinity;
    case Family::gamma:
      return x >= 0 ? power_term(c.a - 1, std::log(x)) - c.b * x : -kInfinity;
    case Family::beta:
      // A pole at 1 is met by nodes of quadrature that round to it: they take the last double's density.
      if (x == 1 && c.b < 1) x = 1 - std::numeric_limits<double>::epsilon() / 2;
      return x >= 0 && x <= 1 ? power_term(c.a - 1, std::log(x)) + power_term(c.b - 1, std::log1p(-x))
                              : -kInfinity;
    case Family::student: {
      const double z = z_of(c, x);
      return -(c.c + 1) / 2 * std::log1p(z * z / c.c);
    }
    case Family::normal:
      break;
  }
  const double z = z_of(c, x);
  return -z * z / 2;
}

double cdf_of(const LineComponent& c, double x) {
  switch (c.family) {
    case Family::uniform:
      return std::clamp((x - c.a) / (c.b - c.a), 0.0, 1.0);
    case Family::laplace: {
      const double z = z_of(c, x);
      return z < 0 ? std::exp(z) / 2 : 1 - std::exp(-z) / 2;
    }
    case Family::exponential:
      return x > 0 ? -std::expm1(-c.a * x) : 0;
    case Family::gamma:
      return x > 0 ? bm::gamma_p(c.a, c.b * x, kQuiet) : 0;
    case Family::beta:
      return bm::ibeta(c.a, c.b, std::clamp(x, 0.0, 1.0), kQuiet);
    case Family::student:
      return bm::cdf(Student(c.c), z_of(c, x));
    case Family::normal:
      break;
  }
  return std::erfc(-z_of(c, x) / std::numbers::sqrt2) / 2;
}

double survival_of(const LineComponent& c, double x) {
  switch (c.family) {
    case Family::uniform:
      return std::clamp((c.b - x) / (c.b - c.a), 0.0, 1.0);
    case Family::exponential:
      return x > 0 ? std::exp(-c.a * x) : 1;
    case Family::gamma:
      return x > 0 ? bm::gamma_q(c.a, c.b * x, kQuiet) : 1;
    case Family::beta:
      return bm::ibetac(c.a, c.b, std::clamp(x, 0.0, 1.0), kQuiet);
    default:
      return cdf_of({c.family, 1, -c.a, c.b, c.c}, -x);  // symmetric
  }
}

double quantile_of(const LineComponent& c, double u, double v) {
  switch (c.family) {
    case Family::uniform:
      return u <= 0.5 ? c.a + u * (c.b - c.a) : c.b - v * (c.b - c.a);
    case Family::exponential:
      return (u <= 0.5 ? -std::log1p(-u) : -std::log(v)) / c.a;
    case Family::gamma:
      return (u <= 0.5 ? bm::gamma_p_inv(c.a, u, kQuiet) : bm::gamma_q_inv(c.a, v, kQuiet)) / c.b;
    case Family::beta:
      return u <= 0.5 ? lower_beta_quantile(c.a, c.b, u) : 1 - lower_beta_quantile(c.b, c.a, v);
    default:
      return u <= 0.5 ? lower_quantile_of(c, u) : 2 * c.a - lower_quantile_of(c, v);
  }
}

double mean_of(const LineComponent& c) {
  switch (c.family) {
    case Family::uniform:
      return c.a + (c.b - c.a) / 2;
    case Family::exponential:
      return 1 / c.a;
    case Family::gamma:
      return c.a / c.b;
    case Family::beta:
      return c.a / (c.a + c.b);
    case Family::student:
      return c.c > 1 ? c.a : kUndefined;
    default:
      return c.a;
  }
}

double variance_of(const LineComponent& c) {
  switch (c.family) {
    case Family::uniform:
      return (c.b - c.a) * (c.b - c.a) / 12;
    case Family::laplace:
      return 2 * c.b * c.b;
    case Family::exponential:
      return 1 / (c.a * c.a);
    case Family::gamma:
      return c.a / (c.b * c.b);
    case Family::beta:
      return c.a * c.b / ((c.a + c.b) * (c.a + c.b) * (c.a + c.b + 1));
    case Family::student:
      return c.c > 2 ? c.b * c.b * c.c / (c.c - 2) : c.c > 1 ? kInfinity : kUndefined;
    case Family::normal:
      break;
  }
  return c.b * c.b;
}

bool has_moment(const LineComponent& c, double order) { return c.family != Family::student || c.c > order; }

double partial_mean(const LineComponent& c, double t) {
  const double z = z_of(c, t);
  switch (c.family) {
    case Family::uniform: {
      const double end = std::clamp(t, c.a, c.b);
      return (end - c.a) / (c.b - c.a) * (c.a + end) / 2;
    }
    case Family::laplace:
      return c.a * cdf_of(c, t) + c.b * std::exp(-std::abs(z)) / 2 * (z < 0 ? z - 1 : -z - 1);
    case Family::exponential:
      return t > 0 ? -std::expm1(-c.a * t) / c.a - t * std::exp(-c.a * t) : 0;
    case Family::gamma:
      return t > 0 ? c.a / c.b * bm::gamma_p(c.a + 1, c.b * t, kQuiet) : 0;
    case Family::beta:
      return mean_of(c) * bm::ibeta(c.a + 1, c.b, std::clamp(t, 0.0, 1.0), kQuiet);
    case Family::student:
      return c.a * cdf_of(c, t) - c.b * (c.c + z * z) / (c.c - 1) * student_density(c.c, z);
    case Family::normal:
      break;
  }
  return c.a * cdf_of(c, t) - c.b * std::exp(-z * z / 2 - kHalfLog2Pi);
}

Support support_of(const LineComponent& c) {
  switch (c.family) {
    case Family::uniform:
      return {c.a, c.b};
    case Family::exponential:
    case Family::gamma:
      return {0, kInfinity};
    case Family::beta:
      return {0, 1};
    default:
      return {-kInfinity, kInfinity};
  }
}

double centre_of(const LineComponent& c) { return c.family == Family::student ? c.a : mean_of(c); }

double width_of(const LineComponent& c) {
  if (c.family == Family::uniform) return c.b - c.a;
  const bool spread =
      c.family == Family::normal || c.family == Family::laplace || c.family == Family::student;
  return spread ? c.b : std::sqrt(variance_of(c));
}

double power_at_end(const LineComponent& c, int side) {
  if (c.family == Family::gamma) return c.a - 1;
  if (c.family == Family::beta) return side < 0 ? c.a - 1 : c.b - 1;
  return 0;
}

void add_landmarks(const LineComponent& c, std::vector<double>& points) {
  const auto around = [&](double centre, double spread, std::initializer_list<double> steps) {
    points.push_back(centre);
    for (double step : steps) points.insert(points.end(), {centre - step * spread, centre + step * spread});
  };
  // Towards an end where the density is a power: factors of eight, down to where no mass is left.
  const auto towards = [&](double end, double inwards, double power) {
    points.push_back(end);
    const double least = std::max(1e-290, std::pow(10.0, -17 / (power + 1)));
    for (double part = 0.125; part > least; part /= 8)
      if (end + part * inwards != end) points.push_back(end + part * inwards);
  };
  switch (c.family) {
    case Family::uniform:
      points.insert(points.end(), {c.a, c.a + (c.b - c.a) / 2, c.b});
      return;
    case Family::normal:  // below the smallest double at 38.6 deviations
      return around(c.a, c.b, {1, 2.5, 5, 8, 12, 18, 27, 39});
    case Family::laplace:  // at 745 scales
      return around(c.a, c.b, {2, 6, 14, 30, 60, 150, 350, 745});
    case Family::exponential:
      for (double step : {0.0, 2.0, 6.0, 14.0, 30.0, 60.0, 150.0, 350.0, 745.0}) points.push_back(step / c.a);
      return;
    case Family::student:  // powers have no end: out to where even a distribution function's tail is small
      around(c.a, c.b, {0.5, 1, 2, 4});
      for (double step = 16; step < 1e150; step *= 8)
        points.insert(points.end(), {c.a - step * c.b, c.a + step * c.b});
      return;
    case Family::gamma: {
      const double mean = c.a / c.b, sd = std::sqrt(c.a) / c.b;
      towards(0, mean, c.a - 1);
      std::vector<double> more;
      for (double step : {-8.0, -5.0, -2.5, -1.0, 0.0, 1.0, 2.5, 5.0, 8.0}) more.push_back(mean + step * sd);
      for (double step : {6.0, 14.0, 30.0, 60.0, 150.0, 350.0, 745.0})
        more.push_back(mean + step / c.b + 8 * sd);
      for (double x : more)
        if (x > 0) points.push_back(x);
      return;
    }
    case Family::beta: {
      towards(0, 1, c.a - 1), towards(1, -1, c.b - 1);
      const double sd = std::sqrt(variance_of(c));
      for (double step : {-12.0, -8.0, -5.0, -2.5, -1.0, 0.0, 1.0, 2.5, 5.0, 8.0, 12.0})
        if (const double x = mean_of(c) + step * sd; x > 0 && x < 1) points.push_back(x);
      return;
    }
  }
}

}  // namespace pushforward
