// SPDX-License-Identifier: Apache-2.0
//
// Two bounds of a critic's slope.
//
// Operator norms: ‖f‖_Lip ≤ Π ‖W_l‖₂ · Lip(activation), the W_l by singular values in double precision. With
// it, difference of means ÷ bound ≤ W1 for the true distributions in expectation: a lower bound. It is loose
// where layers' directions do not line up.
//
// Largest slope: Kantorovich's dual for two finite samples asks f(x_i) − f(y_j) ≤ ‖x_i − y_j‖ of pairs across
// the samples only. So f divided by its largest slope over those pairs is feasible, and the difference of
// means a lower bound of the held-out samples' own W1, but an estimate of the distributions'. Float32 values
// carry rounding errors, which pairs that all but coincide would blow up: two ulps of f are taken off.
#include "critics/critic_lipschitz.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <Eigen/SVD>

#include "ops/activation.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kMostOperations = 200'000'000;  // subtractions of coordinates

Eigen::MatrixXd matrix_of(View<const float> values) {
  using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Floats>(values.data, static_cast<Eigen::Index>(values.rows),
                                  static_cast<Eigen::Index>(values.cols))
      .cast<double>();
}

// ‖W‖₂ of a layer's weight, over ‖Wᵀu‖/‖u‖ where it is divided by that (see dense_weight.hpp); 1 where the
// layer has none. Maxout's is the norm of all its pieces on top of each other, which no winner exceeds.
double operator_norm(Layer& layer) {
  double norm = 1, divisor = 1;
  Eigen::MatrixXd w;
  for (const Parameter* p : layer.parameters()) {
    if (p->name.ends_with("weight")) {
      w = matrix_of(p->value);
      norm = Eigen::BDCSVD<Eigen::MatrixXd>(w).singularValues()(0);
    } else if (p->name.ends_with("singular_vector")) {
      const Eigen::MatrixXd u = matrix_of(p->value);
      divisor = (u * w).norm() / u.norm();
    }
  }
  return norm / divisor;
}

// √ of the largest number of pairs that is affordable, for each side.
std::size_t rows_used(std::size_t n, std::size_t d, std::size_t operations) {
  const std::size_t pairs = operations / d;
  return std::min(n, static_cast<std::size_t>(std::sqrt(static_cast<double>(pairs))) + 1);
}

double square_distance(const float* a, const float* b, std::size_t d) {
  float sum = 0;
  for (std::size_t k = 0; k < d; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return static_cast<double>(sum);
}

}  // namespace

std::optional<double> operator_norm_product(Network& network, const CriticSettings& options) {
  if (options.network.norm != "none" || options.body != "mlp") return {};
  double product = 1;
  for (std::size_t i = 0; i < network.depth(); ++i) product *= operator_norm(network.layer(i));
  if (options.network.pieces == 0)
    for (std::size_t i = 0; i < options.network.hidden.size(); ++i)
      product *= steepest(parse_activation(options.network.activation));
  return product;
}

double largest_slope(const ValuedPoints& x, const ValuedPoints& y, std::size_t operations,
                     std::size_t& pairs) {
  const std::size_t d = x.points.cols;
  const std::size_t n = rows_used(x.points.rows, d, operations), m = rows_used(y.points.rows, d, operations);
  pairs = n * m;
  float top = 0;
  for (const float v : x.values) top = std::max(top, std::abs(v));
  for (const float v : y.values) top = std::max(top, std::abs(v));
  const double rounding = 2 * static_cast<double>(top * std::numeric_limits<float>::epsilon());
  std::vector<double> slopes(n, 0);
  parallel_for(n, 1 + 100'000 / (m * d), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t row = i * x.points.rows / n;
      const auto f = static_cast<double>(x.values[row]);
      for (std::size_t j = 0; j < m; ++j) {
        const std::size_t other = j * y.points.rows / m;
        const double rise = f - static_cast<double>(y.values[other]) - rounding;
        if (rise <= 0) continue;
        const double square = square_distance(x.points.row(row), y.points.row(other), d);
        if (rise * rise > slopes[i] * slopes[i] * square && square > 0) slopes[i] = rise / std::sqrt(square);
      }
    }
  });
  return *std::max_element(slopes.begin(), slopes.end());
}

void divide_by_slope(Reading& reading, Network& network, const CriticSettings& options, const ValuedPoints& x,
                     const ValuedPoints& y) {
  const double difference = *reading.value, error = *reading.standard_error;
  std::size_t pairs = 0;
  const double slope = largest_slope(x, y, kMostOperations, pairs);
  const std::optional<double> norms = operator_norm_product(network, options);
  const bool bounded = norms && options.lipschitz.kind == Lipschitz::Kind::spectral;
  const double by = bounded ? *norms : slope;
  reading.value = by > 0 ? difference / by : 0, reading.standard_error = by > 0 ? error / by : 0;
  reading.estimator +=
      bounded ? ", over the product of its layers' operator norms" : ", over its largest slope between them";
  reading.extra.emplace_back("bound", bounded ? "lower bound" : "estimate");
  reading.extra.emplace_back("difference_of_means", difference);
  reading.extra.emplace_back("divided_by", by);
  reading.extra.emplace_back("largest_slope", slope);
  if (slope > 0) reading.extra.emplace_back("slope_estimate", difference / slope);
  if (norms) reading.extra.emplace_back("operator_norms", *norms);
  if (norms && *norms > 0) reading.extra.emplace_back("lower_bound", difference / *norms);
  reading.extra.emplace_back("slope_pairs", pairs);
}

}  // namespace pushforward
