// SPDX-License-Identifier: Apache-2.0
//
// How a network is fitted to two samples.
//
// The rows of either sample are dealt in three: most are fitted to, a fifth of those judge when to stop, and
// the rest are held out. Only these are read, once, when all is over, so that nothing was chosen by them: the
// reading is a bound in expectation, and labels of held-out rows stay exchangeable under the null. Judging by
// the rows that are read would make every reading a little too good.
//
// Points are standardised first, by the pooled sample's moments, which know no labels: column by column, or,
// where the unit matters (W1), by one number for all columns, which the value is multiplied by again. So the
// same defaults do for any units.
//
// Steps are those of training: a batch of either sample, the loss, one optimiser sweep. What is judged and
// kept is the moving average of the weights [Polyak & Juditsky, SIAM J. Control Optim. 30, 1992], which takes
// the last steps' noise out at no cost. Every kCheck steps it is judged. After `patience` steps without gain
// the best weights come back. A fit that is still gaining at `steps` says so.
#include "critics/fit_loop.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "pushforward/arena.hpp"
#include "pushforward/optimizer.hpp"

namespace pushforward {
namespace {

constexpr double kJudged = 0.2;      // of the rows that are not held out
constexpr std::size_t kCheck = 100;  // steps between judgements
constexpr double kAverage = 0.995;

// Rows of a sample in random order, epoch after epoch, in batches.
class Deck {
 public:
  Deck(const Tensor& points, std::size_t batch, const Draw& draw)
      : points_(points), draw_(draw), order_(points.rows()), batch_(batch, points.cols()) {}

  View<const float> next() {
    if (at_ + batch_.rows() > order_.size() || epoch_ == 0)
      fill_permutation(order_, draw_.at(epoch_++)), at_ = 0;
    for (std::size_t i = 0; i < batch_.rows(); ++i)
      std::copy_n(points_.row(order_[at_++]), points_.cols(), batch_.row(i));
    return batch_;
  }

 private:
  const Tensor& points_;
  Draw draw_;
  std::vector<std::uint32_t> order_;
  Tensor batch_;
  std::size_t at_ = 0;
  std::uint64_t epoch_ = 0;
};

// The loop over steps; leaves the best averaged weights in the arena.
class Fitting {
 public:
  Fitting(Fittable& what, Arena& arena, const FitData& data, const FitOptions& options, std::uint64_t seed,
          const OnFit& tell)
      : what_(what),
        arena_(arena),
        data_(data),
        options_(options),
        seed_(seed),
        tell_(tell),
        optimizer_(make_optimizer(options.optimizer, arena.trained_size(), 0, {})),
        average_(1, arena.values().size()),
        best_(1, arena.values().size()) {}

  void run() {
    const std::size_t batch = std::min({options_.batch, data_.x.rows(), data_.y.rows()});
    Deck x(data_.x, batch, stream("fit x")), y(data_.y, batch, stream("fit y"));
    keep(average_, arena_.values()), keep(best_, arena_.values());
    while (steps_ < options_.steps && steps_ - best_step_ < options_.patience && !lost_) {
      step(x.next(), y.next());
      if (steps_ % kCheck == 0 || steps_ == options_.steps) judge();
    }
    keep(arena_.values(), best_);
  }

  std::size_t steps() const { return steps_; }
  bool converged() const { return !lost_ && steps_ - best_step_ >= options_.patience; }

 private:
  Draw stream(std::string_view name) const { return Draw{seed_}.on(name); }
  static void keep(View<float> to, View<const float> from) { std::copy_n(from.data, from.size(), to.data); }

  void step(View<const float> x, View<const float> y) {
    const Pass pass{.training = true, .draw = stream("fit").at(steps_)};
    const Losses losses = what_.accumulate(x, y, pass);
    const View<float> trained{arena_.values().data, 1, arena_.trained_size()};
    const double norm = optimizer_->step(trained, arena_.gradients(), options_.rate, 1, ++steps_);
    what_.after_step();
    lost_ = !std::isfinite(losses.loss) || !std::isfinite(norm);
    // From the beginning a mean over the last tenth of all steps, until that is as many as kAverage says.
    const auto t = static_cast<double>(steps_);
    exponential_average(average_, arena_.values(), std::min(kAverage, t / (t + 10)));
  }

  void judge() {
    std::swap_ranges(average_.data(), average_.data() + average_.size(), arena_.values().data);
    const double loss = what_.judged_loss(data_);
    if (loss < best_loss_) keep(best_, arena_.values()), best_loss_ = loss, best_step_ = steps_;
    std::swap_ranges(average_.data(), average_.data() + average_.size(), arena_.values().data);
    if (tell_) tell_(steps_, options_.steps, loss);
  }

  Fittable& what_;
  Arena& arena_;
  const FitData& data_;
  const FitOptions& options_;
  std::uint64_t seed_;
  const OnFit& tell_;
  std::unique_ptr<Optimizer> optimizer_;
  Tensor average_, best_;
  double best_loss_ = std::numeric_limits<double>::infinity();
  std::size_t steps_ = 0, best_step_ = 0;
  bool lost_ = false;
};

}  // namespace

FitRows split_rows(std::size_t n, double holdout, const Draw& draw) {
  const std::vector<std::uint32_t> order = permutation(n, draw);
  const auto share = [](std::size_t of, double part) {
    return std::max<std::size_t>(2, static_cast<std::size_t>(std::lround(static_cast<double>(of) * part)));
  };
  const std::size_t held_out = share(n, holdout), judged = share(n - held_out, kJudged);
  FitRows rows;
  const auto first = order.begin();
  const auto at = [&](std::size_t i) { return first + static_cast<std::ptrdiff_t>(i); };
  rows.held_out.assign(first, at(held_out));
  rows.judged.assign(at(held_out), at(held_out + judged));
  rows.fitted.assign(at(held_out + judged), order.end());
  std::sort(rows.held_out.begin(), rows.held_out.end());
  return rows;
}

// Pooled moments of both samples, each counting half, in two passes.
Standardisation standardise(const Points& x, const Points& y, bool one_scale) {
  const std::size_t d = x.d();
  Standardisation out{std::vector<double>(d), std::vector<double>(d)};
  const auto add = [&](const Points& points, auto&& what) {
    const double share = 0.5 / static_cast<double>(points.n());
    for (std::size_t i = 0; i < points.n(); ++i)
      for (std::size_t k = 0; k < d; ++k) what(k, share, points.at(i, k));
  };
  const auto mean = [&](std::size_t k, double share, double v) { out.shift[k] += share * v; };
  add(x, mean), add(y, mean);
  const auto square = [&](std::size_t k, double share, double v) {
    out.scale[k] += share * (v - out.shift[k]) * (v - out.shift[k]);
  };
  add(x, square), add(y, square);
  if (one_scale) {
    const double all = std::accumulate(out.scale.begin(), out.scale.end(), 0.0) / static_cast<double>(d);
    std::fill(out.scale.begin(), out.scale.end(), all);
  }
  for (double& s : out.scale) s = s > 0 ? std::sqrt(s) : 1;
  return out;
}

Tensor Standardisation::apply(const Points& points, std::span<const std::uint32_t> rows) const {
  Tensor out(rows.size(), points.d());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t k = 0; k < out.cols(); ++k)
      out(i, k) = static_cast<float>((points.at(rows[i], k) - shift[k]) / scale[k]);
  return out;
}

FitEnd run_fit(Fittable& what, Arena& arena, const FitData& data, const FitOptions& options,
               std::uint64_t seed, const OnFit& tell) {
  Fitting fitting(what, arena, data, options, seed, tell);
  fitting.run();
  return {fitting.steps(), fitting.converged()};
}

}  // namespace pushforward
