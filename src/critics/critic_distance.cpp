// SPDX-License-Identifier: Apache-2.0
//
// A learned distance as a Distance: it fits and reads, lends its network to a training, or is fitted once and
// tested.
//
// The test fits on one half (`freeze`) and relabels the rows of the other half only: what the network says of
// a row does not depend on the row's label there, so relabellings are exchangeable and the p-value exact
// [Lopez-Paz & Oquab, "Revisiting classifier two-sample tests", ICLR 2017]. A relabelling costs a sum over
// the held-out rows.
#include "critics/critic_distance.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "critics/critic_fit.hpp"
#include "pushforward/error.hpp"
#include "pushforward/witness.hpp"

namespace pushforward {
namespace {

constexpr double kTestedShare = 0.5;

// A permutation of the whole pool, read at the held-out rows, is a permutation of these.
class HeldOutStatistic final : public PermutedStatistic {
 public:
  HeldOutStatistic(Fitted::Terms terms, std::size_t pool) : terms_(std::move(terms)), place_(pool, kNot) {
    for (std::size_t i = 0; i < terms_.rows.size(); ++i) place_[terms_.rows[i]] = i;
  }

  // The network's answers are float32, and equal rows get them from other places of a product.
  Rounding rounding() const override {
    constexpr double kUnits = 32 * 0x1p-24;
    double x = 0, y = 0;
    for (const double term : terms_.as_x) x += std::abs(term);
    for (const double term : terms_.as_y) y += std::abs(term);
    return {kUnits * (std::abs(terms_.offset) + (x + y) / static_cast<double>(terms_.rows.size()))};
  }

  void measure(View<const std::uint32_t> orders, std::span<double> values) const override {
    const double n = static_cast<double>(terms_.n), m = static_cast<double>(terms_.rows.size() - terms_.n);
    for (std::size_t b = 0; b < orders.rows; ++b) {
      double as_x = 0, as_y = 0;
      std::size_t seen = 0;
      for (const std::uint32_t row : std::span(orders.row(b), orders.cols)) {
        const std::size_t i = place_[row];
        if (i == kNot) continue;
        seen++ < terms_.n ? as_x += terms_.as_x[i] : as_y += terms_.as_y[i];
      }
      values[b] = terms_.offset + as_x / n + as_y / m;
    }
  }

 private:
  static constexpr std::size_t kNot = SIZE_MAX;
  Fitted::Terms terms_;
  std::vector<std::size_t> place_;
};

// What a fitted network says of points.
class CriticWitness final : public Witness {
 public:
  CriticWitness(std::unique_ptr<FittedCritic> critic, const Objective& objective)
      : critic_(std::move(critic)), objective_(objective) {}

  std::vector<std::string> names() const override { return critic_->score_names(); }

  void values(const Points& at, View<double> out) const override {
    Tensor scores(at.n(), out.cols);
    critic_->score(at, scores);
    for (std::size_t e = 0; e < scores.size(); ++e) out.data[e] = static_cast<double>(scores.data()[e]);
  }

  Fields about() const override {
    const Reading& reading = critic_->reading();
    Fields fields;
    if (reading.value) fields.emplace_back("value", *reading.value);
    if (reading.standard_error) fields.emplace_back("standard_error", *reading.standard_error);
    fields.emplace_back("value_is", reading.estimator);
    fields.emplace_back("over", objective_.lipschitz    ? "networks held to slope 1"
                                : objective_.classifier ? "networks f, D(x) = 1/(1 + exp(-f))"
                                                        : "networks");
    for (const Field& field : reading.extra)
      if (field.key == "bound" || field.key == "accuracy" || field.key == "converged")
        fields.push_back(field);
    return fields;
  }

 private:
  std::unique_ptr<FittedCritic> critic_;
  Objective objective_;
};

class LearnedDistance final : public Distance, public Watchable {
 public:
  LearnedDistance(Learned learned, std::uint64_t seed) : learned_(std::move(learned)), seed_(seed) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    if (grad.wanted())
      throw RequestError(Complaint{learned_.name, "a gradient asked of a measurement", "none",
                                   "a generator trains against its critic, step by step"});
    check_samples(learned_.name, x, y, learned_facts());
    if (frozen_ && x.n() == frozen_n_ && y.n() == frozen_m_) return frozen_->read(x, y);
    return fit(x, y)->reading();
  }

  std::unique_ptr<Critic> critic(RowShape point, std::size_t pack) const override {
    return std::make_unique<NetworkCritic>(learned_.options, learned_.objective, learned_.reading, point,
                                           pack);
  }

  std::unique_ptr<FittedCritic> fit(const Sample& x, const Sample& y) const override {
    return fit_on(x, y, learned_.options.fit.share());
  }

  std::unique_ptr<Witness> witness(const Sample& x, const Sample& y) const override {
    return std::make_unique<CriticWitness>(fit(x, y), learned_.reading);
  }

  void freeze(const Sample& x, const Sample& y) override {
    const FitOptions& options = learned_.options.fit;
    frozen_ = fit_on(x, y, options.holdout.value_or(kTestedShare));
    frozen_n_ = x.n(), frozen_m_ = y.n();
  }

  void on_fit(OnFit tell) override { tell_ = std::move(tell); }

  std::unique_ptr<PermutedStatistic> permuted(const Sample& x, const Sample& y) const override {
    if (!frozen_ || x.n() != frozen_n_ || y.n() != frozen_m_) return nullptr;
    return std::make_unique<HeldOutStatistic>(frozen_->terms(x, y), x.n() + y.n());
  }

 private:
  std::unique_ptr<Fitted> fit_on(const Sample& x, const Sample& y, double holdout) const {
    check_samples(learned_.name, x, y, learned_facts());
    return std::make_unique<Fitted>(learned_, x, y, holdout, seed_, tell_);
  }

  Learned learned_;
  std::uint64_t seed_;
  OnFit tell_{};
  std::unique_ptr<Fitted> frozen_{};
  std::size_t frozen_n_ = 0, frozen_m_ = 0;
};

}  // namespace

void watch_fit(Distance& distance, OnFit tell) {
  if (auto* fits = dynamic_cast<Watchable*>(&distance)) fits->on_fit(std::move(tell));
}

Facts learned_facts() { return {.learned = true, .randomised = true, .witness = true, .smallest_n = 20}; }

std::unique_ptr<Distance> make_learned(Learned learned, std::uint64_t seed) {
  return std::make_unique<LearnedDistance>(std::move(learned), seed);
}

}  // namespace pushforward
