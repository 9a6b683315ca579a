// SPDX-License-Identifier: Apache-2.0
//
// S_ε of samples that are nearly equal is a small difference of large numbers, and so it is where ε is far
// above all costs. The ways to it, until the error that is left is below a thousandth of the value:
//
// 1. Sinkhorn's iterations in float64, and their bound (sinkhorn.hpp).
// 2. The same again, with marginals that are right to more digits.
// 3. Up to 2048 points a side: Newton's iterations in double-double (precise_sinkhorn.hpp).
// 4. ε far above all costs: the plan a⊗b. Of all P, ⟨P,C⟩ + ε KL(P‖a⊗b) ≥ −ε ln E e^(−C/ε) [Donsker &
//    Varadhan 1983] ≥ E C − L²/8ε for costs in an interval of length L [Hoeffding 1963], so that OT_ε is in
//    [E C − L²/8ε, E C].
// 5. ε far below them: the exact plan. KL(P‖a⊗b) is at most the smaller entropy of a and b, so that OT_ε is
//    in [W, W + ε min(H(a), H(b))] and OT_ε(x,x) in [0, ε H(a)].
//
// Only the first is taken where the tolerance asks for little, as in a training: then the bound says how
// little.
#include "transport/sinkhorn_divergence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "pushforward/transport.hpp"
#include "transport/precise_sinkhorn.hpp"
#include "transport/same_measure.hpp"
#include "transport/sinkhorn_geometry.hpp"

namespace pushforward::entropic {
namespace {

using transport::DoubleDouble;
using Numbers = std::vector<DoubleDouble>;

// Of the value, a bound that needs no better way; the second where iterations ended before the tolerance was
// reached, as whoever asked for few of them knows; the third where not even digits were asked for.
constexpr double kGood = 1e-3, kRough = 0.1, kLoose = 10;
constexpr double kLeastTolerance = 1e-13, kStrict = 1e-6;
constexpr std::size_t kMostPrecise = 2048;
constexpr double kFlat = 1e-3, kSharp = 1e6, kTooSharp = 1e18;  // largest cost/ε, by which ways are ordered
constexpr double kOneRounding = 0x1p-50;

struct Terms {
  SinkhornResult xy{}, xx{}, yy{};
};

class Ways {
 public:
  Ways(const Sample& x, const Sample& y, const SinkhornOptions& options, bool debias,
       const Gradient& gradient)
      : x_(x), y_(y), options_(options), debias_(debias), gradient_(gradient) {}

  BoundedValue take() {
    if (debias_ && same_measure(x_, y_)) return take_zero();
    by_iterations(options_);
    const bool strict = options_.tolerance > 0 && options_.tolerance <= kStrict;
    if (strict && !good()) look_closer();
    return judged(strict);
  }

 private:
  bool good() const { return found_.error_bound <= (found_.converged ? kGood : kRough) * *found_.value; }

  void by_iterations(const SinkhornOptions& options) {
    Matrix<double> points;
    std::vector<double> weights(debias_ ? gradient_.weights.size() : 0);
    Gradient self;
    if (debias_ && gradient_.points.wanted()) points.resize(x_.n(), x_.d()), self.points = points.view();
    self.weights = weights;
    terms_.xy = sinkhorn(x_, y_, options, gradient_);
    if (debias_) terms_.xx = sinkhorn_self(x_, options, self), terms_.yy = sinkhorn_self(y_, options);
    for (std::size_t k = 0; k < points.size(); ++k) gradient_.points.data[k] -= points.data()[k];
    for (std::size_t i = 0; i < weights.size(); ++i) gradient_.weights[i] -= weights[i];
    const auto& [xy, xx, yy] = terms_;
    found_.value = xy.value - 0.5 * xx.value - 0.5 * yy.value;
    found_.error_bound = xy.error_bound + 0.5 * xx.error_bound + 0.5 * yy.error_bound;
    if (!std::isfinite(*found_.value)) found_.error_bound = INFINITY;
    found_.marginal_error = std::max({xy.marginal_error, xx.marginal_error, yy.marginal_error});
    found_.transport_cost = xy.transport_cost;
    found_.converged = xy.converged && (!debias_ || (xx.converged && yy.converged));
    found_.iterations = xy.iterations;
  }

  void look_closer() {
    by_more_iterations();
    const Geometry geometry = make_geometry(x_, y_, options_.p);
    length_ = geometry.length, largest_ = largest_cost(geometry) * geometry.unit;
    const double exponents = largest_ / options_.epsilon;
    if (!good() && exponents < kFlat) by_product();
    if (!good() && exponents > kSharp) by_exact_plan();
    if (!good() && exponents < kTooSharp && std::max(x_.n(), y_.n()) <= kMostPrecise) by_newton();
    if (!good() && !(exponents < kFlat)) by_product();
    if (!good() && !(exponents > kSharp)) by_exact_plan();
  }

  BoundedValue take_zero() const {
    std::fill_n(gradient_.points.data, gradient_.points.size(), 0.0);
    std::fill(gradient_.weights.begin(), gradient_.weights.end(), 0.0);
    BoundedValue nothing;
    nothing.value = 0, nothing.converged = true;
    return nothing;
  }

  void by_more_iterations() {
    const double rounding = terms_.xy.rounding + 0.5 * terms_.xx.rounding + 0.5 * terms_.yy.rounding;
    if (!found_.converged || !(rounding < 0.5 * kGood * *found_.value)) return;
    SinkhornOptions more = options_;
    more.tolerance *= 0.25 * kGood * *found_.value / found_.error_bound;
    if (more.tolerance < kLeastTolerance) return;
    const BoundedValue before = found_;
    by_iterations(more);
    if (found_.error_bound > before.error_bound) found_ = before;
    found_.converged = before.converged;
  }

  // f/ε where the iterations left numbers.
  Numbers start(const std::vector<double>& potential) const {
    Numbers out;
    for (double value : potential)
      if (std::isfinite(value))
        out.push_back(DoubleDouble{value, 0} / options_.epsilon);
      else
        out.push_back({});
    return out;
  }

  PreciseSolution precise(const Sample& x, const Sample& y, const SinkhornResult& from, bool self) const {
    return precise_sinkhorn(precise_costs(x, y, options_.p, length_),
                            options_.epsilon / std::pow(length_, options_.p), self, start(from.f),
                            start(self ? from.f : from.g));
  }

  void by_newton() {
    const PreciseSolution xy = precise(x_, y_, terms_.xy, false);
    DoubleDouble value = xy.value;
    double bound = xy.bound, marginal = xy.marginal_error;
    PreciseSolution xx;
    if (debias_) {
      xx = precise(x_, x_, terms_.xx, true);
      const PreciseSolution yy = precise(y_, y_, terms_.yy, true);
      value = value - xx.value * 0.5 - yy.value * 0.5;
      bound += 0.5 * xx.bound + 0.5 * yy.bound;
      marginal = std::max({marginal, xx.marginal_error, yy.marginal_error});
    }
    bound = options_.epsilon * bound + kOneRounding * std::abs(options_.epsilon * value.value());
    if (!(bound < found_.error_bound)) return;
    found_.value = options_.epsilon * value.value(), found_.error_bound = bound;
    found_.marginal_error = marginal, found_.converged = marginal <= options_.tolerance;
    found_.way = "Newton's iterations in 32 digits";
    write_gradient(xy, xx);
  }

  void write_gradient(const PreciseSolution& xy, const PreciseSolution& xx) const {
    for (std::size_t i = 0; i < gradient_.weights.size(); ++i)
      gradient_.weights[i] = options_.epsilon * (debias_ ? xy.u[i] - xx.u[i] : xy.u[i]).value();
    if (!gradient_.points.wanted()) return;
    std::fill_n(gradient_.points.data, gradient_.points.size(), 0.0);
    add_pull(xy.plan, y_, 1);
    if (debias_) add_pull(xx.plan, x_, -1);
  }
  // ± Σ_j P_ij p ‖x_i − y_j‖^(p−2) (x_i − y_j)
  void add_pull(const Matrix<double>& plan, const Sample& to, double sign) const {
    std::vector<double> step(x_.d());
    for (std::size_t i = 0; i < plan.rows(); ++i)
      for (std::size_t j = 0; j < plan.cols(); ++j) {
        double square = 0;
        for (std::size_t k = 0; k < step.size(); ++k) {
          step[k] = x_.points.at(i, k) - to.points.at(j, k);
          square += step[k] * step[k];
        }
        if (!(square > 0)) continue;
        const double factor = sign * plan(i, j) * options_.p * std::pow(square, options_.p / 2 - 1);
        for (std::size_t k = 0; k < step.size(); ++k) gradient_.points(i, k) += factor * step[k];
      }
  }

  // Takes what is nearer to the truth; the gradient stays where it does not belong to it.
  bool take_if_nearer(double value, double bound, const char* way) {
    if (!(bound < found_.error_bound)) return false;
    found_.value = value, found_.error_bound = bound, found_.way = way;
    return true;
  }

  // The plan a⊗b: its gradient is the iterations', whose first plan it is.
  void by_product() {
    const double xy = mean_cost(x_, y_, options_.p);
    const double xx = debias_ ? mean_cost(x_, x_, options_.p) : 0;
    const double yy = debias_ ? mean_cost(y_, y_, options_.p) : 0;
    const double rounding = kOneRounding * static_cast<double>(x_.d() + 8) * (xy + xx + yy);
    const double hidden = largest_ / options_.epsilon * largest_ / 8;
    take_if_nearer(xy - 0.5 * xx - 0.5 * yy, hidden + rounding, "the product plan: eps is above all costs");
  }

  static double entropy(const Sample& sample) {
    if (sample.weights.empty()) return std::log(static_cast<double>(sample.n()));
    double sum = 0;
    for (double w : sample.weights) sum -= w > 0 ? w * std::log(w) : 0;
    return std::max(0.0, sum);
  }

  void by_exact_plan() {
    const double hx = entropy(x_), hy = entropy(y_);
    const double above = options_.epsilon * std::min(hx, hy);
    const double below = debias_ ? options_.epsilon * 0.5 * (hx + hy) : 0;
    if (options_.p < 1 || !(0.5 * (above + below) < found_.error_bound)) return;
    const TransportResult exact = solve_transport(x_, y_, {.p = options_.p, .normalize = true});
    const double bound = 0.5 * (above + below) + (exact.gap + kOneRounding) * exact.value;
    if (!take_if_nearer(exact.value + 0.5 * (above - below), bound, "the exact plan: eps is below all costs"))
      return;
    found_.transport_cost = exact.value;
    if (gradient_.points.wanted()) transport_gradient(x_, y_, options_.p, exact.plan, 1, gradient_.points);
    std::copy_n(exact.u.begin(), gradient_.weights.size(), gradient_.weights.begin());
  }

  // 0 ≤ S_ε ≤ OT_ε ≤ E C, as a⊗b is a plan and no cost is negative: a number beyond is none, and one whose
  // bound leaves all of that open says nothing. Where little was asked for it is given, with what is known.
  BoundedValue judged(bool strict) const {
    BoundedValue out = found_;
    const bool enough = good() || (!strict && out.error_bound <= kLoose * *out.value);
    if (!enough) judge(strict, out);
    if (out.value && non_negative()) out.value = std::max(0.0, *out.value);
    return out;
  }
  bool non_negative() const { return options_.p <= 2 || !debias_; }
  void judge(bool strict, BoundedValue& out) const {
    const double most = mean_cost(x_, y_, options_.p);
    const bool possible = std::isfinite(*out.value) && std::abs(*out.value) <= most * (1 + kGood);
    const bool known = !strict || out.error_bound < most;
    if (!possible || !known) return out.value.reset();
    if (non_negative()) out.error_bound = std::min(out.error_bound, most);
  }

  const Sample &x_, &y_;
  const SinkhornOptions options_;
  const bool debias_;
  const Gradient gradient_;
  Terms terms_{};
  BoundedValue found_{};
  double length_ = 1, largest_ = 0;  // of coordinates, a power of two; of all costs, a bound
};

}  // namespace

BoundedValue bounded_sinkhorn(const Sample& x, const Sample& y, const SinkhornOptions& options, bool debias,
                              const Gradient& gradient) {
  return Ways(x, y, options, debias, gradient).take();
}

}  // namespace pushforward::entropic
