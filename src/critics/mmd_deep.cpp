// SPDX-License-Identifier: Apache-2.0
//
// mmd-d: the MMD by a kernel that is learned for it [Liu, Xu, Lu, Zhang, Gretton & Sutherland, "Learning deep
// kernels for non-parametric two-sample tests", ICML 2020].
//
//   k(a, b) = ((1 − ε) exp(−‖φ(a) − φ(b)‖²/s²) + ε) exp(−‖a − b‖²/t²)
//
// The kernel is fitted to one part of the samples, where it maximises the criterion that power grows with
// (deep_kernel.hpp), and MMD² is read, unbiased, on the rows that were held out. Relabelling those gives an
// exact p-value, as the kernel knows none of their labels.
//
// The kernel is a sum of two Gaussian kernels, of (φ(a)/s, a/t) and of a/t, so that the streamed sums of
// kernel_collection.hpp serve: no kernel matrix of the held-out rows is kept.
//
// What differs from the authors' program: bandwidths begin at a quantile of distances and points are
// standardised, so that the defaults do for any unit; a fifth of the fitted rows judge when to stop; weights
// are averaged.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/whole_number.hpp"
#include "critics/deep_kernel.hpp"
#include "kernels/kernel_collection.hpp"
#include "ops/activation.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

DenseChain network_of(const MmdDOptions& options) {
  return {.hidden = options.hidden, .outputs = options.features, .activation = options.activation};
}

Facts deep_facts() { return {.randomised = true, .smallest_n = 20}; }

Matrix<double> scaled(const Tensor& left, double left_by, const Tensor& right, double right_by) {
  Matrix<double> out(right.rows(), left.cols() + right.cols());
  for (std::size_t i = 0; i < out.rows(); ++i) {
    for (std::size_t k = 0; k < left.cols(); ++k) out(i, k) = left_by * static_cast<double>(left(i, k));
    for (std::size_t k = 0; k < right.cols(); ++k)
      out(i, left.cols() + k) = right_by * static_cast<double>(right(i, k));
  }
  return out;
}

// A fitted kernel, and the held-out rows as both Gaussian kernels see them.
class FittedKernel {
 public:
  FittedKernel(const MmdDOptions& options, const Sample& x, const Sample& y, std::uint64_t seed,
               const OnFit& tell)
      : x_rows_(split_rows(x.n(), options.fit.share(), Draw{seed}.on("held out x"))),
        y_rows_(split_rows(y.n(), options.fit.share(), Draw{seed}.on("held out y"))),
        place_(x.n() + y.n(), kNot) {
    std::uint32_t next = 0;
    for (const std::uint32_t row : x_rows_.held_out) place_[row] = next++;
    for (const std::uint32_t row : y_rows_.held_out) place_[x.n() + row] = next++;
    const Standardisation standard = standardise(x.points, y.points, false);
    const FitData data{standard.apply(x.points, x_rows_.fitted), standard.apply(y.points, y_rows_.fitted),
                       standard.apply(x.points, x_rows_.judged), standard.apply(y.points, y_rows_.judged)};
    DeepKernel kernel(network_of(options), x.d());
    Arena arena;
    arena.bind(kernel.parameters(), Draw{seed});
    kernel.begin(data);
    end_ = run_fit(kernel, arena, data, options.fit, seed, tell);
    scales_ = kernel.scales(), criterion_ = -kernel.judged_loss(data);
    collect(kernel, standard.apply(x.points, x_rows_.held_out), standard.apply(y.points, y_rows_.held_out));
  }

  std::size_t n() const { return x_rows_.held_out.size(); }
  std::size_t m() const { return y_rows_.held_out.size(); }

  /// Of each relabelling of the pool, read at the rows that were held out.
  void unbiased(View<const std::uint32_t> orders, std::span<double> values) const {
    Matrix<std::uint32_t> held_out(orders.rows, n() + m());
    for (std::size_t b = 0; b < orders.rows; ++b) {
      std::size_t at = 0;
      for (const std::uint32_t row : std::span(orders.row(b), orders.cols))
        if (place_[row] != kNot) held_out(b, at++) = place_[row];
    }
    Matrix<double> found(orders.rows, 1);
    std::fill(values.begin(), values.end(), 0.0);
    for (std::size_t k = 0; k < 2; ++k) {
      kernels_[k]->unbiased(held_out.view(), found.view());
      for (std::size_t b = 0; b < orders.rows; ++b) values[b] += share(k) * found(b, 0);
    }
  }

  // Of both sums, and of φ: equal rows may get answers from other places of a product of float32.
  double rounding() const {
    constexpr double kUnits = 32 * 0x1p-24;
    return share(0) * (kernels_[0]->rounding(0) + kUnits) + share(1) * kernels_[1]->rounding(0);
  }

  Fields about() const {
    return {{"epsilon", scales_.mix},
            {"criterion", criterion_},
            {"steps", end_.steps},
            {"converged", end_.converged},
            {"held_out", Fields{{"n", n()}, {"m", m()}}}};
  }

 private:
  static constexpr std::uint32_t kNot = UINT32_MAX;

  double share(std::size_t k) const { return k == 0 ? 1 - scales_.mix : scales_.mix; }

  void collect(DeepKernel& kernel, const Tensor& x, const Tensor& y) {
    const double s = std::sqrt(scales_.feature_rate), t = std::sqrt(scales_.rate);
    const Tensor none;
    const Matrix<double> near[2] = {scaled(kernel.features(x), s, x, t), scaled(kernel.features(y), s, y, t)},
                         wide[2] = {scaled(none, 0, x, t), scaled(none, 0, y, t)};
    const std::vector<CollectedKernel> gaussian = {{KernelFamily::gaussian, 1 / std::numbers::sqrt2}};
    kernels_[0] = collect_kernels(gaussian, {Points(near[0].view())}, {Points(near[1].view())});
    kernels_[1] = collect_kernels(gaussian, {Points(wide[0].view())}, {Points(wide[1].view())});
  }

  FitRows x_rows_, y_rows_;
  std::vector<std::uint32_t> place_;  // of a row of the pool, among those held out
  FitEnd end_{};
  KernelScales scales_{};
  double criterion_ = 0;
  std::unique_ptr<KernelCollection> kernels_[2]{};
};

class DeepStatistic final : public PermutedStatistic {
 public:
  explicit DeepStatistic(std::shared_ptr<const FittedKernel> kernel) : kernel_(std::move(kernel)) {}

  void measure(View<const std::uint32_t> orders, std::span<double> values) const override {
    kernel_->unbiased(orders, values);
  }
  Rounding rounding() const override { return {kernel_->rounding()}; }

 private:
  std::shared_ptr<const FittedKernel> kernel_;
};

class MmdD final : public Distance, public Watchable {
 public:
  MmdD(const MmdDOptions& options, std::uint64_t seed) : options_(options), seed_(seed) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    if (grad.wanted())
      throw RequestError(Complaint{"mmd-d", "a gradient asked of it", "a value", "mmd has a gradient"});
    const auto kernel = frozen_for(x, y) ? frozen_ : fitted(x, y);
    Matrix<std::uint32_t> order(1, x.n() + y.n());
    std::iota(order.data(), order.data() + order.size(), 0u);
    double value = 0;
    kernel->unbiased(order.view(), {&value, 1});
    Reading reading;
    reading.value = value;
    reading.estimator = "unbiased MMD² by a fitted kernel, on held-out points";
    reading.unit = "squared MMD";
    reading.extra = kernel->about();
    reading.options = {{"hidden", sizes_text(options_.hidden)},
                       {"features", options_.features},
                       {"activation", options_.activation}};
    for (const Field& field : fit_option_fields(options_.fit)) reading.options.push_back(field);
    return reading;
  }

  void freeze(const Sample& x, const Sample& y) override {
    frozen_ = fitted(x, y);
    frozen_n_ = x.n(), frozen_m_ = y.n();
  }
  void redraw(std::uint64_t seed) override { seed_ = seed, frozen_.reset(); }
  void on_fit(OnFit tell) override { tell_ = std::move(tell); }

  std::unique_ptr<PermutedStatistic> permuted(const Sample& x, const Sample& y) const override {
    return std::make_unique<DeepStatistic>(frozen_for(x, y) ? frozen_ : fitted(x, y));
  }

 private:
  bool frozen_for(const Sample& x, const Sample& y) const {
    return frozen_ && x.n() == frozen_n_ && y.n() == frozen_m_;
  }
  std::shared_ptr<const FittedKernel> fitted(const Sample& x, const Sample& y) const {
    check_samples("mmd-d", x, y, deep_facts());
    return std::make_shared<const FittedKernel>(options_, x, y, seed_, tell_);
  }

  MmdDOptions options_;
  std::uint64_t seed_;
  OnFit tell_{};
  std::shared_ptr<const FittedKernel> frozen_{};
  std::size_t frozen_n_ = 0, frozen_m_ = 0;
};

// k(a, b) = 1 for equal points, whatever the kernel.
DistanceExample example() {
  DistanceExample example;
  example.options = "steps=3";
  example.x.assign(20, 3.0), example.y.assign(25, 3.0);
  example.value = 0;
  example.by_hand = "equal points: k = 1, and 1 + 1 − 2 = 0";
  return example;
}

}  // namespace

const OptionTable<MmdDOptions>& option_table(const MmdDOptions&) {
  using O = MmdDOptions;
  static const auto table =
      OptionTable<O>("mmd-d")
          .add("hidden", &O::hidden, "units of φ's hidden layers, joined by +, or none",
               sizes_of(1, kMostUnits))
          .add("features", &O::features, "that φ has", count_of(1, 10'000))
          .add("activation", &O::activation, "of hidden layers", one_of(activation_names()))
          .part(&O::fit, option_table(FitOptions{}));
  return table;
}

std::unique_ptr<Distance> make_distance(const MmdDOptions& options, std::uint64_t seed) {
  option_table(options).check(options);
  return std::make_unique<MmdD>(options, seed);
}

DistanceEntry mmd_d_entry() {
  const OptionTable<MmdDOptions>& table = option_table(MmdDOptions{});
  DistanceEntry entry;
  entry.name = "mmd-d";
  entry.title = "MMD by a deep kernel, fitted for the power of a test";
  entry.formula = "MMD² by ((1−ε) exp(−‖φ(a)−φ(b)‖²/s²) + ε) exp(−‖a−b‖²/t²), fitted to other rows";
  entry.source = "Liu et al., Learning deep kernels for non-parametric two-sample tests, ICML 2020";
  entry.options = table.rows();
  entry.facts = deep_facts();
  entry.examples = {example()};
  entry.make =
      from_table(table, [](const MmdDOptions& o, std::uint64_t seed) { return make_distance(o, seed); });
  return entry;
}

}  // namespace pushforward
