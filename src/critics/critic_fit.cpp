// SPDX-License-Identifier: Apache-2.0
//
// How a learned distance measures.
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
// Steps are those of training: a batch of either sample, the critic's loss, one optimiser sweep. What is
// judged and kept is the moving average of the weights [Polyak & Juditsky, SIAM J. Control Optim. 30, 1992],
// which takes the last steps' noise out at no cost. Every kCheck steps it is judged: by the loss, or, for a
// critic of W1, by the difference of means over its largest slope, which is what will be read. After
// `patience` steps without gain the best weights come back. A fit that is still gaining at `steps` says so.
//
// Cost: about a millisecond a step for the default network and 2·256 points on one thread.
#include "critics/critic_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <fmt/format.h>

#include "critics/critic_lipschitz.hpp"
#include "critics/critic_reading.hpp"
#include "pushforward/error.hpp"
#include "pushforward/optimizer.hpp"

namespace pushforward {
namespace {

constexpr double kJudged = 0.2;      // of the rows that are not held out
constexpr std::size_t kCheck = 100;  // steps between judgements
constexpr double kAverage = 0.995;

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
  Fitting(NetworkCritic& critic, Arena& arena, const FitData& data, const FitOptions& options,
          std::uint64_t seed, const OnFit& tell)
      : critic_(critic),
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
    const Losses losses = critic_.accumulate(x, y, pass);
    const View<float> trained{arena_.values().data, 1, arena_.trained_size()};
    const double norm = optimizer_->step(trained, arena_.gradients(), options_.rate, 1, ++steps_);
    critic_.after_step();
    lost_ = !std::isfinite(losses.loss) || !std::isfinite(norm);
    // From the beginning a mean over the last tenth of all steps, until that is as many as kAverage says.
    const auto t = static_cast<double>(steps_);
    exponential_average(average_, arena_.values(), std::min(kAverage, t / (t + 10)));
  }

  void judge() {
    std::swap_ranges(average_.data(), average_.data() + average_.size(), arena_.values().data);
    const double loss = judged_loss();
    if (loss < best_loss_) keep(best_, arena_.values()), best_loss_ = loss, best_step_ = steps_;
    std::swap_ranges(average_.data(), average_.data() + average_.size(), arena_.values().data);
    if (tell_) tell_(steps_, options_.steps, loss);
  }

  double judged_loss() {
    std::vector<float> v(data_.judged_x.rows()), w(data_.judged_y.rows());
    critic_.values(data_.judged_x, v), critic_.values(data_.judged_y, w);
    const Objective& objective = critic_.objective();
    const double loss =
        term_moments(objective.real, v, 0).mean + term_moments(objective.generated, w, 0).mean;
    if (!objective.lipschitz) return loss;
    const double slope = critic_.slope_bound({data_.judged_x, v}, {data_.judged_y, w});
    return slope > 0 ? loss / slope : 0;
  }

  NetworkCritic& critic_;
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

// Mean of v less mean of w.
struct Difference {
  double value = 0, standard_error = 0;
};
Difference difference_of(const std::vector<float>& v, const std::vector<float>& w) {
  const TermMoments p = term_moments(w1_objective().generated, v, 0);
  const TermMoments q = term_moments(w1_objective().generated, w, 0);
  return {p.mean - q.mean,
          std::sqrt(p.variance / static_cast<double>(p.count) + q.variance / static_cast<double>(q.count))};
}

}  // namespace

Tensor Standardisation::apply(const Points& points, std::span<const std::uint32_t> rows) const {
  Tensor out(rows.size(), points.d());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t k = 0; k < out.cols(); ++k)
      out(i, k) = static_cast<float>((points.at(rows[i], k) - shift[k]) / scale[k]);
  return out;
}

Fitted::Fitted(const Learned& learned, const Sample& x, const Sample& y, double holdout, std::uint64_t seed,
               const OnFit& tell)
    : x_rows_(split_rows(x.n(), holdout, Draw{seed}.on("held out x"))),
      y_rows_(split_rows(y.n(), holdout, Draw{seed}.on("held out y"))),
      standard_(standardise(x.points, y.points, learned.reading.lipschitz)),
      critic_(std::make_unique<NetworkCritic>(learned.options, learned.objective, learned.reading,
                                              RowShape{.width = x.d()}, 1)),
      own_(learned.own),
      holdout_(holdout) {
  arena_.bind(critic_->parameters(), Draw{seed});
  const FitData data{standard_.apply(x.points, x_rows_.fitted), standard_.apply(y.points, y_rows_.fitted),
                     standard_.apply(x.points, x_rows_.judged), standard_.apply(y.points, y_rows_.judged)};
  Fitting fitting(*critic_, arena_, data, learned.options.fit, seed, tell);
  fitting.run();
  steps_ = fitting.steps(), converged_ = fitting.converged();
  if (learned.reading.lipschitz && learned.options.lipschitz.kind != Lipschitz::Kind::spectral)
    choose_extension(data);
  reading_ = read(x, y);
}

std::vector<float> Fitted::values(View<const float> points) const {
  if (extension_) return extension_->values(points);
  std::vector<float> v(points.rows);
  critic_->values(points, v);
  return v;
}

// The judged rows say whether f's extension from the fitted rows shows more than f over its largest slope,
// and at which scale of f.
void Fitted::choose_extension(const FitData& data) {
  std::vector<float> x(data.x.rows()), y(data.y.rows()), v(data.judged_x.rows()), w(data.judged_y.rows());
  critic_->values(data.x, x), critic_->values(data.y, y);
  critic_->values(data.judged_x, v), critic_->values(data.judged_y, w);
  const double slope = critic_->slope_bound({data.judged_x, v}, {data.judged_y, w});
  if (!(slope > 0)) return;
  double best = difference_of(v, w).value / slope, scale = 0;
  Extension extension({data.x, x}, {data.y, y}, x_rows_.held_out.size() + y_rows_.held_out.size());
  for (const double steeper : {1.0, 1.05, 1.1, 1.2, 1.4}) {
    extension.set_scale(steeper / slope);
    const double shown =
        difference_of(extension.values(data.judged_x), extension.values(data.judged_y)).value;
    if (shown > best) best = shown, scale = extension.scale();
  }
  if (scale == 0) return;
  extension.set_scale(scale);
  extension_ = std::move(extension);
}

void Fitted::read_extension(Reading& reading, View<const float> x, View<const float> y) const {
  const Difference shown = difference_of(extension_->values(x), extension_->values(y));
  reading.value = shown.value, reading.standard_error = shown.standard_error;
  reading.estimator =
      "difference of means on held-out points, of the critic extended from fitted points with slope 1";
  std::erase_if(reading.extra, [](const Field& f) {
    return f.key == "bound" || f.key == "divided_by" || f.key == "lower_bound";
  });
  reading.extra.insert(reading.extra.begin(), {"bound", "lower bound"});
  reading.extra.emplace_back("lower_bound", *reading.value);
  reading.extra.emplace_back("anchors", extension_->size());
}

Reading Fitted::read(const Sample& x, const Sample& y) const {
  const Tensor at_x = standard_.apply(x.points, x_rows_.held_out);
  const Tensor at_y = standard_.apply(y.points, y_rows_.held_out);
  Reading reading = critic_->read_plainly(at_x, at_y);
  if (extension_) read_extension(reading, at_x, at_y);
  if (critic_->reading().lipschitz) add_exact_w1(reading, at_x, at_y);
  if (critic_->reading().lipschitz) {  // back into the data's unit
    for (std::optional<double>* value : {&reading.value, &reading.standard_error})
      if (*value) **value *= standard_.scale[0];
    for (Field& field : reading.extra)
      if (field.key == "lower_bound" || field.key == "slope_estimate" || field.key == "difference_of_means" ||
          field.key == "exact_w1")
        std::get<double>(field.value) *= standard_.scale[0];
  }
  judge_reading(reading, critic_->reading());
  reading.extra.emplace_back("steps", steps_);
  reading.extra.emplace_back("converged", converged_);
  reading.extra.emplace_back("held_out",
                             Fields{{"n", x_rows_.held_out.size()}, {"m", y_rows_.held_out.size()}});
  reading.options.insert(reading.options.begin(), own_.begin(), own_.end());
  for (Field& field : reading.options)
    if (field.key == "holdout") field.value = holdout_;
  return reading;
}

void Fitted::score(const Points& points, View<float> scores) {
  std::vector<std::uint32_t> rows(points.n());
  std::iota(rows.begin(), rows.end(), 0u);
  const Tensor at = standard_.apply(points, rows);
  if (!critic_->reading().lipschitz) return critic_->score(at, scores);
  const std::vector<float> v = values(at);
  for (std::size_t i = 0; i < v.size(); ++i)
    scores(i, 0) = static_cast<float>(static_cast<double>(v[i]) * unit());
}

double Fitted::unit() const {
  if (!critic_->reading().lipschitz) return 1;
  if (extension_) return standard_.scale[0];
  const double by = number_of(reading_.extra, "divided_by");
  return by > 0 ? standard_.scale[0] / by : 0;
}

Fitted::Terms Fitted::terms(const Sample& x, const Sample& y) const {
  Terms out;
  const Objective& objective = critic_->reading();
  const double factor = -objective.scale * unit();
  const auto add = [&](const Sample& sample, const std::vector<std::uint32_t>& rows, std::size_t first) {
    const std::vector<float> v = values(standard_.apply(sample.points, rows));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      out.rows.push_back(static_cast<std::uint32_t>(rows[i] + first));
      out.as_x.push_back(factor * objective.real(static_cast<double>(v[i])).value);
      out.as_y.push_back(factor * objective.generated(static_cast<double>(v[i])).value);
    }
  };
  add(x, x_rows_.held_out, 0), add(y, y_rows_.held_out, x.n());
  out.n = x_rows_.held_out.size(), out.offset = objective.offset;
  return out;
}

}  // namespace pushforward
