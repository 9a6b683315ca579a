// SPDX-License-Identifier: Apache-2.0
//
// How a learned distance measures: a critic is fitted (fit_loop.cpp) and read on the rows that were held out.
//
// What judges is the critic's loss, or, for a critic of W1, the difference of means over its largest slope,
// which is what will be read.
//
// Cost: about a millisecond a step for the default network and 2·256 points on one thread.
#include "critics/critic_fit.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "critics/critic_lipschitz.hpp"
#include "critics/critic_reading.hpp"

namespace pushforward {
namespace {

// A critic as it is fitted: the loss of its objective, over its largest slope where that is what is read.
class CriticGame final : public Fittable {
 public:
  explicit CriticGame(NetworkCritic& critic) : critic_(critic) {}

  Losses accumulate(View<const float> x, View<const float> y, const Pass& pass) override {
    return critic_.accumulate(x, y, pass);
  }
  void after_step() override { critic_.after_step(); }
  double judged_loss(const FitData& data) override {
    std::vector<float> v(data.judged_x.rows()), w(data.judged_y.rows());
    critic_.values(data.judged_x, v), critic_.values(data.judged_y, w);
    const Objective& objective = critic_.objective();
    const double loss =
        term_moments(objective.real, v, 0).mean + term_moments(objective.generated, w, 0).mean;
    if (!objective.lipschitz) return loss;
    const double slope = critic_.slope_bound({data.judged_x, v}, {data.judged_y, w});
    return slope > 0 ? loss / slope : 0;
  }

 private:
  NetworkCritic& critic_;
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
  CriticGame game(*critic_);
  const FitEnd end = run_fit(game, arena_, data, learned.options.fit, seed, tell);
  steps_ = end.steps, converged_ = end.converged;
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
