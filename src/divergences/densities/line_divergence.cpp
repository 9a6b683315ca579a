// SPDX-License-Identifier: Apache-2.0
//
// Integrals of cell terms, distribution functions and quantile functions over the line.
//
// The same cell term that is summed over vectors is integrated here, fed with log densities, so that it is
// right where both densities underflow. Pieces are cut at both densities' landmarks, where p = q (total
// variation has a kink there), and, for terms that grow like a power of p/q, where that power lives.
//
// Transport is written over x rather than over u: W_p^p = ∫ |x − T(x)|^p p(x) dx with T = G⁻¹∘F the monotone
// map, since quantiles have logarithmic ends in u and T has none in x. Where G has a gap, T jumps: those x
// are cut points too.
#include "divergences/densities/line_divergence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include <fmt/format.h>

#include "divergences/densities/kernel_distance.hpp"
#include "divergences/densities/line_families.hpp"
#include "divergences/densities/quadrature.hpp"
#include "divergences/densities/tails.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr double kRelative = 1e-13;  // of an integral
constexpr const char* kQuadrature = "adaptive Gauss–Kronrod quadrature";

std::vector<double> landmarks_of(const LineDensity& p, const LineDensity& q) {
  std::vector<double> points = p.landmarks();
  const std::vector<double> more = q.landmarks();
  points.insert(points.end(), more.begin(), more.end());
  return in_order(std::move(points));
}

// ---- densities of very different scales ----

double narrowest(const LineDensity& p, const LineDensity& q, double& at) {
  double least = kInfinity;
  for (const LineDensity* density : {&p, &q})
    for (const LineComponent& c : density->components())
      if (width_of(c) < least) least = width_of(c), at = centre_of(c);
  return least;
}

LineDensity shifted(const LineDensity& density, double origin) {
  std::vector<LineComponent> components = density.components();
  for (LineComponent& c : components) {
    c.a -= origin;
    if (c.family == LineComponent::Family::uniform) c.b -= origin;
    // Numbers near c.a are this far from each other: below sixteen steps a peak is not seen.
    const double step = std::numeric_limits<double>::epsilon() * std::abs(c.a);
    if (!(width_of(c) > 16 * step))
      throw RequestError(Complaint{
          "density",
          fmt::format("a component of width {:g}, {:g} from a narrower one", width_of(c), std::abs(c.a)),
          fmt::format("at least {:g}, what doubles tell apart there", 16 * step),
          "two normals have closed forms, without this bound"});
  }
  return LineDensity(std::move(components));
}

// Whether it may lie anywhere.
bool moves(const LineComponent& c) {
  using Family = LineComponent::Family;
  return c.family != Family::exponential && c.family != Family::gamma && c.family != Family::beta;
}

bool move(const LineDensity& density) {
  return std::all_of(density.components().begin(), density.components().end(), moves);
}

// Both with the narrowest component's place as origin, where doubles are dense enough to hold a peak of any
// width. Left alone where no component is narrow beside its distance from 0, or one cannot be moved.
struct Line {
  LineDensity p, q;
  double narrow = 0;

  Line(const LineDensity& left, const LineDensity& right) : p(left), q(right) {
    double at = 0;
    narrow = narrowest(left, right, at);
    if (narrow < 1e-6 * std::abs(at) && move(p) && move(q)) p = shifted(left, at), q = shifted(right, at);
  }
};

void add_power(std::vector<double>& points, const LineDensity& p, const LineDensity& q, double power) {
  const std::vector<double> more = power_landmarks(p.components(), q.components(), power);
  points.insert(points.end(), more.begin(), more.end());
}

// F(x) − G(x), from whichever side has digits.
double difference(const LineDensity& p, const LineDensity& q, double x) {
  const double f = p.cdf(x), g = q.cdf(x);
  return f + g < 1 ? f - g : q.survival(x) - p.survival(x);
}

// The monotone map. Beyond the last double of F it is the identity, which costs nothing where p has no mass.
double monotone(const LineDensity& p, const LineDensity& q, double x) {
  const double u = p.cdf(x), v = p.survival(x);
  return u > 0 && v > 0 ? q.quantile(u, v) : x;
}

// From ∫ (shift/scale)^p: the scale keeps shifts of 1e-200, or to the power 50, among the doubles.
DensityReading root_of(const Integral& power, double order, double scale) {
  const double mass = std::max(0.0, power.value), value = scale * std::pow(mass, 1 / order);
  const double error = scale * std::pow(mass + power.error, 1 / order) - value;
  return {.value = value, .error_estimate = error, .estimator = kQuadrature};
}

DensityReading by_distribution_functions(const LineDensity& p, const LineDensity& q, double factor,
                                         bool squared, double absolute) {
  const auto gap = [&](double x) { return difference(p, q, x); };
  const Integral sum = integrate(
      [&](double x) {
        const double d = gap(x);
        return factor * (squared ? d * d : std::abs(d));
      },
      with_sign_changes(gap, landmarks_of(p, q)), kRelative, absolute);
  return {.value = std::max(0.0, sum.value), .error_estimate = sum.error, .estimator = kQuadrature};
}

// Pieces that halve towards both ends of each piece, where a steep exponential may live.
std::vector<double> graded(const std::vector<double>& points) {
  std::vector<double> fine = points;
  for (std::size_t i = 0; i + 1 < points.size(); ++i)
    for (double part = 0.5; part > 1e-15; part /= 4)
      for (double at : {points[i] + part * (points[i + 1] - points[i]),
                        points[i + 1] - part * (points[i + 1] - points[i])})
        fine.push_back(at);
  return in_order(std::move(fine));
}

// ln ∫ exp(g) with g = α ln p + (1−α) ln q, relative to the largest g among the middles of the pieces.
DensityReading renyi_by_logarithms(double alpha, const LineDensity& p, const LineDensity& q,
                                   const std::vector<double>& cuts) {
  const auto exponent = [&](double x) {
    const double log_p = p.log_density(x), log_q = q.log_density(x);
    return log_p == -kInfinity ? -kInfinity : alpha * log_p + (1 - alpha) * log_q;
  };
  const std::vector<double> points = graded(cuts);
  double largest = -kInfinity;
  for (std::size_t i = 0; i + 1 < points.size(); ++i)
    largest = std::max(largest, exponent(points[i] + (points[i + 1] - points[i]) / 2));
  const Integral rest = integrate([&](double x) { return std::exp(exponent(x) - largest); }, points);
  // With |g| above 1e15 its rounding hides the width of the peak, which then adds nothing that a double could
  // hold.
  const double width = rest.value > 0 ? std::log(rest.value) : 0;
  const double error = (rest.value > 0 ? rest.error / rest.value : 0) + 1e-14 * std::abs(largest);
  return {.value = (largest + width) / (alpha - 1),
          .error_estimate = error / std::abs(alpha - 1),
          .estimator = kQuadrature};
}

// Σ weight·centre, finite where the mean is not.
double centre_of(const LineDensity& p) {
  double sum = 0;
  for (const LineComponent& c : p.components()) sum += c.weight * centre_of(c);
  return sum;
}

// Σ weight·width: a standard deviation that needs no squares.
double spread_of(const LineDensity& p) {
  double sum = 0;
  for (const LineComponent& c : p.components())
    sum += c.weight * (std::abs(centre_of(c) - centre_of(p)) + width_of(c));
  return sum;
}

bool is_bounded(const LineDensity& p) {
  return std::all_of(p.components().begin(), p.components().end(), [](const LineComponent& c) {
    return std::isfinite(support_of(c).low) && std::isfinite(support_of(c).high);
  });
}

bool has_moment(const LineDensity& p, double order) {
  return std::all_of(p.components().begin(), p.components().end(),
                     [&](const LineComponent& c) { return has_moment(c, order); });
}

bool has_pole_at_one(const LineDensity& p) {
  return std::any_of(p.components().begin(), p.components().end(), [](const LineComponent& c) {
    return c.family == LineComponent::Family::beta && c.b < 1;
  });
}

// Between 1 and the last double below it a pole may hold 1e-8 of the mass: what the integrand, as it is at
// that double, would make of twice that mass. (The pole at 0 has doubles of 1e-290 to be seen by.)
double error_at_one(const std::function<double(double)>& f, const LineDensity& p, const LineDensity& q) {
  if (!has_pole_at_one(p) && !has_pole_at_one(q)) return 0;
  const double last = 1 - std::numeric_limits<double>::epsilon() / 2;
  const double density = std::exp(p.log_density(last)) + std::exp(q.log_density(last));
  const double mass = p.survival(last) - p.survival(1) + q.survival(last) - q.survival(1);
  return 2 * mass * std::abs(f(last)) / density;
}

DensityReading by_quantile_functions(const LineDensity& p, const LineDensity& q, double order,
                                     double absolute) {
  // Beyond the last point with this mass outside, (T − x)^p p adds less than `absolute` in any unit that
  // counts.
  const double least = std::min(1e-4 * absolute, 1e-4);
  std::vector<double> points;
  for (double x : p.landmarks())
    if (p.cdf(x) >= least && p.survival(x) >= least) points.push_back(x);
  for (double y : q.landmarks()) {
    const double u = q.cdf(y), v = q.survival(y);
    if (u > least && v > least) points.push_back(p.quantile(u, v));
  }
  if (least > 0) points.push_back(p.quantile(least, 1)), points.push_back(p.quantile(1, least));
  const auto shift = [&](double x) { return monotone(p, q, x) - x; };
  const double scale = std::abs(centre_of(p) - centre_of(q)) + spread_of(p) + spread_of(q);
  const Integral power = integrate(
      [&](double x) {
        const double density = std::exp(p.log_density(x));
        return density > 0 ? density * std::pow(std::abs(shift(x)) / scale, order) : 0;
      },
      in_order(std::move(points)), kRelative, absolute);
  return root_of(power, order, scale);
}

}  // namespace

DensityReading integrate_terms(const CellTerms& terms, const LineDensity& left, const LineDensity& right) {
  if (!converges(terms, left, right))
    return {.value = terms.finish({kInfinity, kInfinity}), .estimator = "closed form (tails and supports)"};
  const Line line(left, right);
  const LineDensity &p = line.p, &q = line.q;
  std::vector<double> points = landmarks_of(p, q);
  const TailExponents tails = terms.tails();
  if (tails.at_infinity > 1) add_power(points, p, q, tails.at_infinity);
  if (tails.at_zero < 0) add_power(points, p, q, tails.at_zero);
  const auto log_ratio = [&](double x) { return log_gap(p.log_density(x), q.log_density(x)); };
  points = with_sign_changes(log_ratio, in_order(std::move(points)));
  // Densities as in the unit of the narrowest component, a power of 2: term(p,q) = s^−k term(sp, sq).
  const int exponent = terms.degree() == 0 ? 0 : std::ilogb(line.narrow);
  const double log_unit = std::abs(exponent) > 200 ? exponent * std::numbers::ln2 : 0;
  // A density is the exponential of a logarithm, whose rounding it has.
  const double rounding = std::numeric_limits<double>::epsilon() / 2 * std::abs(std::log(line.narrow));
  const auto back = [&](Integral integral) {
    integral.error += rounding * std::abs(integral.value);
    const int by = log_unit == 0 ? 0 : -terms.degree() * exponent;
    return Integral{std::ldexp(integral.value, by), std::ldexp(integral.error, by)};
  };
  const auto cell = [&](double x) -> CellSums {
    const double log_p = p.log_density(x) + log_unit, log_q = q.log_density(x) + log_unit;
    if (log_p == -kInfinity && log_q == -kInfinity) return {};
    return terms.term(Cell::of_logs(log_p, log_q));
  };
  const auto integral = [&](const std::function<double(double)>& f) {
    Integral whole = integrate(f, points);
    whole.error += error_at_one(f, p, q);
    return back(whole);
  };
  const Integral sum = integral([&](double x) { return cell(x).sum; });
  const Integral overlap = integral([&](double x) { return cell(x).overlap; });
  const double value = terms.finish({sum.value, overlap.value});
  if (std::isinf(value))  // beyond the largest double, or no value in common
    return terms.renyi_order() && overlap.value > 0
               ? renyi_by_logarithms(*terms.renyi_order(), p, q, points)
               : DensityReading{.value = value, .estimator = kQuadrature};
  const double above = terms.finish({sum.value + sum.error, overlap.value + overlap.error});
  // `finish` itself rounds: of a logarithm of 1e173 nothing is left of what its sum may err by.
  const double last = std::numeric_limits<double>::epsilon() * std::abs(value);
  return {.value = value, .error_estimate = std::abs(above - value) + last, .estimator = kQuadrature};
}

DensityReading integrate_on_the_line(const OnTheLine& what, const LineDensity& p, const LineDensity& q,
                                     double absolute) {
  if (what.kind == OnTheLine::Kind::kernel) return kernel_distance(p, q, what.order);
  const bool energy = what.kind == OnTheLine::Kind::energy;
  const double moment = energy ? 0.5 : what.order;  // ∫ (1 − F)² of a tail x^(−df) needs df > ½
  if (!has_moment(p, moment) || !has_moment(q, moment)) {
    // W_p is within a triangle of both distances to one point: infinite where one of them is.
    if (has_moment(p, moment) != has_moment(q, moment))
      return {.value = kInfinity, .estimator = "closed form (tails and supports)"};
    throw RequestError(Complaint{energy ? "energy" : fmt::format("w:p={:g}", what.order),
                                 fmt::format("two densities without a moment of order {:g}", moment),
                                 "at most one of them, whose distance is then infinite",
                                 "tv, hellinger, js and kl need no moments"});
  }
  if (energy) return by_distribution_functions(p, q, 2, true, absolute);
  if (what.order == 1) return by_distribution_functions(p, q, 1, false, absolute);
  // From the one with tails to the one without: the map back has logarithmic poles at the ends. Of two
  // without, from the one without a pole.
  const Line line(p, q);
  return is_bounded(p) && !(is_bounded(q) && has_pole_at_one(q))
             ? by_quantile_functions(line.q, line.p, what.order, absolute)
             : by_quantile_functions(line.p, line.q, what.order, absolute);
}

DensityReading integrate_entropy(const LineDensity& density) {
  const Line line(density, density);
  const LineDensity& p = line.p;
  const auto f = [&](double x) {
    const double log_p = p.log_density(x);
    return log_p == -kInfinity ? 0 : -std::exp(log_p) * log_p;
  };
  Integral sum = integrate(f, p.landmarks());
  sum.error += error_at_one(f, p, p);
  const double rounding = std::numeric_limits<double>::epsilon() / 2 * std::abs(std::log(line.narrow));
  return {.value = sum.value,
          .error_estimate = sum.error + rounding * std::abs(sum.value),
          .estimator = kQuadrature};
}

}  // namespace pushforward
