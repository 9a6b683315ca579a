// SPDX-License-Identifier: Apache-2.0
#include "animation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "endings.hpp"
#include "io/gif.hpp"
#include "output.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/latent_plane.hpp"
#include "report/drawing.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kShown = 1000, kMoving = 500;  // points of data, and generated ones
constexpr std::uint64_t kFrames = 60;
constexpr int kHundredths = 8;
constexpr std::size_t kPlaces = 161;              // of curves on the line
constexpr std::size_t kPairs = 24, kColumns = 6;  // rows beside their reconstructions
constexpr std::size_t kPlane = 10, kPanel = 300;  // images a side of the plane; pixels of the codes
constexpr report::Colour kData = {150, 150, 150}, kGenerated = {0, 114, 178}, kFunction = {213, 94, 0};

report::Box wider(report::Box box) {
  for (std::size_t k = 0; k < 2; ++k) {
    const double more = 0.12 * (box.high[k] - box.low[k]);
    box.low[k] -= more, box.high[k] += more;
  }
  return box;
}

report::Box box_of_data(const Tensor& data) {
  if (data.cols() == 2) return wider(report::box_of(std::as_const(data).view()));
  Tensor plane(data.rows(), 2);  // the second coordinate is 0
  for (std::size_t i = 0; i < data.rows() && data.cols() == 1; ++i) plane(i, 0) = data(i, 0);
  return wider(report::box_of(std::as_const(plane).view()));
}

// A mean of Gaussian bumps, a fiftieth of the frame wide.
std::vector<double> density_of(View<const float> points, const std::vector<double>& places) {
  const double h = (places.back() - places.front()) / 50;
  std::vector<double> density(places.size(), 0);
  for (std::size_t i = 0; i < points.rows; ++i)
    for (std::size_t g = 0; g < places.size(); ++g) {
      const double t = (places[g] - static_cast<double>(points(i, 0))) / h;
      if (std::abs(t) < 6) density[g] += std::exp(-t * t / 2);
    }
  const double scale = 1 / (h * std::sqrt(2 * std::numbers::pi) * static_cast<double>(points.rows));
  for (double& d : density) d *= scale;
  return density;
}

void fill_under(report::Drawing& to, const report::Axes& axes, const std::vector<double>& x,
                const std::vector<double>& y, report::Colour colour, double opacity) {
  std::vector<report::Place> around = {axes(x.front(), 0)};
  for (std::size_t i = 0; i < x.size(); ++i) around.push_back(axes(x[i], std::min(y[i], axes.box().high[1])));
  around.push_back(axes(x.back(), 0));
  to.area(std::move(around), colour, opacity);
}

// The function in the frame's height: D as it is, f between its extremes; and what the legend says of it.
report::Named draw_function(report::Drawing& to, const report::Axes& axes, const std::vector<double>& x,
                            const LineFunction& function) {
  const auto [least, most] = std::minmax_element(function.values.begin(), function.values.end());
  const bool d = function.name == "D";
  const double low = d ? 0 : *least, high = d ? 1 : *most, top = axes.box().high[1];
  std::vector<double> y;
  for (double v : function.values) y.push_back(high > low ? 0.97 * top * (v - low) / (high - low) : 0);
  axes.curve(to, x, y, {kFunction, 2, 1});
  return {d ? "D(x), from 0 to 1" : fmt::format("f, from {:.3g} to {:.3g}", low, high), kFunction};
}

bool in_sight(RowShape shape) { return !shape.image && shape.size() <= 2; }

// The rows that spaced() gives: of data in groups, all groups.
Dataset shown_rows(const Dataset& data) {
  std::vector<std::uint32_t> index(std::min(data.rows(), kShown));
  for (std::size_t i = 0; i < index.size(); ++i)
    index[i] = static_cast<std::uint32_t>(i * data.rows() / index.size());
  return data.select(index);
}

// Codes in a square of their own, coloured by label.
void draw_codes(report::Drawing& to, const Tensor& codes, const std::vector<std::int32_t>& labels,
                double left) {
  const report::Box box = report::box_of(std::as_const(codes).view());
  const report::Axes axes(box, {left + 44, 30}, {left + 44 + kPanel, 30 + kPanel});
  axes.draw(to, "", "codes");
  for (std::size_t i = 0; i < codes.rows(); ++i)
    to.disc(axes(static_cast<double>(codes(i, 0)), static_cast<double>(codes(i, 1))), 2,
            report::class_colour(labels.empty() ? 0 : static_cast<std::size_t>(labels[i])), 0.7);
}

// Data above what comes back of them, in turns.
report::Image pairs(View<const float> rows, View<const float> back, RowShape shape) {
  const std::size_t n = std::min(kPairs, rows.rows) / kColumns * kColumns;
  Tensor both(2 * n, rows.cols);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t line = i / kColumns, column = i % kColumns;
    std::copy_n(rows.row(i), rows.cols, both.row(2 * line * kColumns + column));
    std::copy_n(back.row(i), rows.cols, both.row((2 * line + 1) * kColumns + column));
  }
  return report::image_grid(both.view(), shape, {.columns = kColumns, .smallest = 40});
}

}  // namespace

void check_animation(const std::string& path, RowShape shape, bool force) {
  check_output(path, {".gif"}, force);
  if (!in_sight(shape))
    throw RequestError(Complaint{path, fmt::format("rows of {}", shape.text()),
                                 "points of the line or points of the plane", "for example toy:8gaussians"});
}

void check_training_animation(const std::string& path, const Run& run, bool force) {
  check_output(path, {".gif"}, force);
  if (run.entry->solved)
    throw RequestError(
        Complaint{"--animate", run.entry->name + ", which is solved at once", "a model that is trained"});
  if (run.conditions && run.conditions->columns())
    throw RequestError(
        Complaint{"--animate", "a model conditioned on columns", "one on a label, or on nothing"});
  const bool codes = can<Encodes>(*run.model) && (run.shape.image || code_size(*run.model) == 2);
  if (!codes) check_animation(path, run.shape, force);
}

Animation::Animation(const Dataset& data) : Animation(data.spaced(0, kShown)) {}

Animation::Animation(Tensor data) : data_(std::move(data)), box_(box_of_data(data_)) { lay_places(); }

void Animation::lay_places() {
  places_.clear();
  for (std::size_t i = 0; i < kPlaces; ++i)
    places_.push_back(
        std::lerp(box_.low[0], box_.high[0], static_cast<double>(i) / static_cast<double>(kPlaces - 1)));
  if (on_line()) density_ = density_of(std::as_const(data_).view(), places_);
}

void Animation::reach(View<const float> points) {
  if (frames() > 0 || points.cols != data_.cols()) return;
  Tensor all(data_.rows() + points.rows, data_.cols());
  std::copy_n(data_.data(), data_.size(), all.data());
  std::copy_n(points.data, points.size(), all.row(data_.rows()));
  box_ = box_of_data(all);
  lay_places();
}

void Animation::add(View<const float> points, const report::Surface* surface) {
  report::ScatterOptions options;
  options.size = 420, options.radius = 2, options.behind = data_;
  options.box = &box_, options.surface = surface;
  frames_.push_back(report::scatter(points, options));
}

void Animation::add_line(View<const float> points, const std::optional<LineFunction>& function) {
  const double top = 1.6 * *std::max_element(density_.begin(), density_.end());
  report::Drawing drawing(600, 400);
  const report::Axes axes({{places_.front(), 0}, {places_.back(), top}}, {60, 30}, {580, 310});
  axes.draw(drawing, "", "density");
  const std::vector<double> q = density_of(points, places_);
  fill_under(drawing, axes, places_, density_, kData, 0.5);
  fill_under(drawing, axes, places_, q, kGenerated, 0.2);
  std::vector<double> within = q;  // at the top of the frame where it leaves it
  for (double& v : within) v = std::min(v, top);
  axes.curve(drawing, places_, within, {kGenerated, 2, 1});
  std::vector<report::Named> names = {{"p, the data", kData}, {"q", kGenerated}};
  if (function) names.push_back(draw_function(drawing, axes, places_, *function));
  for (std::size_t i = 0; i < names.size(); ++i)  // the function's range needs a line of its own
    report::legend(drawing, {i == 1 ? 264.0 : 60.0, i == 2 ? 386.0 : 366.0}, {names[i]});
  frames_.push_back(drawing.pixels());
}

void Animation::write(const std::string& path) {
  if (frames_.empty()) return;
  const report::Image last = frames_.back();
  frames_.insert(frames_.end(), 100 / kHundredths, last);
  io::write_gif(path, frames_, kHundredths);
}

TrainingAnimation::TrainingAnimation(const Run& run, const Dataset& original, std::string path)
    : run_(run), path_(std::move(path)), animation_(original) {
  const Dataset rows = shown_rows(original);
  Dataset shown;
  shown.name = original.name, shown.shape = original.shape, shown.rows_data = animation_.data();
  const Dataset prepared = prepare_data(run, std::move(shown));
  data_ = prepared.floats(0, prepared.rows());
  if (run.conditions) conditions_ = conditions_of(run, rows);
  drawn_ = drawn_conditions(run, kMoving, {}, 0);
  labels_ = rows.labels;
}

// More frames at the beginning, where more happens: frame k at total·(k/60)².
void TrainingAnimation::see(const Progress& progress) {
  if (progress.epoch_end || progress.step < next_) return;
  const auto frame = static_cast<double>(animation_.frames() + 1) / static_cast<double>(kFrames);
  next_ = std::max(
      progress.step + 1,
      static_cast<std::uint64_t>(std::llround(frame * frame * static_cast<double>(progress.total_steps))));
  can<Generative>(*run_.model) && in_sight(run_.shape) ? see_generated() : see_codes();
}

void TrainingAnimation::see_generated() {
  Tensor points(kMoving, run_.shape.size());
  tell(run_, drawn_, 0, kMoving);
  generate(*run_.model, points, Draw{0}.on("sample"), false);
  Tensor seen(points);
  restore_units(run_, seen);
  animation_.reach(std::as_const(seen).view());
  if (animation_.on_line()) {
    const auto function = line_function_of(run_, points, data_, animation_.places());
    return animation_.add_line(seen, function);
  }
  const auto surface = surface_of(run_, points, data_, animation_.box());
  animation_.add(seen, surface ? &*surface : nullptr);
}

void TrainingAnimation::see_codes() {
  Tensor back(data_.rows(), data_.cols()), codes(data_.rows(), code_size(*run_.model));
  tell(run_, conditions_, 0, data_.rows());
  reconstruct(*run_.model, data_, back, nullptr);
  restore_units(run_, back);
  const bool plane = codes.cols() == 2;
  if (!plane && in_sight(run_.shape))
    return animation_.on_line() ? animation_.add_line(back, std::nullopt) : animation_.add(back, nullptr);
  struct Panel {
    std::string caption;
    report::Image picture;
  };
  std::vector<Panel> panels;
  if (run_.shape.image)
    panels.push_back({"data, and below what comes back", pairs(animation_.data(), back, run_.shape)});
  tell(run_, drawn_, 0, 1);
  if (run_.shape.image && plane)
    panels.push_back(
        {"decoded plane of codes",
         report::image_grid(
             decode_plane(run_, {.grid = kPlane, .quantile = can<Generative>(*run_.model), .range = 3}),
             run_.shape, {.columns = kPlane, .gap = 0, .smallest = 28})});
  if (!run_.shape.image && in_sight(run_.shape) && data_.cols() == 2) {
    report::ScatterOptions options;
    options.size = 300, options.radius = 2, options.behind = animation_.data(),
    options.box = &animation_.box();
    panels.push_back({"data grey, what comes back", report::scatter(back, options)});
  }
  constexpr double kCaption = 24;
  double left = 0, high = plane ? kPanel + 80 : 0;
  for (const Panel& panel : panels)
    high = std::max(high, kCaption + static_cast<double>(panel.picture.height));
  double wide = plane ? kPanel + 64 : 0;
  for (const Panel& panel : panels) wide += static_cast<double>(panel.picture.width) + 12;
  report::Drawing drawing(static_cast<std::size_t>(wide), static_cast<std::size_t>(high));
  for (Panel& panel : panels) {
    const auto next = left + static_cast<double>(panel.picture.width) + 12;
    drawing.words({left + 4, kCaption - 8}, panel.caption);
    drawing.image({left, kCaption}, std::move(panel.picture));
    left = next;
  }
  if (plane) {
    tell(run_, conditions_, 0, data_.rows());
    encode(*run_.model, data_, codes, nullptr);
    draw_codes(drawing, codes, labels_, left);
  }
  animation_.add_picture(drawing.pixels());
}

void TrainingAnimation::write() { animation_.write(path_); }

}  // namespace pushforward::cli
