// SPDX-License-Identifier: Apache-2.0
//
// Monte Carlo between Gaussians of R^d, for what has no closed form: total variation, Jensen–Shannon, most
// other f-divergences, the energy distance.
//
// Half of the draws come from p and half from q, and term/m is averaged, m = ½(p + q): since term ≤ C·(p + q)
// for the bounded divergences, no draw weighs more than 2C and the standard error is honest. (Drawing from p
// alone would miss what only q has, and report a small error.) In the coordinates where q = N(0, I) both
// densities are products. Draws come in blocks that are summed in order, so the result does not depend on the
// number of threads.
#include <algorithm>
#include <cmath>

#include <Eigen/Dense>

#include "core/summation.hpp"
#include "divergences/densities/gaussian_density.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kBlock = 4096;

struct Moments {
  double sum = 0, squares = 0;
};

struct Estimate {
  double mean = 0, error = 0;
};

/// Mean and standard error of draw(block, count, out) over n draws, block by block.
template <class DrawBlock>
Estimate average(std::size_t n, const DrawBlock& draw_block) {
  const std::size_t blocks = (n + kBlock - 1) / kBlock;
  std::vector<Moments> moments(blocks);
  parallel_for(blocks, 1, [&](std::size_t begin, std::size_t end) {
    std::vector<double> values(kBlock);
    for (std::size_t b = begin; b < end; ++b) {
      const std::size_t count = std::min(kBlock, n - b * kBlock);
      draw_block(b, std::span<double>(values.data(), count));
      for (std::size_t i = 0; i < count; ++i)
        moments[b].sum += values[i], moments[b].squares += values[i] * values[i];
    }
  });
  CompensatedSum sum, squares;
  for (const Moments& m : moments) sum.add(m.sum), squares.add(m.squares);
  const auto count = static_cast<double>(n);
  const double mean = sum.value() / count;
  return {mean, std::sqrt(std::max(0.0, squares.value() / count - mean * mean) / (count - 1))};
}

// term(p,q)/m at n draws from p (or from q), in the pair's coordinates.
Estimate over_draws(const CellTerms& terms, const GaussianPair& pair, bool from_p,
                    const DensityOptions& options) {
  const std::size_t d = pair.lambda.size();
  std::vector<double> roots, log_roots, delta;
  for (std::size_t k = 0; k < d; ++k) {
    roots.push_back(Wide(sqrt(pair.lambda[k])).convert_to<double>());
    log_roots.push_back(Wide(log(pair.lambda[k]) / 2).convert_to<double>());
    delta.push_back(pair.delta[k].convert_to<double>());
  }
  const Draw base = Draw{options.seed, 0, 0}.on(from_p ? "density draws of p" : "density draws of q");
  return average(options.draws, [&](std::size_t block, std::span<double> values) {
    std::vector<double> z(values.size() * d);
    fill_normal(std::span<double>(z), base.at(block));
    for (std::size_t i = 0; i < values.size(); ++i) {
      double log_ratio = 0;  // ln p − ln q
      for (std::size_t k = 0; k < d; ++k) {
        const double own = z[i * d + k];
        const double x = from_p ? delta[k] + roots[k] * own : own,
                     z_p = from_p ? own : (x - delta[k]) / roots[k];
        log_ratio += (x - z_p) * (x + z_p) / 2 - log_roots[k];
      }
      // p/m and q/m in place of p and q: terms are homogeneous of degree 1.
      const double log_m =
          std::max(log_ratio, 0.0) + std::log1p(std::exp(-std::abs(log_ratio))) - std::log(2.0);
      values[i] = terms.term(Cell::of_logs(log_ratio - log_m, -log_m)).sum;
    }
  });
}

// x − x' of two Gaussians with these covariances and this difference of means is N(shift, sum of both): one
// factor.
Estimate mean_length(const Eigen::VectorXd& shift, const Eigen::MatrixXd& covariance, std::string_view stream,
                     const DensityOptions& options) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance);
  const Eigen::VectorXd spread = eigen.eigenvalues().cwiseMax(0).cwiseSqrt();
  const Eigen::VectorXd centre =
      eigen.eigenvectors().transpose() * shift;  // lengths do not feel the rotation
  const auto d = static_cast<std::size_t>(shift.size());
  const Draw base = Draw{options.seed, 0, 0}.on(stream);
  return average(options.draws, [&](std::size_t block, std::span<double> values) {
    std::vector<double> z(values.size() * d);
    fill_normal(std::span<double>(z), base.at(block));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Eigen::Map<const Eigen::VectorXd> row(z.data() + i * d, static_cast<Eigen::Index>(d));
      values[i] = (centre + spread.cwiseProduct(row)).norm();
    }
  });
}

}  // namespace

DensityReading sample_terms(const CellTerms& terms, const GaussianPair& pair, const DensityOptions& options) {
  const Estimate p = over_draws(terms, pair, true, options), q = over_draws(terms, pair, false, options);
  const CellSums sums{(p.mean + q.mean) / 2, 0};
  const double error = std::hypot(p.error, q.error) / 2;
  return {.value = terms.finish(sums),
          .standard_error = error * std::abs(terms.finish_slope(sums)),
          .estimator = "Monte Carlo from both"};
}

DensityReading sample_energy(const GaussianDensity& p, const GaussianDensity& q,
                             const DensityOptions& options) {
  using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto d = static_cast<Eigen::Index>(p.d());
  const Eigen::MatrixXd sp = Eigen::Map<const RowMajor>(p.covariance.data(), d, d);
  const Eigen::MatrixXd sq = Eigen::Map<const RowMajor>(q.covariance.data(), d, d);
  const Eigen::VectorXd none = Eigen::VectorXd::Zero(d);
  const Eigen::VectorXd shift = Eigen::Map<const Eigen::VectorXd>(p.mean.data(), d) -
                                Eigen::Map<const Eigen::VectorXd>(q.mean.data(), d);
  // One stream for all three: their errors are alike and mostly cancel when p ≈ q; the standard error ignores
  // that.
  const Estimate xy = mean_length(shift, sp + sq, "density energy", options);
  const Estimate xx = mean_length(none, 2 * sp, "density energy", options);
  const Estimate yy = mean_length(none, 2 * sq, "density energy", options);
  return {.value = std::max(0.0, 2 * xy.mean - xx.mean - yy.mean),
          .standard_error = std::sqrt(4 * xy.error * xy.error + xx.error * xx.error + yy.error * yy.error),
          .estimator = "Monte Carlo from both"};
}

}  // namespace pushforward
