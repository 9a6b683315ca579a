// SPDX-License-Identifier: Apache-2.0
// The deep kernel, the power criterion and its gradient: see deep_kernel.hpp.
#include "critics/deep_kernel.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "ops/product.hpp"

namespace pushforward {
namespace {

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
constexpr double kVariance = 1e-8;
constexpr std::size_t kJudgedRows = 400;  // that were fitted to, and as many that were not
constexpr std::size_t kScaleRows = 200;   // of a pool, whose distances say where a bandwidth begins:
constexpr double kNear = 0.1;             // at this quantile. At the median J is flat where groups are small

Eigen::Map<const Rows> map_of(View<const float> m) {
  return {m.data, static_cast<Eigen::Index>(m.rows), static_cast<Eigen::Index>(m.cols)};
}
View<float> view_of(Rows& m) {
  return {m.data(), static_cast<std::size_t>(m.rows()), static_cast<std::size_t>(m.cols())};
}

Rows squared_distances(View<const float> points) {
  const Eigen::VectorXf norms = map_of(points).rowwise().squaredNorm();
  const auto n = static_cast<Eigen::Index>(points.rows);
  Rows squares(n, n);
  multiply({.a = points, .b = points, .c = view_of(squares), .transpose_b = true});
  squares *= -2;
  squares.colwise() += norms, squares.rowwise() += norms.transpose();
  squares = squares.cwiseMax(0.0f);
  squares.diagonal().setZero();
  return squares;
}

Tensor pool_of(View<const float> x, View<const float> y) {
  Tensor points(x.rows + y.rows, x.cols);
  std::copy_n(x.data, x.size(), points.data());
  std::copy_n(y.data, y.size(), points.row(x.rows));
  return points;
}

double near_distance(View<const float> points) {
  const Rows squares = squared_distances(points);
  std::vector<float> found;
  for (Eigen::Index i = 0; i < squares.rows(); ++i)
    for (Eigen::Index j = 0; j < i; ++j)
      if (squares(i, j) > 0) found.push_back(squares(i, j));
  if (found.empty()) return 1;
  const auto at = found.begin() + static_cast<std::ptrdiff_t>(kNear * static_cast<double>(found.size()));
  std::nth_element(found.begin(), at, found.end());
  return static_cast<double>(*at);
}

// J of H, and ∂J/∂H.
struct Power {
  double value = 0;
  Rows slopes{};
};
Power power_of(const Rows& h) {
  const auto n = static_cast<double>(h.rows());
  const Eigen::VectorXd sums = h.cast<double>().rowwise().sum();
  const double total = sums.sum(), pairs = n * (n - 1);
  const double m = (total - static_cast<double>(h.trace())) / pairs;
  const double v = 4 * sums.squaredNorm() / (n * n * n) - 4 * total * total / (n * n * n * n) + kVariance;
  const double root = std::sqrt(v);
  Power power{m / root, Rows::Constant(h.rows(), h.cols(), static_cast<float>(1 / (pairs * root)))};
  power.slopes.diagonal().setZero();
  const Eigen::VectorXd of_sums = (-4 * m / (v * root * n * n * n)) * (sums.array() - total / n).matrix();
  power.slopes.colwise() += of_sums.cast<float>();
  return power;
}

double sum_of(const Rows& terms) { return static_cast<double>(terms.rowwise().sum().eval().sum()); }

}  // namespace

PowerCriterion power_criterion(View<const float> features, View<const float> points,
                               const KernelScales& scales) {
  const auto n = static_cast<Eigen::Index>(points.rows / 2);
  const auto mix = static_cast<float>(scales.mix);
  const Rows of_features = squared_distances(features), of_points = squared_distances(points);
  const Rows near = (static_cast<float>(-scales.feature_rate) * of_features.array()).exp(),
             wide = (static_cast<float>(-scales.rate) * of_points.array()).exp();
  const Rows kernel = ((1 - mix) * near.array() + mix) * wide.array();
  const auto xy = kernel.topRightCorner(n, n);
  const Power power =
      power_of(kernel.topLeftCorner(n, n) + kernel.bottomRightCorner(n, n) - xy - xy.transpose());

  // ∂J/∂k of each unordered pair of the pool, half of it at (a, b) and half at (b, a); k(a, a) is 1 for good.
  const Rows both = (power.slopes + power.slopes.transpose()) / 2;
  Rows weights(2 * n, 2 * n);
  weights << both, -both, -both, both;
  weights.diagonal().setZero();
  const Rows of_wide = weights.cwiseProduct(wide);  // times what is in the brackets
  const Rows of_near = of_wide.cwiseProduct(near);

  PowerCriterion out;
  out.value = power.value;
  out.mix = sum_of(of_wide) - sum_of(of_near);
  out.feature_rate = -(1 - scales.mix) * sum_of(of_near.cwiseProduct(of_features));
  out.rate = -sum_of(weights.cwiseProduct(kernel).cwiseProduct(of_points));
  out.features.resize(features.rows, features.cols);
  multiply({.a = {of_near.data(), features.rows, features.rows}, .b = features, .c = out.features.view()});
  const Eigen::VectorXf sums = of_near.rowwise().sum();
  const auto factor = static_cast<float>(-4 * scales.feature_rate * (1 - scales.mix));
  for (std::size_t a = 0; a < features.rows; ++a)
    for (std::size_t k = 0; k < features.cols; ++k)
      out.features(a, k) =
          factor * (sums[static_cast<Eigen::Index>(a)] * features(a, k) - out.features(a, k));
  return out;
}

DeepKernel::DeepKernel(const DenseChain& chain, std::size_t d)
    : network_(dense_chain(RowShape{.width = d}, chain)) {
  network_.name_parameters("kernel");
  raw_.name = "kernel.scales", raw_.rows = 1, raw_.cols = 3;
  raw_.decays = false;
}

std::vector<Parameter*> DeepKernel::parameters() {
  std::vector<Parameter*> all = network_.parameters();
  all.push_back(&raw_);
  return all;
}

void DeepKernel::begin(const FitData& data) {
  const auto some = [](const Tensor& rows) {
    return rows.view().slice(0, std::min(rows.rows(), kScaleRows / 2));
  };
  const Tensor points = pool_of(some(data.x), some(data.y));
  rate_ = 1 / near_distance(points);
  feature_rate_ = 1 / near_distance(features(points));
}

KernelScales DeepKernel::scales() const {
  const auto raw = [&](std::size_t k) { return static_cast<double>(raw_.value(0, k)); };
  return {1 / (1 + std::exp(-raw(0))), feature_rate_ * std::exp(raw(1)), rate_ * std::exp(raw(2))};
}

Losses DeepKernel::accumulate(View<const float> x, View<const float> y, const Pass& pass) {
  batch_ = pool_of(x, y);
  const View<const float> phi = network_.forward(batch_, trace_, pass);
  const KernelScales scales = this->scales();
  PowerCriterion power = power_criterion(phi, batch_, scales);
  for (float& slope : power.features.span()) slope = -slope;
  network_.backward(trace_, power.features, {}, true, pass);
  raw_.gradient(0, 0) -= static_cast<float>(power.mix * scales.mix * (1 - scales.mix));
  raw_.gradient(0, 1) -= static_cast<float>(power.feature_rate * scales.feature_rate);
  raw_.gradient(0, 2) -= static_cast<float>(power.rate * scales.rate);
  Losses losses;
  losses.loss = -power.value;
  return losses;
}

// Rows that judge alone are too few for J, whose noise goes with 1/√n: the best of many would be the
// luckiest.
double DeepKernel::judged_loss(const FitData& data) {
  const auto most = [](const Tensor& rows, const Tensor& others) {
    return rows.view().slice(0, std::min({rows.rows(), others.rows(), kJudgedRows}));
  };
  const Tensor x = pool_of(most(data.x, data.y), most(data.judged_x, data.judged_y)),
               y = pool_of(most(data.y, data.x), most(data.judged_y, data.judged_x)), points = pool_of(x, y);
  return -power_criterion(features(points), points, scales()).value;
}

Tensor DeepKernel::features(View<const float> points) {
  const View<const float> phi = network_.forward(points, trace_, {});
  Tensor out(phi.rows, phi.cols);
  std::copy_n(phi.data, phi.size(), out.data());
  return out;
}

}  // namespace pushforward
