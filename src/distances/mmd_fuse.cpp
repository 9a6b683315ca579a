// SPDX-License-Identifier: Apache-2.0
//
// MMD-FUSE: a soft maximum of normalized MMDs over a grid of kernels [Biggs, Schrab & Gretton, "MMD-FUSE:
// learning and combining kernels for two-sample testing without data splitting", NeurIPS 2023, definition 2]:
//
//   FUSE(x, y) = 1/λ · ln mean_k exp(λ MMD²(x, y; k) / √N_k),   N_k = 1/(s(s−1)) Σ_{i≠l} k(z_i, z_l)²
//
// with the unbiased MMD², z the pool (x above y), s = min(n, m) and λ = c·√(s(s−1)). N_k knows no labels, nor
// do the kernels: Laplacian ones exp(−√2‖·‖₁/b) and Gaussian ones exp(−r²/2b²), b at ten equal steps from
// half the 5 % quantile to twice the 95 % quantile of the pool's distances (section 6 there). So the value is
// a statistic like any other, and a permutation test of it is exact; nothing is held out, and no kernel has
// to be chosen.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "distances/distance_row.hpp"
#include "distances/pool_bandwidths.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

Facts fuse_facts() {
  Facts facts;
  facts.symmetric = true;
  facts.smallest_n = 2;
  return facts;
}

std::vector<CollectedKernel> kernels_for(const KernelGridOptions& grid, const Sample& x, const Sample& y) {
  const PoolDistances distances = pool_distances(x.points, y.points);
  std::vector<CollectedKernel> kernels;
  const auto add = [&](KernelFamily family, const std::vector<double>& values, double unit) {
    const double low = quantile_of(values, 0.05) / 2, high = quantile_of(values, 0.95) * 2;
    for (const double b : even_grid(low, high, grid.bandwidths)) kernels.push_back({family, unit * b});
  };
  if (grid.laplacian()) add(KernelFamily::laplacian, distances.absolute, 1 / std::numbers::sqrt2);
  if (grid.gaussian()) add(KernelFamily::gaussian, distances.euclidean, 1);
  return kernels;
}

class Fused final : public PermutedStatistic {
 public:
  Fused(const std::vector<CollectedKernel>& kernels, double lambda, const Sample& x, const Sample& y)
      : kernels_(collect_kernels(kernels, x, y)) {
    const auto s = static_cast<double>(std::min(x.n(), y.n()));
    lambda_ = lambda * std::sqrt(s * (s - 1));
    for (std::size_t k = 0; k < kernels_->size(); ++k) {
      const double normalizer = std::sqrt(kernels_->sum_of_squares(k) / (s * (s - 1)));
      factors_.push_back(normalizer > 0 ? 1 / normalizer : 0);
    }
  }

  void measure(View<const std::uint32_t> orders, std::span<double> values) const override {
    Matrix<double> each(orders.rows, factors_.size());
    kernels_->unbiased(orders, each.view());
    for (std::size_t b = 0; b < orders.rows; ++b) values[b] = fuse({each.row(b), factors_.size()});
  }

  // A soft maximum moves by no more than the largest of its terms.
  Rounding rounding() const override {
    double most = 0;
    for (std::size_t k = 0; k < factors_.size(); ++k)
      most = std::max(most, factors_[k] * kernels_->rounding(k));
    return {most};
  }

  /// The value of the samples as they are, and which kernel adds most to it.
  std::pair<double, std::size_t> as_they_are(std::size_t pool) const {
    Matrix<std::uint32_t> order(1, pool);
    for (std::size_t i = 0; i < pool; ++i) order(0, i) = static_cast<std::uint32_t>(i);
    Matrix<double> each(1, factors_.size());
    kernels_->unbiased(order.view(), each.view());
    std::size_t best = 0;
    for (std::size_t k = 0; k < factors_.size(); ++k)
      if (each(0, k) * factors_[k] > each(0, best) * factors_[best]) best = k;
    return {fuse({each.row(0), factors_.size()}), best};
  }

 private:
  double fuse(std::span<const double> mmds) const {
    double most = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::size_t k = 0; k < mmds.size(); ++k) most = std::max(most, mmds[k] * factors_[k]);
    for (std::size_t k = 0; k < mmds.size(); ++k) sum += std::exp(lambda_ * (mmds[k] * factors_[k] - most));
    return most + std::log(sum / static_cast<double>(mmds.size())) / lambda_;
  }

  std::unique_ptr<KernelCollection> kernels_;
  double lambda_ = 1;
  std::vector<double> factors_{};  // 1/√N_k; 0 for a kernel that sees nothing
};

class MmdFuse final : public Distance {
 public:
  explicit MmdFuse(const MmdFuseOptions& options) : options_(options) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    if (grad.wanted())
      throw RequestError(Complaint{"mmd-fuse", "a gradient asked of it", "a value", "mmd has a gradient"});
    check_samples("mmd-fuse", x, y, fuse_facts());
    const std::vector<CollectedKernel> kernels = kernels_for(options_.grid, x, y);
    const auto [value, best] = Fused(kernels, options_.lambda, x, y).as_they_are(x.n() + y.n());
    if (!std::isfinite(value))
      throw RequestError(Complaint{"mmd-fuse", "points so far apart that their distances overflow",
                                   "finite distances", "rescale the data"});
    Reading reading;
    reading.value = value;
    reading.estimator = "soft maximum of unbiased MMD² over kernels, each normalized";
    reading.unit = "normalized squared MMD";
    reading.extra.emplace_back("most_telling", kernel_text(kernels[best]));
    reading.options = kernel_grid_fields(options_.grid);
    reading.options.emplace_back("lambda", options_.lambda);
    return reading;
  }

  std::unique_ptr<PermutedStatistic> permuted(const Sample& x, const Sample& y) const override {
    return std::make_unique<Fused>(kernels_for(options_.grid, x, y), options_.lambda, x, y);
  }

 private:
  MmdFuseOptions options_;
};

// Both kernels of the grid coincide on two pairs of equal points: the pool's only positive distance is 1.
DistanceExample example() {
  DistanceExample example;
  example.options = "kernels=gaussian,bandwidths=2";
  example.x = {0, 0}, example.y = {1, 1};
  // b = ½, 2; e = exp(−1/2b²); MMD² = 2 − 2e; N = (4 + 8e²)/2; λ = √2.
  double mean = 0;
  for (const double b : {0.5, 2.0}) {
    const double e = std::exp(-1 / (2 * b * b));
    mean += std::exp(std::numbers::sqrt2 * (2 - 2 * e) / std::sqrt(2 + 4 * e * e)) / 2;
  }
  example.value = std::log(mean) / std::numbers::sqrt2;
  example.by_hand = "b = ½, 2, e = exp(−1/2b²): ln mean exp(√2 (2 − 2e)/√(2 + 4e²)) / √2";
  return example;
}

}  // namespace

const OptionTable<MmdFuseOptions>& option_table(const MmdFuseOptions&) {
  static const auto table =
      OptionTable<MmdFuseOptions>("mmd-fuse")
          .part(&MmdFuseOptions::grid, option_table(KernelGridOptions{}))
          .add("lambda", &MmdFuseOptions::lambda, "of the soft maximum, in units of √(s(s−1)), s = min(n, m)",
               number_of(1e-6, 1e6));  // beyond, it is the mean or the maximum, and rounding
  return table;
}

std::unique_ptr<Distance> make_distance(const MmdFuseOptions& options, std::uint64_t) {
  option_table(options).check(options);
  return std::make_unique<MmdFuse>(options);
}

DistanceEntry mmd_fuse_entry() {
  const OptionTable<MmdFuseOptions>& table = option_table(MmdFuseOptions{});
  DistanceEntry entry;
  entry.name = "mmd-fuse";
  entry.title = "MMD-FUSE: a soft maximum of MMDs over kernels, for tests";
  entry.formula = "1/λ ln mean_k exp(λ MMD²_k / √N_k), N_k the mean of k² over the pool";
  entry.source = "Biggs, Schrab & Gretton, MMD-FUSE, NeurIPS 2023";
  entry.options = table.rows();
  entry.facts = fuse_facts();
  entry.examples = {example()};
  entry.make = distance_from(table);
  return entry;
}

}  // namespace pushforward
