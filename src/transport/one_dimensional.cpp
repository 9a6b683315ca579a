// SPDX-License-Identifier: Apache-2.0
//
// Transport on the line: sort, then merge.
//
// Equal sizes without weights need the sorted numbers only, and W_p^p is a mean of |x_(i)−y_(i)|^p: two
// vector sorts and one sum. Everything else walks the *staircase*: with A_i and B_j the partial sums of the
// sorted weights, mass min(A_i,B_j) − (what has flowed) goes from x_(i) to y_(j), then whichever is used up
// moves on (partial_sums.hpp).
//
// Potentials: u_i + v_j = c_ij along the staircase determines both but for a constant. Where both measures
// are used up at once the staircase may turn either way; both ways are optimal, and their mean is taken
// because it treats x and y alike.
#include "pushforward/one_dimensional.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include <fmt/format.h>

#include "ops/sort.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"
#include "transport/line_kernels.hpp"
#include "transport/partial_sums.hpp"

namespace pushforward {
namespace {

using transport::partial_sums;

constexpr std::size_t kThreadedSize = 50000;  // below this a second thread costs more than it saves

double cost(double x, double y, double p) {
  const double r = std::abs(x - y);
  return p == 1 ? r : p == 2 ? r * r : std::pow(r, p);
}

double slope(double x, double y, double p) {
  const double r = std::abs(x - y), size = p == 1 ? (r > 0 ? 1 : 0) : p == 2 ? 2 * r : p * std::pow(r, p - 1);
  return x < y ? -size : size;
}

template <class T>
void check_line(const LineSample<T>& x, const LineSample<T>& y, double p) {
  if (!(p >= 1) || !std::isfinite(p))
    throw RequestError(
        Complaint{"one-dimensional transport: p", std::to_string(p), "a finite number of at least 1"});
  if (x.points.empty() || y.points.empty())
    throw RequestError(
        Complaint{"one-dimensional transport", "an empty sample", "at least one point in each"});
}

double checked(double power) {
  if (!std::isfinite(power))
    throw RequestError(Complaint{"one-dimensional transport", "a cost beyond the largest number",
                                 "points whose differences to the power p can be added", "rescale the data"});
  return power;
}

/// Calls visit(i, j, mass) for each flow of the monotone plan, in sorted positions.
template <class Visit>
void walk_plan(std::span<const double> a, std::span<const double> b, const Visit& visit) {
  double flowed = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double next = std::min(a[i], b[j]);
    if (next > flowed) visit(i, j, next - flowed), flowed = next;
    const bool x_used = a[i] <= next, y_used = b[j] <= next;
    i += x_used, j += y_used;
  }
}

/// Adds half of the potentials of one staircase; `rows_first` decides where it turns at a tie.
template <class T>
void add_potentials(const LineWorkspace<T>& w, double p, bool rows_first, std::vector<double>& u,
                    std::vector<double>& v) {
  const auto c = [&](std::size_t i, std::size_t j) {
    return cost(static_cast<double>(w.x[i]), static_cast<double>(w.y[j]), p);
  };
  double ui = 0, vj = c(0, 0);
  u[0] += 0.5 * ui, v[0] += 0.5 * vj;
  for (std::size_t i = 0, j = 0; i + 1 < w.x.size() || j + 1 < w.y.size();) {
    const bool down =
        j + 1 == w.y.size() ||
        (i + 1 < w.x.size() && (w.x_sums[i] < w.y_sums[j] || (w.x_sums[i] == w.y_sums[j] && rows_first)));
    if (down)
      ++i, ui = c(i, j) - vj, u[i] += 0.5 * ui;
    else
      ++j, vj = c(i, j) - ui, v[j] += 0.5 * vj;
  }
}

double weighted_sum(std::span<const double> values, std::span<const double> sums) {
  double total = 0, before = 0;
  for (std::size_t i = 0; i < values.size(); ++i) total += (sums[i] - before) * values[i], before = sums[i];
  return total;
}

/// Both potentials in sorted order, shifted so that Σ a u = Σ b v.
template <class T>
void potentials(LineWorkspace<T>& w, double p) {
  w.u.assign(w.x.size(), 0), w.v.assign(w.y.size(), 0);
  add_potentials(w, p, true, w.u, w.v);
  add_potentials(w, p, false, w.u, w.v);
  const double shift = 0.5 * (weighted_sum(w.u, w.x_sums) - weighted_sum(w.v, w.y_sums));
  for (double& value : w.u) value -= shift;
  for (double& value : w.v) value += shift;
}

/// Runs both, on two threads when they are large.
template <class First, class Second>
void both(std::size_t size, const First& first, const Second& second) {
  if (size < kThreadedSize) return first(), second();
  parallel_for(2, 1, [&](std::size_t begin, std::size_t end) {
    if (begin == 0) first();
    if (end == 2) second();
  });
}

template <class T>
double sorted_mean(const LineSample<T>& x, const LineSample<T>& y, double p, LineWorkspace<T>& w) {
  const auto sorted = [](std::span<const T> points, Matrix<T>& out) {
    out.resize(1, points.size());
    std::copy(points.begin(), points.end(), out.data());
    sort_values(out.span());
  };
  const std::size_t n = x.points.size();
  both(
      n, [&] { sorted(x.points, w.x_values); }, [&] { sorted(y.points, w.y_values); });
  return sum_of_powers(w.x_values.data(), w.y_values.data(), n, p) / static_cast<double>(n);
}

template <class T>
void sort_and_sum(const LineSample<T>& x, const LineSample<T>& y, LineWorkspace<T>& w) {
  both(
      std::max(x.points.size(), y.points.size()),
      [&] {
        sort_with_order(x.points, w.x, w.x_order);
        partial_sums(x.weights, x.points.size(), w.x_order, w.x_sums);
      },
      [&] {
        sort_with_order(y.points, w.y, w.y_order);
        partial_sums(y.weights, y.points.size(), w.y_order, w.y_sums);
      });
}

template <class T>
double merged(const LineSample<T>& x, const LineSample<T>& y, double p, LineWorkspace<T>& w,
              const LineGradient& gradient) {
  sort_and_sum(x, y, w);
  std::fill(gradient.points.begin(), gradient.points.end(), 0.0);
  double power = 0;
  walk_plan(w.x_sums, w.y_sums, [&](std::size_t i, std::size_t j, double mass) {
    const auto xi = static_cast<double>(w.x[i]), yj = static_cast<double>(w.y[j]);
    power += mass * cost(xi, yj, p);
    if (!gradient.points.empty()) gradient.points[w.x_order[i]] += mass * slope(xi, yj, p);
  });
  if (!gradient.weights.empty()) {
    potentials(w, p);
    for (std::size_t i = 0; i < w.u.size(); ++i) gradient.weights[w.x_order[i]] = w.u[i];
  }
  return power;
}

/// Calls f(line of x, line of y) in float when both samples are float, else in double.
template <class F>
auto with_lines(const Sample& x, const Sample& y, const F& f) {
  if (x.d() != 1 || y.d() != 1)
    throw RequestError(
        Complaint{"one-dimensional transport", "d = " + std::to_string(std::max(x.d(), y.d())), "d = 1"});
  const auto* xf = std::get_if<View<const float>>(&x.points.data);
  const auto* yf = std::get_if<View<const float>>(&y.points.data);
  if (xf && yf) return f(LineSample<float>{xf->span(), x.weights}, LineSample<float>{yf->span(), y.weights});
  std::vector<double> x_copy, y_copy;
  const auto doubles = [](const Points& points, std::vector<double>& copy) {
    if (const auto* view = std::get_if<View<const double>>(&points.data)) return view->span();
    const auto values = std::get<View<const float>>(points.data).span();
    copy.assign(values.begin(), values.end());
    return std::span<const double>(copy);
  };
  return f(LineSample<double>{doubles(x.points, x_copy), x.weights},
           LineSample<double>{doubles(y.points, y_copy), y.weights});
}

template <class T>
OneDimensionalPlan plan_of(const LineSample<T>& x, const LineSample<T>& y, double p) {
  check_line(x, y, p);
  LineWorkspace<T> w;
  sort_and_sum(x, y, w);
  OneDimensionalPlan plan;
  walk_plan(w.x_sums, w.y_sums, [&](std::size_t i, std::size_t j, double mass) {
    plan.i.push_back(w.x_order[i]), plan.j.push_back(w.y_order[j]), plan.mass.push_back(mass);
    plan.power += mass * cost(static_cast<double>(w.x[i]), static_cast<double>(w.y[j]), p);
  });
  checked(plan.power);
  potentials(w, p);
  plan.u.resize(w.u.size()), plan.v.resize(w.v.size());
  for (std::size_t i = 0; i < w.u.size(); ++i) plan.u[w.x_order[i]] = w.u[i];
  for (std::size_t j = 0; j < w.v.size(); ++j) plan.v[w.y_order[j]] = w.v[j];
  return plan;
}

}  // namespace

template <class T>
double line_power(const LineSample<T>& x, const LineSample<T>& y, double p, LineWorkspace<T>& workspace,
                  const LineGradient& gradient) {
  check_line(x, y, p);
  const bool plain = x.weights.empty() && y.weights.empty() && x.points.size() == y.points.size();
  if (plain && gradient.points.empty() && gradient.weights.empty())
    return checked(sorted_mean(x, y, p, workspace));
  return checked(merged(x, y, p, workspace, gradient));
}

template <class T>
double sorted_line_power(std::span<T> x, std::span<T> y, double p) {
  check_line(LineSample<T>{x}, LineSample<T>{y}, p);
  sort_values(x), sort_values(y);
  return checked(sum_of_powers(x.data(), y.data(), x.size(), p) / static_cast<double>(x.size()));
}

template double sorted_line_power(std::span<float>, std::span<float>, double);
template double sorted_line_power(std::span<double>, std::span<double>, double);
template double line_power(const LineSample<float>&, const LineSample<float>&, double, LineWorkspace<float>&,
                           const LineGradient&);
template double line_power(const LineSample<double>&, const LineSample<double>&, double,
                           LineWorkspace<double>&, const LineGradient&);

void check_underflow(std::string_view where, double power, double p, bool differ) {
  if (power >= std::numeric_limits<double>::min() || p == 1 || !differ) return;
  throw RequestError(Complaint{std::string(where), fmt::format("differences whose power {:g} is about 0", p),
                               "costs that float64 can hold", "scale the data up, or use w1"});
}

double one_dimensional_power(const Sample& x, const Sample& y, double p, const Gradient& gradient) {
  return with_lines(x, y, [&]<class T>(const LineSample<T>& a, const LineSample<T>& b) {
    LineWorkspace<T> workspace;
    const double power = line_power(a, b, p, workspace, {gradient.points.span(), gradient.weights});
    if (power < std::numeric_limits<double>::min())
      check_underflow("transport", power, p, line_power(a, b, 1, workspace) > 0);
    return power;
  });
}

OneDimensionalPlan one_dimensional_plan(const Sample& x, const Sample& y, double p) {
  return with_lines(x, y, [&](const auto& a, const auto& b) { return plan_of(a, b, p); });
}

}  // namespace pushforward
