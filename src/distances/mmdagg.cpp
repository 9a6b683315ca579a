// SPDX-License-Identifier: Apache-2.0
//
// MMDAgg: many MMD tests at once, one a kernel, at corrected levels [Schrab, Kim, Albert, Laurent, Guedj &
// Gretton, "MMD aggregated two-sample test", JMLR 24, 2023, algorithm 1].
//
// Kernel k rejects where its MMD² exceeds the (1 − u w_k)-quantile of R relabellings, weights w_k = 1/K; the
// test rejects where any does, and u is the largest number for which at most a share α of further
// relabellings is rejected. The paper finds u by bisection. It need not be searched: with p_k the share of
// the R relabellings at or above kernel k's value, a relabelling is rejected at u exactly if T = min_k
// p_k/w_k ≤ u, so that u is an order statistic of the relabellings' T. T is thus a statistic as any other,
// which the one permutation test relabels, and its p-value is p ≤ α exactly where algorithm 1 rejects. The
// value here is −ln T: larger is farther apart.
//
// The R relabellings are drawn of the pool, independently of the labels: given them, the labels as they are
// and those of the test are exchangeable, so the level is exact, ties counted against rejection. Kernels are
// exp(−‖·‖₁/b) and exp(−r²/b²), b in equal ratios from half the 5 % quantile to twice the largest of the
// pool's distances. (The authors' program takes the smallest distance where that is not below 0.1, which
// depends on the unit, and distances between the samples, which depend on labels.)
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "distances/distance_row.hpp"
#include "distances/pool_bandwidths.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kBatch = 256;  // relabellings at once

Facts aggregate_facts() {
  Facts facts;
  facts.randomised = true;
  facts.smallest_n = 2;
  return facts;
}

std::vector<CollectedKernel> kernels_for(const KernelGridOptions& grid, const Sample& x, const Sample& y) {
  const PoolDistances distances = pool_distances(x.points, y.points);
  std::vector<CollectedKernel> kernels;
  const auto add = [&](KernelFamily family, const std::vector<double>& values, double unit) {
    for (const double b : ratio_grid(quantile_of(values, 0.05) / 2, 2 * values.back(), grid.bandwidths))
      kernels.push_back({family, unit * b});
  };
  if (grid.laplacian()) add(KernelFamily::laplacian, distances.absolute, 1);
  if (grid.gaussian()) add(KernelFamily::gaussian, distances.euclidean, 1 / std::numbers::sqrt2);
  return kernels;
}

// The kernels, and each one's values over the R relabellings, ascending.
class Aggregate {
 public:
  Aggregate(const MmdAggOptions& options, std::uint64_t seed, const Sample& x, const Sample& y)
      : members_(kernels_for(options.grid, x, y)), kernels_(collect_kernels(members_, x, y)) {
    const std::size_t pool = x.n() + y.n();
    const Draw draw = Draw{seed}.on("mmdagg");
    Matrix<std::uint32_t> orders;
    Matrix<double> values;
    reference_.resize(members_.size());
    for (std::size_t first = 0; first < options.relabellings; first += kBatch) {
      const std::size_t count = std::min(kBatch, options.relabellings - first);
      orders.resize(count, pool), values.resize(count, members_.size());
      for (std::size_t b = 0; b < count; ++b) fill_permutation({orders.row(b), pool}, draw.at(first + b));
      kernels_->unbiased(orders.view(), values.view());
      for (std::size_t b = 0; b < count; ++b)
        for (std::size_t k = 0; k < members_.size(); ++k) reference_[k].push_back(values(b, k));
    }
    for (std::vector<double>& of_kernel : reference_) std::sort(of_kernel.begin(), of_kernel.end());
  }

  struct Smallest {
    double p = 1;  // min_k p_k
    std::size_t kernel = 0;
  };
  Smallest smallest(std::span<const double> mmds) const {
    Smallest best;
    for (std::size_t k = 0; k < mmds.size(); ++k)
      if (const double p = share_above(k, mmds[k]); p < best.p) best = {p, k};
    return best;
  }

  std::vector<Smallest> measure(View<const std::uint32_t> orders) const {
    Matrix<double> each(orders.rows, members_.size());
    kernels_->unbiased(orders, each.view());
    std::vector<Smallest> found;
    for (std::size_t b = 0; b < orders.rows; ++b) found.push_back(smallest({each.row(b), members_.size()}));
    return found;
  }

  double value(const Smallest& smallest) const {
    return -std::log(smallest.p * static_cast<double>(members_.size()));
  }
  const CollectedKernel& kernel(std::size_t k) const { return members_[k]; }

 private:
  // What is equal in exact arithmetic counts as equal: either value may be off by its rounding.
  double share_above(std::size_t k, double value) const {
    const std::vector<double>& of_kernel = reference_[k];
    const double least = value - 2 * kernels_->rounding(k) - 1e-6 * std::abs(value);
    const auto above = of_kernel.end() - std::lower_bound(of_kernel.begin(), of_kernel.end(), least);
    return (1 + static_cast<double>(above)) / (1 + static_cast<double>(of_kernel.size()));
  }

  std::vector<CollectedKernel> members_;
  std::unique_ptr<KernelCollection> kernels_;
  std::vector<std::vector<double>> reference_{};
};

class AggregateStatistic final : public PermutedStatistic {
 public:
  explicit AggregateStatistic(std::shared_ptr<const Aggregate> aggregate)
      : aggregate_(std::move(aggregate)) {}

  void measure(View<const std::uint32_t> orders, std::span<double> values) const override {
    const std::vector<Aggregate::Smallest> found = aggregate_->measure(orders);
    for (std::size_t b = 0; b < found.size(); ++b) values[b] = aggregate_->value(found[b]);
  }

  Rounding rounding() const override { return {}; }  // of counts

 private:
  std::shared_ptr<const Aggregate> aggregate_;
};

class MmdAgg final : public Distance {
 public:
  MmdAgg(const MmdAggOptions& options, std::uint64_t seed) : options_(options), seed_(seed) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    if (grad.wanted())
      throw RequestError(Complaint{"mmdagg", "a gradient asked of it", "a value", "mmd has a gradient"});
    check_samples("mmdagg", x, y, aggregate_facts());
    const std::shared_ptr<const Aggregate> aggregate = aggregate_of(x, y);
    Matrix<std::uint32_t> order(1, x.n() + y.n());
    std::iota(order.data(), order.data() + order.size(), 0u);
    const Aggregate::Smallest smallest = aggregate->measure(order.view()).front();
    Reading reading;
    reading.value = aggregate->value(smallest);
    reading.estimator = "smallest of the kernels' p-values, times their number, from relabellings";
    reading.unit = "nats";
    reading.extra.emplace_back("most_telling", kernel_text(aggregate->kernel(smallest.kernel)));
    reading.options = kernel_grid_fields(options_.grid);
    reading.options.emplace_back("relabellings", options_.relabellings);
    return reading;
  }

  // The relabellings of a pool take long and are wanted twice.
  void freeze(const Sample& x, const Sample& y) override {
    check_samples("mmdagg", x, y, aggregate_facts());
    frozen_ = std::make_shared<const Aggregate>(options_, seed_, x, y);
    frozen_hash_ = hash_of(x, y);
  }

  void redraw(std::uint64_t seed) override { seed_ = seed, frozen_.reset(); }

  std::unique_ptr<PermutedStatistic> permuted(const Sample& x, const Sample& y) const override {
    return std::make_unique<AggregateStatistic>(aggregate_of(x, y));
  }

 private:
  std::shared_ptr<const Aggregate> aggregate_of(const Sample& x, const Sample& y) const {
    if (frozen_ && hash_of(x, y) == frozen_hash_) return frozen_;
    return std::make_shared<const Aggregate>(options_, seed_, x, y);
  }

  MmdAggOptions options_;
  std::uint64_t seed_;
  std::shared_ptr<const Aggregate> frozen_{};
  std::uint64_t frozen_hash_ = 0;
};

// All relabellings of equal points are equal: every p is 1.
DistanceExample example() {
  DistanceExample example;
  example.x = {3, 3}, example.y = {3, 3, 3};
  example.value = -std::log(20.0);
  example.by_hand = "20 kernels, and each p is 1: −ln 20";
  return example;
}

}  // namespace

const OptionTable<MmdAggOptions>& option_table(const MmdAggOptions&) {
  static const auto table = OptionTable<MmdAggOptions>("mmdagg")
                                .part(&MmdAggOptions::grid, option_table(KernelGridOptions{}))
                                .add("relabellings", &MmdAggOptions::relabellings,
                                     "that give each kernel's p-value", count_of(100, 1'000'000));
  return table;
}

std::unique_ptr<Distance> make_distance(const MmdAggOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return std::make_unique<MmdAgg>(options, seed);
}

DistanceEntry mmdagg_entry() {
  const OptionTable<MmdAggOptions>& table = option_table(MmdAggOptions{});
  DistanceEntry entry;
  entry.name = "mmdagg";
  entry.title = "MMDAgg: MMD tests aggregated over kernels, at corrected levels";
  entry.formula = "−ln min_k p_k K, p_k the share of relabellings whose MMD² by kernel k of K is as large";
  entry.source = "Schrab et al., MMD aggregated two-sample test, JMLR 24 (2023)";
  entry.options = table.rows();
  entry.facts = aggregate_facts();
  entry.examples = {example()};
  entry.make = distance_from(table);
  return entry;
}

}  // namespace pushforward
