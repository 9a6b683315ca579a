// SPDX-License-Identifier: Apache-2.0
//
// Maximum mean discrepancy: the distance between the mean embeddings of two samples in a kernel's space
// [Gretton, Borgwardt, Rasch, Schölkopf & Smola, "A kernel two-sample test", JMLR 13, 2012].
//
//   MMD²(p, q) = E k(x,x′) + E k(y,y′) − 2E k(x,y) = ( sup over ‖f‖ ≤ 1 of E f(x) − E f(y) )²
//
// It is 0 only for p = q where the kernel is characteristic (all here but the polynomial). The bandwidth
// decides what it can see: by default the median of the pooled distances, always reported. Four estimators,
// in mmd_estimators.cpp; sums over pairs in kernels/kernel_sums.cpp.
//
// The root of an estimate below 0 (the unbiased, linear and block estimates may be) is taken with its sign,
// −√|MMD²|: a zero would hide that the estimate was negative, and the order of values is kept.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "distances/distance_row.hpp"
#include "distances/kernel_witness.hpp"
#include "distances/mmd_estimators.hpp"
#include "kernels/kernel_permutation.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

using Estimator = MmdOptions::Estimator;
const OptionWords<Estimator> kEstimators = {{"unbiased", Estimator::unbiased},
                                            {"biased", Estimator::biased},
                                            {"linear", Estimator::linear},
                                            {"block", Estimator::block}};
const OptionWords<KernelFamily> kKernels = {{"gaussian", KernelFamily::gaussian},
                                            {"laplacian", KernelFamily::laplacian},
                                            {"imq", KernelFamily::imq},
                                            {"rq", KernelFamily::rq},
                                            {"polynomial", KernelFamily::polynomial},
                                            {"energy", KernelFamily::energy}};

constexpr double kLeastBandwidth = 1e-150, kMostBandwidth = 1e150;  // reciprocal squares are normal numbers

Kernel kernel_of(const MmdOptions& options) {
  return {options.kernel, options.bandwidth, options.a.value_or(1)};
}
bool takes_median(const MmdOptions& options) {
  return kernel_of(options).has_bandwidth() && options.bandwidth.empty();
}

void check_together(const MmdOptions& options, const std::string& name) {
  const auto only = [&](bool given, const std::string& field, const std::string& with) {
    if (given) throw RequestError(fmt::format("{}:{} requires {}", name, field, with));
  };
  for (const double sigma : options.bandwidth)
    if (!(sigma > 0))
      throw RequestError(Complaint{name + ":bandwidth", fmt::format("{}", sigma), "numbers above 0",
                                   "leave it out for the median of pooled distances"});
  only(!options.bandwidth.empty() && !kernel_of(options).has_bandwidth(), "bandwidth",
       "kernel=gaussian, laplacian, imq or rq");
  only(options.a && options.kernel != KernelFamily::rq, "a", "kernel=rq");
  only(options.block && options.estimator != Estimator::block, "block", "estimator=block");
  if (options.block == 1)
    throw RequestError(Complaint{name + ":block", "1", "at least 2", "leave it out for the root of n"});
}

Facts facts_for(const MmdOptions& options) {
  const bool biased = options.estimator == Estimator::biased;
  Facts facts;
  facts.symmetric = true;
  facts.metric = biased && options.root && !takes_median(options);  // a median differs from pair to pair
  facts.non_negative = biased;
  facts.zero_on_itself = biased;
  facts.weighted = facts.gradient_weights = biased;
  facts.gradient_points = facts.witness = true;
  facts.smallest_n = biased ? 1 : std::max<std::size_t>(2, options.block.value_or(0));
  return facts;
}

std::string estimator_title(Estimator estimator) {
  if (estimator == Estimator::biased) return "biased (V-statistic)";
  if (estimator == Estimator::unbiased) return "unbiased (U-statistic)";
  return estimator == Estimator::linear ? "linear-time" : "block";
}

class Mmd final : public Distance {
 public:
  explicit Mmd(const MmdOptions& options)
      : options_(options),
        kernel_(kernel_of(options)),
        takes_median_(takes_median(options)),
        facts_(facts_for(options)) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    check_samples("mmd", x, y, facts_);
    if (!grad.weights.empty() && !facts_.gradient_weights)
      throw RequestError(Complaint{
          "mmd", "a gradient in weights of the " + word_for(kEstimators, options_.estimator) + " estimator",
          "one in points", "estimator=biased has it"});
    Reading reading;
    const Kernel kernel = resolve(x, y, reading);
    MmdEstimate estimate = run(kernel, x, y, grad);
    if (!std::isfinite(estimate.value))
      throw RequestError(Complaint{"mmd", "points so far apart that the kernel overflows", "a finite sum",
                                   "rescale the data"});
    if (options_.root) take_root(estimate, grad);
    if (estimate.used > 0) reading.extra.emplace_back("points_used", estimate.used);
    reading.value = estimate.value;
    reading.standard_error = estimate.standard_error;
    reading.estimator = estimator_title(options_.estimator);
    reading.unit = options_.root ? "MMD" : "squared MMD";
    if (!grad.points.wanted() && grad.weights.empty())  // a training takes what comes
      tell_rounding(kernel, x, y, options_.root, reading);
    return reading;
  }

  void freeze(const Sample& x, const Sample& y) override {
    if (!takes_median_) return;
    check_samples("mmd", x, y, facts_);
    median_ = median_distance(x.points, y.points, kernel_.family == KernelFamily::laplacian);
  }

  std::vector<double> frozen() const override {
    return median_.value > 0 ? std::vector<double>{median_.value} : std::vector<double>{};
  }
  void thaw(std::span<const double> frozen) override {
    if (takes_median_ && !frozen.empty()) median_.value = frozen[0];
  }

  std::unique_ptr<PermutedStatistic> permuted(const Sample& x, const Sample& y) const override {
    if (options_.estimator != Estimator::biased && options_.estimator != Estimator::unbiased) return nullptr;
    Reading ignored;
    return kernel_permutation(resolve(x, y, ignored), x, y,
                              {options_.estimator == Estimator::biased, options_.root});
  }

  std::optional<Rounding> rounding(const Sample& x, const Sample& y) const override {
    Reading ignored;
    return Rounding{kernel_rounding(resolve(x, y, ignored), x, y), options_.root};
  }

  std::unique_ptr<Witness> witness(const Sample& x, const Sample& y) const override {
    check_samples("mmd", x, y, {.weighted = true});
    Reading ignored;
    return kernel_witness(resolve(x, y, ignored), x, y);
  }

 private:
  // The kernel with its bandwidth, and all options as they were used.
  Kernel resolve(const Sample& x, const Sample& y, Reading& reading) const {
    Kernel kernel = kernel_;
    Fields& used = reading.options;
    used = {{"estimator", word_for(kEstimators, options_.estimator)},
            {"root", options_.root},
            {"kernel", word_for(kKernels, options_.kernel)}};
    if (kernel.has_bandwidth()) {
      const bool l1 = kernel.family == KernelFamily::laplacian;
      const MedianDistance median = !takes_median_      ? MedianDistance{}
                                    : median_.value > 0 ? median_
                                                        : median_distance(x.points, y.points, l1);
      if (takes_median_) kernel.bandwidths = {median.value};
      check_bandwidths(kernel);
      if (kernel.bandwidths.size() == 1)
        used.emplace_back("bandwidth", kernel.bandwidths[0]);
      else
        used.emplace_back("bandwidth", kernel.bandwidths);
      used.emplace_back("bandwidth_from", origin(median, x.n() + y.n()));
    }
    if (kernel.family == KernelFamily::rq) used.emplace_back("a", kernel.shape);
    if (options_.estimator == Estimator::block) used.emplace_back("block", block_size(x, y));
    return kernel;
  }

  void check_bandwidths(const Kernel& kernel) const {
    const double widest = kernel.family == KernelFamily::rq ? std::max(1.0, std::sqrt(kernel.shape)) : 1;
    for (const double sigma : kernel.bandwidths)
      if (!(sigma >= kLeastBandwidth && sigma * widest <= kMostBandwidth))
        throw RequestError(Complaint{
            "mmd:bandwidth", fmt::format("{:g}{}", sigma, takes_median_ ? ", the median distance" : ""),
            fmt::format("{:g} to {:g}, whose squares are numbers", kLeastBandwidth, kMostBandwidth),
            takes_median_ ? "rescale the data" : ""});
  }

  std::string origin(const MedianDistance& median, std::size_t pool) const {
    if (!takes_median_) return "given";
    const std::string what =
        kernel_.family == KernelFamily::laplacian ? "pooled L1 distances" : "pooled distances";
    std::string text = (median.fallback ? "mean (the median is 0) of " : "median of ") + what;
    if (median_.value <= 0 && median.points < pool)
      text += fmt::format(", {} rows evenly spaced", median.points);
    return text;
  }

  std::size_t block_size(const Sample& x, const Sample& y) const {
    if (options_.block.value_or(0) > 0) return *options_.block;
    const auto n = static_cast<double>(std::min(x.n(), y.n()));
    return std::max<std::size_t>(2, static_cast<std::size_t>(std::sqrt(n)));
  }

  MmdEstimate run(const Kernel& kernel, const Sample& x, const Sample& y, const Gradient& grad) const {
    if (options_.estimator == Estimator::unbiased) return unbiased_mmd(kernel, x, y, grad);
    if (options_.estimator == Estimator::linear) return linear_mmd(kernel, x, y, grad);
    if (options_.estimator == Estimator::block) return block_mmd(kernel, x, y, block_size(x, y), grad);
    if (kernel.family == KernelFamily::energy && x.d() == 1) return {energy_on_line(x, y, grad)};
    return biased_mmd(kernel, x, y, grad);
  }

  // d√v = dv / 2√v, and the delta method for the standard error; at v = 0, a minimum, the gradient taken is
  // 0.
  static void take_root(MmdEstimate& estimate, const Gradient& grad) {
    const double root = std::sqrt(std::abs(estimate.value));
    const double slope = root > 0 ? 1 / (2 * root) : 0;
    for (double& g : grad.points.span()) g *= slope;
    for (double& g : grad.weights) g *= slope;
    if (estimate.standard_error && root > 0)
      *estimate.standard_error *= slope;
    else
      estimate.standard_error.reset();
    estimate.value = std::copysign(root, estimate.value);
  }

  MmdOptions options_;
  Kernel kernel_;
  bool takes_median_;
  Facts facts_;
  MedianDistance median_{};  // fixed by freeze
};

// exp(−1/2) and so on, for the worked examples: one point against one, one apart, σ = 1.
DistanceExample one_apart(std::string options, double k_same, double k_apart, std::string by_hand) {
  DistanceExample example;
  example.options = std::move(options);
  example.x = {0}, example.y = {1};
  example.value = 2 * k_same - 2 * k_apart;
  example.by_hand = std::move(by_hand);
  return example;
}

std::vector<DistanceExample> examples() {
  std::vector<DistanceExample> rows;
  rows.push_back(one_apart("estimator=biased,bandwidth=1", 1, 0.6065306597126334, "2 − 2 exp(−1/2)"));
  rows.push_back(
      one_apart("estimator=biased,kernel=laplacian,bandwidth=1", 1, 0.36787944117144233, "2 − 2 exp(−1)"));
  rows.push_back(one_apart("estimator=biased,kernel=imq,bandwidth=1", 1, 0.7071067811865476, "2 − 2/√2"));
  rows.push_back(one_apart("estimator=biased,kernel=rq,bandwidth=1", 1, 2.0 / 3, "2 − 2/(1 + 1/2)"));
  rows.push_back(one_apart("estimator=biased,kernel=energy", 0, -1, "0 + 0 + 2 · 1"));
  DistanceExample example =
      one_apart("estimator=biased,kernel=polynomial", 0, 0, "(0+1)³ + (1+1)³ − 2 (0+1)³");
  example.value = 7, rows.push_back(example);
  example = one_apart("estimator=biased,bandwidth=1+2", 2, 0, "2·2 − 2 (exp(−1/2) + exp(−1/8))");
  example.value = 4 - 2 * (0.6065306597126334 + 0.8824969025845955), rows.push_back(example);
  example =
      one_apart("bandwidth=1", 0, 0, "x = 0, 1; y = 0, 2: e^(−1/2) + e^(−2) − (1 + e^(−2) + 2 e^(−1/2))/2");
  example.x = {0, 1}, example.y = {0, 2};
  example.value =
      0.6065306597126334 + 0.1353352832366127 - (1 + 0.1353352832366127 + 2 * 0.6065306597126334) / 2;
  rows.push_back(example);
  example.options = "estimator=linear,bandwidth=1";
  example.by_hand = "k(0,1) + k(0,2) − k(0,2) − k(1,0)";
  example.value = 0, rows.push_back(example);
  example.options = "estimator=linear,kernel=energy";
  example.y = {3, 7};
  example.by_hand = "−|0−1| − |3−7| + |0−7| + |1−3| = −1 − 4 + 7 + 2";
  example.value = 4, rows.push_back(example);
  example.options = "estimator=block,block=2,kernel=energy";
  example.x = {0, 1, 0, 0}, example.y = {3, 7, 1, 1};
  example.by_hand = "blocks: −1 − 4 + 2 (3+7+2+6)/4 = 4, and 2 · 1 = 2; their mean";
  example.value = 3, rows.push_back(example);
  example.options = "estimator=biased,kernel=energy,root=yes";
  example.d = 2, example.x = {0, 0}, example.y = {3, 4};
  example.by_hand = "√(2 · 5)";
  example.value = 3.1622776601683795, rows.push_back(example);
  example = one_apart("estimator=biased,bandwidth=1", 0, 0,
                      "mass ¼ at 1 against a mass at 0: (¼)² (2 − 2 exp(−1/2))");
  example.x = {0, 1}, example.x_weights = {0.75, 0.25}, example.y = {0};
  example.value = (2 - 2 * 0.6065306597126334) / 16, rows.push_back(example);
  return rows;
}

}  // namespace

const OptionTable<MmdOptions>& option_table(const MmdOptions&) {
  using O = MmdOptions;
  static const auto table =
      OptionTable<O>("mmd")
          .add("estimator", &O::estimator,
               "unbiased (pairs of different points), biased (all pairs, ≥ 0), linear, block",
               word_of(kEstimators))
          .add("root", &O::root, "yes: its root; an estimate below 0 keeps its sign", yes_or_no())
          .add("kernel", &O::kernel,
               "gaussian exp(−r²/2σ²), laplacian exp(−‖·‖₁/σ), imq (1+r²/σ²)^(−1/2), rq (1+r²/(2aσ²))^(−a), "
               "polynomial (x·y/d+1)³, energy −r",
               word_of(kKernels))
          .add("bandwidth", &O::bandwidth,
               "σ; several joined by + are summed; by default the median of the pooled distances",
               numbers_of(any_number()))
          .shown("median")
          .add("a", &O::a, "of kernel=rq", positive_number())
          .shown("1")
          .add("block", &O::block, "points in a block of estimator=block", count_of())
          .shown("root of n")
          .also(check_together);
  return table;
}

std::unique_ptr<Distance> make_distance(const MmdOptions& options, std::uint64_t) {
  option_table(options).check(options);
  return std::make_unique<Mmd>(options);
}

DistanceEntry mmd_entry() {
  const OptionTable<MmdOptions>& table = option_table(MmdOptions{});
  DistanceEntry entry;
  entry.name = "mmd";
  entry.title = "Maximum mean discrepancy, squared";
  entry.formula = "E k(x,x') + E k(y,y') − 2 E k(x,y)";
  entry.source =
      "Gretton et al., A kernel two-sample test, JMLR 13 (2012); block: Zaremba et al., NeurIPS 2013";
  entry.options = table.rows();
  entry.facts_of = from_table(table, facts_for);
  entry.facts = facts_for({});
  entry.examples = examples();
  entry.make = distance_from(table);
  return entry;
}

}  // namespace pushforward
