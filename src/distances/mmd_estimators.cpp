// SPDX-License-Identifier: Apache-2.0
// Estimators of MMD² from sums of the kernel: see mmd_estimators.hpp.
#include "distances/mmd_estimators.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "distances/pool_scale.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

double total(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

std::vector<double> row_of(const Points& points, std::size_t i) {
  std::vector<double> row(points.d());
  for (std::size_t k = 0; k < row.size(); ++k) row[k] = points.at(i, k);
  return row;
}

Points slice(const Points& points, std::size_t begin, std::size_t end) {
  return std::visit([=](auto view) { return Points(view.slice(begin, end)); }, points.data);
}

// k(x, x) of every point: a constant for every kernel of x − y.
std::vector<double> self_values(const Kernel& kernel, const Points& points) {
  const std::vector<double> origin(points.d(), 0);
  std::vector<double> values(points.n(), kernel_value(kernel, origin, origin));
  if (kernel.family != KernelFamily::polynomial) return values;
  for (std::size_t i = 0; i < points.n(); ++i) {
    const std::vector<double> row = row_of(points, i);
    values[i] = kernel_value(kernel, row, row);
  }
  return values;
}

// A sample's weights, and what its sums in KernelSums (of weights, or of ones) lack.
struct Weights {
  std::span<const double> given;
  double each;    // 1/n
  double factor;  // 1 with weights, 1/n without

  explicit Weights(const Sample& s)
      : given(s.weights), each(1 / static_cast<double>(s.n())), factor(given.empty() ? each : 1) {}
  double operator()(std::size_t i) const { return given.empty() ? each : given[i]; }
};

// d k(x, x)/dx of the polynomial kernel, the only one where it is not 0: twice the partial derivative.
void add_self_gradient(const Kernel& kernel, const Points& x, const Weights& w, View<double> out) {
  if (kernel.family != KernelFamily::polynomial) return;
  for (std::size_t i = 0; i < x.n(); ++i) {
    const std::vector<double> row = row_of(x, i);
    add_kernel_gradient(kernel, row, row, 2 * w(i) * w(i), {out.row(i), out.cols});
  }
}

// The two-sample delete-one jackknife of U = Sxx/(n(n−1)) + Syy/(m(m−1)) − 2Sxy/(nm), from row sums.
double jackknife_part(const std::vector<double>& own, const std::vector<double>& cross, double other) {
  const auto n = static_cast<double>(own.size());
  const double within = total(own), across = total(cross);
  std::vector<double> without(own.size());
  for (std::size_t i = 0; i < own.size(); ++i)
    without[i] = (within - 2 * own[i]) / ((n - 1) * (n - 2)) - 2 * (across - cross[i]) / ((n - 1) * other);
  const double mean = total(without) / n;
  double squares = 0;
  for (const double value : without) squares += (value - mean) * (value - mean);
  return squares * (n - 1) / n;
}

double standard_error_of_mean(const std::vector<double>& terms) {
  const auto count = static_cast<double>(terms.size());
  const double mean = total(terms) / count;
  double squares = 0;
  for (const double term : terms) squares += (term - mean) * (term - mean);
  return std::sqrt(squares / (count - 1) / count);
}

// Adds scale · ∂h/∂x₁ and ∂x₂ of one pair's h of the linear-time estimator.
void add_pair_gradient(const Kernel& kernel, const std::vector<double> (&x)[2],
                       const std::vector<double> (&y)[2], double scale, std::span<double> first,
                       std::span<double> second) {
  add_kernel_gradient(kernel, x[0], x[1], scale, first);
  add_kernel_gradient(kernel, x[1], x[0], scale, second);
  add_kernel_gradient(kernel, x[0], y[1], -scale, first);
  add_kernel_gradient(kernel, x[1], y[0], -scale, second);
}

}  // namespace

MmdEstimate biased_mmd(const Kernel& kernel, const Sample& x, const Sample& y, const Gradient& grad) {
  const Weights w(x), v(y);
  const double row = w.given.empty() ? w.each : 1;  // the weight of a row, where it is the same for all
  const KernelSums sums = kernel_sums(kernel, x, y, {grad.points, 2 * w.factor * row, -2 * v.factor * row});
  const std::vector<double> x_self = self_values(kernel, x.points), y_self = self_values(kernel, y.points);
  double value = 0;
  for (std::size_t i = 0; i < x.n(); ++i) {
    const double own = w.factor * sums.xx[i] + w(i) * x_self[i], cross = v.factor * sums.xy[i];
    value += w(i) * (own - 2 * cross);
    if (!grad.weights.empty()) grad.weights[i] = 2 * (own - cross);
  }
  for (std::size_t j = 0; j < y.n(); ++j) value += v(j) * (v.factor * sums.yy[j] + v(j) * y_self[j]);
  if (grad.points.wanted()) {
    if (!w.given.empty())
      for (std::size_t i = 0; i < x.n(); ++i)
        for (std::size_t k = 0; k < x.d(); ++k) grad.points(i, k) *= w(i);
    add_self_gradient(kernel, x.points, w, grad.points);
  }
  return {value < 0 ? 0 : value};  // a square: below 0 only by rounding; NaN stays, for the caller to refuse
}

MmdEstimate unbiased_mmd(const Kernel& kernel, const Sample& x, const Sample& y, const Gradient& grad) {
  const auto n = static_cast<double>(x.n()), m = static_cast<double>(y.n());
  const KernelSums sums = kernel_sums(kernel, x, y, {grad.points, 2 / (n * (n - 1)), -2 / (n * m)});
  MmdEstimate estimate;
  estimate.value =
      total(sums.xx) / (n * (n - 1)) + total(sums.yy) / (m * (m - 1)) - 2 * total(sums.xy) / (n * m);
  if (x.n() >= 3 && y.n() >= 3)
    estimate.standard_error =
        std::sqrt(jackknife_part(sums.xx, sums.xy, m) + jackknife_part(sums.yy, sums.yx, n));
  return estimate;
}

MmdEstimate linear_mmd(const Kernel& kernel, const Sample& x, const Sample& y, const Gradient& grad) {
  const std::size_t pairs = std::min(x.n(), y.n()) / 2;
  if (grad.points.wanted()) std::fill_n(grad.points.data, grad.points.size(), 0.0);
  std::vector<double> h(pairs);
  for (std::size_t p = 0; p < pairs; ++p) {
    const std::vector<double> xs[2] = {row_of(x.points, 2 * p), row_of(x.points, 2 * p + 1)};
    const std::vector<double> ys[2] = {row_of(y.points, 2 * p), row_of(y.points, 2 * p + 1)};
    h[p] = kernel_value(kernel, xs[0], xs[1]) + kernel_value(kernel, ys[0], ys[1]) -
           kernel_value(kernel, xs[0], ys[1]) - kernel_value(kernel, xs[1], ys[0]);
    if (grad.points.wanted())
      add_pair_gradient(kernel, xs, ys, 1 / static_cast<double>(pairs), {grad.points.row(2 * p), x.d()},
                        {grad.points.row(2 * p + 1), x.d()});
  }
  MmdEstimate estimate{total(h) / static_cast<double>(pairs), {}, 2 * pairs};
  if (pairs >= 2) estimate.standard_error = standard_error_of_mean(h);
  return estimate;
}

MmdEstimate block_mmd(const Kernel& kernel, const Sample& x, const Sample& y, std::size_t block,
                      const Gradient& grad) {
  const std::size_t blocks = std::min(x.n(), y.n()) / block;
  if (grad.points.wanted()) std::fill_n(grad.points.data, grad.points.size(), 0.0);
  std::vector<double> values(blocks);
  // Waking threads pays from about a millisecond of work.
  const std::size_t grain = std::max<std::size_t>(1, 2000000 / (block * block * (x.d() + 16)));
  parallel_for(blocks, grain, [&](std::size_t first, std::size_t last) {
    for (std::size_t b = first; b < last; ++b) {
      const std::size_t begin = b * block, end = begin + block;
      const Gradient part{grad.points.wanted() ? grad.points.slice(begin, end) : View<double>{}};
      values[b] =
          unbiased_mmd(kernel, {slice(x.points, begin, end)}, {slice(y.points, begin, end)}, part).value;
    }
  });
  for (std::size_t i = 0; grad.points.wanted() && i < grad.points.size(); ++i)
    grad.points.data[i] /= static_cast<double>(blocks);
  MmdEstimate estimate{total(values) / static_cast<double>(blocks), {}, blocks * block};
  if (blocks >= 2) estimate.standard_error = standard_error_of_mean(values);
  return estimate;
}

double kernel_rounding(const Kernel& kernel, const Sample& x, const Sample& y) {
  constexpr double kUnits = 16, kMeans = 4;  // of rounding in a kernel value; of kernel values in an estimate
  const double sums =
      static_cast<double>(x.n() + y.n()) / 4 * 0x1p-52;  // terms of one sign, added one by one
  const PoolScale scale = pool_scale(x, y);
  double largest = kernel.family == KernelFamily::energy ? 2 * scale.spread : 0;
  for (const Points* points : {&x.points, &y.points})
    for (const double value : self_values(kernel, *points)) largest = std::max(largest, value);
  return kMeans * (kUnits * scale.epsilon + sums) * largest;
}

namespace {

double largest_coordinate(const Points& points) {
  return std::visit(
      [](auto view) {
        double largest = 0;
        for (std::size_t i = 0; i < view.rows; ++i)
          for (std::size_t k = 0; k < view.cols; ++k)
            largest = std::max(largest, std::abs(static_cast<double>(view(i, k))));
        return largest;
      },
      points.data);
}

// More than kernel_rounding() by a quick look: 2ε for its ε, and no point is farther from the mean than 2√d
// largest coordinates.
double rough_rounding(const Kernel& kernel, const Sample& x, const Sample& y) {
  if (kernel.family == KernelFamily::polynomial) return std::numeric_limits<double>::infinity();
  const double far = std::max(largest_coordinate(x.points), largest_coordinate(y.points));
  const double largest = kernel.family == KernelFamily::energy
                             ? 4 * std::sqrt(static_cast<double>(x.d())) * far
                             : static_cast<double>(kernel.bandwidths.size());
  return 64 * (2 * std::numeric_limits<float>::epsilon() + static_cast<double>(x.n() + y.n()) * 0x1p-52) *
         largest;
}

}  // namespace

void tell_rounding(const Kernel& kernel, const Sample& x, const Sample& y, bool root, Reading& reading) {
  const double value = std::abs(*reading.value), estimate = root ? value * value : value;
  if (value == 0 || estimate > rough_rounding(kernel, x, y)) return;
  const double bound = kernel_rounding(kernel, x, y);
  if (estimate > bound) return;
  reading.extra.emplace_back("rounding", root ? std::sqrt(bound) : bound);
  reading.extra.emplace_back("note", "0 as far as can be told: the rounding of its terms may be as large");
}

}  // namespace pushforward
