// SPDX-License-Identifier: Apache-2.0
//
// Gradients: written and not added to, right, and without influence on the value.
//
// Each entry is compared with a central difference extrapolated after Richardson, (4 Δ(h/2) − Δ(h))/3, whose
// error is O(h⁴), in double precision at random points with random weights (never at a symmetric place, where
// wrong formulas agree). Transport has kinks where the optimal plan changes; there Δ(h) and Δ(h/2) disagree
// and the entry is left out, but most entries must be checked or that is a finding too. Weights have a
// gradient only along the simplex, so pairs of entries are compared: d/dt D(w + t(e_i − e_j)) = g_i − g_j.
// Last, points and weights are moved together along one random direction, which a gradient that is right in
// each but not in both at once would not survive. What a distance derives from the data (a median bandwidth)
// is a constant of the gradient by contract, so the differences are taken on a frozen object.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include <fmt/format.h>

#include "conformance/report.hpp"

namespace pushforward::conformance {
namespace {

// A wide step suits values with some noise; a fine one slips between the many small kinks of a value that is
// averaged over directions.
struct Difference {
  double step, kink;  // kink: relative disagreement of Δ(h) and Δ(h/2) that no smooth function shows
};
constexpr Difference kWide{2e-3, 1e-5}, kFine{1e-4, 1e-6};

double extrapolated(const std::function<double(double)>& value, double scale, const Difference& difference) {
  const auto central = [&](double h) { return (value(h) - value(-h)) / (2 * h); };
  const double wide = central(difference.step), narrow = central(difference.step / 2);
  const double size = std::max({std::abs(wide), std::abs(narrow), scale});
  if (std::abs(wide - narrow) > difference.kink * size) return std::numeric_limits<double>::quiet_NaN();
  return (4 * narrow - wide) / 3;
}

// dD/dt at 0 along t ↦ value(t), or NaN at a kink.
double derivative(const std::function<double(double)>& value, double scale) {
  const double wide = extrapolated(value, scale, kWide);
  return std::isnan(wide) ? extrapolated(value, scale, kFine) : wide;
}

// Compares derivatives with numeric ones, entry by entry.
class Comparison {
 public:
  Comparison(Report& report, std::string promise, double scale)
      : report_(report), promise_(std::move(promise)), scale_(scale) {}
  void entry(const std::string& where, double got, const std::function<double(double)>& value) {
    ++entries_;
    const double wanted = derivative(value, scale_);
    if (std::isnan(wanted)) return;
    ++checked_;
    const double error = std::abs(got - wanted) / scale_;
    if (error <= report_.options().gradient_tolerance || failed_) return;
    failed_ = true;  // one a gradient is enough to read
    report_.found(promise_, fmt::format("{}: got {:.12g}, central difference {:.12g}", where, got, wanted));
  }
  void finish() {
    if (3 * checked_ < 2 * entries_)
      report_.found(promise_, fmt::format("only {} of {} entries could be checked: the value jumps", checked_,
                                          entries_));
  }

 private:
  Report& report_;
  std::string promise_;
  double scale_;
  std::size_t entries_ = 0, checked_ = 0;
  bool failed_ = false;
};

double largest(std::span<const double> values) {
  double most = 1e-6;  // a gradient that vanishes is compared absolutely
  for (double value : values) most = std::max(most, std::abs(value));
  return most;
}

struct Gradients {
  Matrix<double> points;
  std::vector<double> weights;
};

struct Problem {
  Cloud x, y;
  std::unique_ptr<Distance> distance;
};

Problem problem(const Report& report, std::size_t n, std::size_t m, std::size_t d, std::uint64_t step) {
  const Draw draw = report.draw("gradients");
  Problem p{normal_cloud(report.n(n), report.d(d), draw.at(4 * step), 0.3, 0.8),
            normal_cloud(report.n(m), report.d(d), draw.at(4 * step + 1), -0.2, 1.1), report.make()};
  if (report.facts().weighted && step % 2 == 1) {
    p.x = with_random_weights(std::move(p.x), draw.at(4 * step + 2));
    p.y = with_random_weights(std::move(p.y), draw.at(4 * step + 3));
  }
  p.distance->freeze(p.x.sample(), p.y.sample());
  return p;
}

double value_of(const Problem& p, const Cloud& x) {
  return p.distance->measure(x.sample(), p.y.sample()).value.value_or(0);
}

// Asks for the claimed gradients with buffers full of `filling`; the value must not notice.
Gradients gradients(Report& report, const Problem& p, double filling) {
  const Facts& facts = report.facts();
  Gradients g{Matrix<double>(p.x.n(), p.x.d()), std::vector<double>(p.x.n(), filling)};
  std::fill_n(g.points.data(), g.points.size(), filling);
  Gradient wanted;
  if (facts.gradient_points) wanted.points = g.points.view();
  if (facts.gradient_weights) wanted.weights = g.weights;
  const Reading with = p.distance->measure(p.x.sample(), p.y.sample(), wanted);
  const Reading without = p.distance->measure(p.x.sample(), p.y.sample());
  if (!with.value || !without.value || *with.value != *without.value)
    report.found(
        "value independent of the gradient",
        fmt::format("{:.17g} with, {:.17g} without", with.value.value_or(0), without.value.value_or(0)));
  return g;
}

void check_written(Report& report, const Problem& p, const Gradients& g) {
  const Gradients again = gradients(report, p, 1e30);
  const auto differs = [](double a, double b) { return !std::isfinite(a) || a != b; };
  const Facts& facts = report.facts();
  if (facts.gradient_points && !std::equal(g.points.data(), g.points.data() + g.points.size(),
                                           again.points.data(), std::not_fn(differs)))
    report.found("gradient in points", "is not written everywhere, or is added to what the buffer held");
  if (facts.gradient_weights &&
      !std::equal(g.weights.begin(), g.weights.end(), again.weights.begin(), std::not_fn(differs)))
    report.found("gradient in weights", "is not written everywhere, or is added to what the buffer held");
}

// The second sample's points, one entry at a time: D(x, y + t·e), whichever way the class comes by it.
void check_in_y(Report& report, const Problem& p) {
  if (!report.facts().gradient_points) return;
  Matrix<double> points(p.y.n(), p.y.d());
  std::fill_n(points.data(), points.size(), 1e30);
  const Reading with = p.distance->measure_in_y(p.x.sample(), p.y.sample(), {.points = points.view()});
  const auto value = [&](const Cloud& y) {
    return p.distance->measure(p.x.sample(), y.sample()).value.value_or(0);
  };
  if (!close(with.value.value_or(0), value(p.y), report.options().value_tolerance))
    report.found("one direction", fmt::format("D(x,y) = {:.17g}, but {:.17g} with a gradient in y",
                                              value(p.y), with.value.value_or(0)));
  Comparison compare(report, "gradient in the second sample's points", largest(points.span()));
  for (std::size_t j = 0; j < p.y.n(); ++j)
    for (std::size_t k = 0; k < p.y.d(); ++k)
      compare.entry(fmt::format("row {}, column {}", j, k), points(j, k), [&](double t) {
        Cloud moved = p.y;
        moved.points(j, k) += t;
        return value(moved);
      });
  compare.finish();
}

// Asked for one of them alone, each comes out as when asked for both.
void check_alone(Report& report, const Problem& p, const Gradients& g) {
  if (!report.facts().gradient_points || !report.facts().gradient_weights) return;
  Gradients alone{Matrix<double>(p.x.n(), p.x.d()), std::vector<double>(p.x.n())};
  p.distance->measure(p.x.sample(), p.y.sample(), {.points = alone.points.view()});
  p.distance->measure(p.x.sample(), p.y.sample(), {.weights = alone.weights});
  const auto agree = [](double a, double b) { return close(a, b, 1e-9); };
  if (!std::equal(g.points.data(), g.points.data() + g.points.size(), alone.points.data(), agree))
    report.found("gradient in points", "differs when it is asked for alone");
  if (!std::equal(g.weights.begin(), g.weights.end(), alone.weights.begin(), agree))
    report.found("gradient in weights", "differs when it is asked for alone");
}

void check_points(Report& report, const Problem& p, const Gradients& g) {
  if (!report.facts().gradient_points) return;
  Comparison compare(report, "gradient in points", largest(g.points.span()));
  for (std::size_t i = 0; i < p.x.n(); ++i)
    for (std::size_t k = 0; k < p.x.d(); ++k)
      compare.entry(fmt::format("row {}, column {}", i, k), g.points(i, k), [&](double t) {
        Cloud moved = p.x;
        moved.points(i, k) += t;
        return value_of(p, moved);
      });
  compare.finish();
}

Cloud with_moved_mass(const Cloud& x, std::size_t i, std::size_t j, double t) {
  Cloud moved = x;
  if (moved.weights.empty()) moved.weights.assign(x.n(), 1 / static_cast<double>(x.n()));
  moved.weights[i] += t, moved.weights[j] -= t;
  return moved;
}

void check_weights(Report& report, const Problem& p, const Gradients& g) {
  if (!report.facts().gradient_weights || p.x.weights.empty())
    return;  // equal weights are a kink of transport
  Comparison compare(report, "gradient in weights", std::max(largest(g.weights), 1e-3));
  for (std::size_t i = 0; i + 1 < p.x.n(); ++i)
    compare.entry(fmt::format("mass from row {} to row {}", i + 1, i), g.weights[i] - g.weights[i + 1],
                  [&](double t) { return value_of(p, with_moved_mass(p.x, i, i + 1, t)); });
  compare.finish();
}

// All entries at once: d/dt D(x + tv, w + tu) = ⟨g_x, v⟩ + ⟨g_w, u⟩ with Σu = 0.
void check_chain(Report& report, const Problem& p, const Gradients& g) {
  const Cloud v = normal_cloud(p.x.n(), p.x.d(), report.draw("direction"));
  std::vector<double> u(p.x.n(), 0.0);
  const bool weights = report.facts().gradient_weights && !p.x.weights.empty();
  for (std::size_t i = 0; weights && i + 1 < u.size(); i += 2) u[i] = 0.01 * v.points(i, 0), u[i + 1] = -u[i];
  const bool points = report.facts().gradient_points;
  double wanted = 0, scale = 1e-6;
  for (std::size_t e = 0; points && e < v.points.size(); ++e)
    wanted += g.points.data()[e] * v.points.data()[e],
        scale += std::abs(g.points.data()[e] * v.points.data()[e]);
  for (std::size_t i = 0; weights && i < u.size(); ++i) wanted += u[i] * g.weights[i];
  if (!weights && !points) return;
  Comparison compare(report, "gradient along a direction", std::max(scale, 1e-3));
  compare.entry("all rows", wanted, [&](double t) {
    Cloud moved = p.x;
    for (std::size_t e = 0; points && e < v.points.size(); ++e)
      moved.points.data()[e] += t * v.points.data()[e];
    for (std::size_t i = 0; weights && i < u.size(); ++i) moved.weights[i] += t * u[i];
    return value_of(p, moved);
  });
}

}  // namespace

void check_gradients(Report& report) {
  if (!report.facts().gradient_points && !report.facts().gradient_weights) return;
  const std::size_t sizes[][3] = {{5, 7, 2}, {6, 4, 3}, {4, 5, 1}, {5, 5, 2}};
  std::uint64_t step = 0;
  for (const auto& size : sizes)
    report.attempt("gradient", [&] {
      const Problem p = problem(report, size[0], size[1], size[2], step++);
      const Gradients g = gradients(report, p, std::numeric_limits<double>::quiet_NaN());
      check_written(report, p, g);
      check_alone(report, p, g);
      check_points(report, p, g);
      check_weights(report, p, g);
      check_chain(report, p, g);
      check_in_y(report, p);
    });
}

}  // namespace pushforward::conformance
