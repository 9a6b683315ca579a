// SPDX-License-Identifier: Apache-2.0
// Centring, scaling and padding.
#include "transport/sinkhorn_geometry.hpp"

#include <algorithm>
#include <cmath>

#include "pushforward/error.hpp"

namespace pushforward::entropic {
namespace {

std::size_t padded(std::size_t count, std::size_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

void add_mean(const Points& points, double share, std::vector<double>& mean) {
  const auto n = static_cast<double>(points.n());
  std::visit(
      [&](auto view) {
        for (std::size_t i = 0; i < view.rows; ++i)
          for (std::size_t k = 0; k < view.cols; ++k) mean[k] += share / n * static_cast<double>(view(i, k));
      },
      points.data);
}

/// Centred copies; returns the largest coordinate.
double copy_centred(const Points& points, const std::vector<double>& mean, Matrix<double>& out) {
  double largest = 0;
  std::visit(
      [&](auto view) {
        for (std::size_t i = 0; i < view.rows; ++i)
          for (std::size_t k = 0; k < view.cols; ++k) {
            out(i, k) = static_cast<double>(view(i, k)) - mean[k];
            largest = std::max(largest, std::abs(out(i, k)));
          }
      },
      points.data);
  return largest;
}

std::vector<double> padded_weights(const Sample& sample, std::size_t size) {
  std::vector<double> w(size, 0);
  const std::size_t n = sample.n();
  if (sample.weights.empty()) {
    std::fill_n(w.begin(), n, 1 / static_cast<double>(n));
    return w;
  }
  double sum = 0;
  for (double value : sample.weights) sum += value;
  for (std::size_t i = 0; i < n; ++i) w[i] = sample.weights[i] / sum;
  return w;
}

std::vector<double> squared_norms(const Matrix<double>& points, bool wanted) {
  std::vector<double> norms(points.rows(), 0);
  if (wanted)
    for (std::size_t i = 0; i < points.rows(); ++i)
      for (std::size_t k = 0; k < points.cols(); ++k) norms[i] += points(i, k) * points(i, k);
  return norms;
}

}  // namespace

Geometry make_geometry(const Sample& x, const Sample& y, double p) {
  Geometry g;
  g.n = x.n(), g.m = y.n(), g.d = x.d(), g.p = p;
  g.rows = padded(g.n, kRows), g.cols = padded(g.m, kPanel<float>);
  g.x = Matrix<double>(g.rows, g.d), g.y = Matrix<double>(g.cols, g.d);
  std::vector<double> mean(g.d, 0);
  add_mean(x.points, 0.5, mean), add_mean(y.points, 0.5, mean);
  const double largest = std::max(copy_centred(x.points, mean, g.x), copy_centred(y.points, mean, g.y));
  int exponent = 0;
  if (largest > 0) std::frexp(largest, &exponent);
  g.length = std::ldexp(1.0, exponent), g.unit = std::pow(g.length, p);
  if (!std::isfinite(largest) || !std::isfinite(g.unit) || !(g.unit > 0))
    throw RequestError(Complaint{"sinkhorn", "costs beyond the range of numbers",
                                 "differences to the power p that are finite", "rescale the data"});
  for (double& value : g.x.span()) value /= g.length;
  for (double& value : g.y.span()) value /= g.length;
  g.x_norm = squared_norms(g.x, p == 2), g.y_norm = squared_norms(g.y, p == 2);
  g.a = padded_weights(x, g.rows), g.b = padded_weights(y, g.cols);
  return g;
}

double Geometry::cost(std::size_t i, std::size_t j) const {
  double s = 0;
  for (std::size_t k = 0; k < d; ++k) s += (x(i, k) - y(j, k)) * (x(i, k) - y(j, k));
  return p == 2 ? s : p == 1 ? std::sqrt(s) : std::pow(s, p / 2);
}

double mean_cost(const Geometry& g) {
  if (g.p == 2) {
    double sum = 0;
    std::vector<double> x_mean(g.d, 0), y_mean(g.d, 0);
    for (std::size_t i = 0; i < g.n; ++i) {
      sum += g.a[i] * g.x_norm[i];
      for (std::size_t k = 0; k < g.d; ++k) x_mean[k] += g.a[i] * g.x(i, k);
    }
    for (std::size_t j = 0; j < g.m; ++j) {
      sum += g.b[j] * g.y_norm[j];
      for (std::size_t k = 0; k < g.d; ++k) y_mean[k] += g.b[j] * g.y(j, k);
    }
    for (std::size_t k = 0; k < g.d; ++k) sum -= 2 * x_mean[k] * y_mean[k];
    return std::max(0.0, sum);
  }
  const Matrix<double> panels = make_panels<double>(g.y);
  Matrix<double> costs(kRows, g.cols), weights(1, g.cols);
  std::copy(g.b.begin(), g.b.end(), weights.data());
  double sum = 0;
  for (std::size_t i = 0; i < g.rows; i += kRows) {
    distances(g.x.row(i), g.d, panels.data(), g.cols / kPanel<double>, g.p, costs.data(), g.cols);
    for (std::size_t r = 0; r < kRows; ++r) sum += g.a[i + r] * dot(costs.row(r), weights.data(), g.cols);
  }
  return sum;
}

double largest_cost(const Geometry& g) {
  const auto largest_norm = [&](const Matrix<double>& points) {
    double largest = 0;
    for (std::size_t i = 0; i < points.rows(); ++i) {
      double s = 0;
      for (std::size_t k = 0; k < g.d; ++k) s += points(i, k) * points(i, k);
      largest = std::max(largest, s);
    }
    return std::sqrt(largest);
  };
  return std::pow(largest_norm(g.x) + largest_norm(g.y), g.p);
}

double exact_column(const Geometry& g, std::size_t j, double kappa, const std::vector<double>& f) {
  std::vector<double> exponents;
  exponents.reserve(g.n);
  for (std::size_t i = 0; i < g.n; ++i)
    if (g.a[i] > 0) exponents.push_back(std::log2(g.a[i]) + f[i] - kappa * g.cost(i, j));
  const double largest_exponent = *std::max_element(exponents.begin(), exponents.end());
  double sum = 0;
  for (double exponent : exponents) sum += std::exp2(exponent - largest_exponent);
  return -largest_exponent - std::log2(sum);
}

template <class T>
Matrix<T> make_panels(const Matrix<double>& y) {
  const std::size_t panels = y.rows() / kPanel<T>, d = y.cols();
  Matrix<T> out;
  out.resize(panels * d, kPanel<T>);
  for (std::size_t panel = 0; panel < panels; ++panel)
    for (std::size_t k = 0; k < d; ++k)
      for (std::size_t c = 0; c < kPanel<T>; ++c)
        out(panel * d + k, c) = static_cast<T>(y(panel * kPanel<T> + c, k));
  return out;
}

template <class T>
Matrix<T> make_rows(const Matrix<double>& x) {
  Matrix<T> out;
  out.resize(x.rows(), x.cols());
  std::transform(x.span().begin(), x.span().end(), out.data(), [](double v) { return static_cast<T>(v); });
  return out;
}

template Matrix<float> make_panels(const Matrix<double>&);
template Matrix<double> make_panels(const Matrix<double>&);
template Matrix<float> make_rows(const Matrix<double>&);
template Matrix<double> make_rows(const Matrix<double>&);

}  // namespace pushforward::entropic
