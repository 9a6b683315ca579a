// SPDX-License-Identifier: Apache-2.0
//
// A scatter of points in the plane: equal scales, because the plane of a latent code has no favoured axis.
// Discs are drawn with their exact coverage of each pixel's centre region, so they look round at any size.
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "report/drawing.hpp"
#include "report/surface.hpp"

namespace pushforward::report {
namespace {

constexpr std::uint8_t kPaper = 255;
constexpr Colour kBehind = {160, 160, 160};
constexpr Colour kLow = {240, 180, 70}, kHigh = {110, 180, 235}, kContour = {120, 120, 130};
constexpr std::size_t kLevels = 9, kMostNames = 20;
constexpr double kRight = 16, kNameTall = 22;

void widen(Box& box, View<const float> points) {
  for (std::size_t i = 0; i < points.rows; ++i)
    for (std::size_t k = 0; k < 2; ++k) {
      const double value = static_cast<double>(points(i, k));
      if (!std::isfinite(value)) continue;
      box.low[k] = std::min(box.low[k], value), box.high[k] = std::max(box.high[k], value);
    }
}

// Finite and, in a fixed box, in it.
bool inside(const Box& box, const float* point) {
  for (std::size_t k = 0; k < 2; ++k) {
    const auto value = static_cast<double>(point[k]);
    if (!(value >= box.low[k] && value <= box.high[k])) return false;
  }
  return true;
}

// Bands of one tint each, as many as there are levels and one: few colours, so that a GIF keeps them.
Image tinted(const Surface& surface, const std::vector<double>& levels, const Box& box, double scale,
             std::size_t height, std::size_t width) {
  Image tints(height, width, 3, kPaper);
  const auto half = static_cast<double>(kLevels) / 2;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const double value =
          surface(box.low[0] + static_cast<double>(x) / scale, box.high[1] - static_cast<double>(y) / scale);
      const auto band = std::upper_bound(levels.begin(), levels.end(), value) - levels.begin();
      const double side = (static_cast<double>(band) - half) / half;
      blend(tints, static_cast<long>(y), static_cast<long>(x), side > 0 ? kHigh : kLow,
            0.45 * std::abs(side));
    }
  return tints;
}

// Classes with their names, where they are few.
std::vector<Named> classes_of(const ScatterOptions& options) {
  const std::set<std::int32_t> found(options.labels.begin(), options.labels.end());
  std::vector<Named> classes;
  if (!options.legend || found.size() > kMostNames) return classes;
  for (const std::int32_t label : found) {
    const auto i = static_cast<std::size_t>(label);
    const bool named = i < options.label_names.size() && !options.label_names[i].empty();
    classes.push_back({named ? options.label_names[i] : fmt::format("{}", label), class_colour(i)});
  }
  return classes;
}

// What stands around the frame.
struct Margins {
  double left = 0, right = kRight, top = 12, bottom = 32;
};

Margins margins_of(const Box& box, const ScatterOptions& options, const std::vector<Named>& classes) {
  Margins around;
  for (const Tick& tick : labels(box.low[1], box.high[1], 5, 1, 0).ticks)
    around.left = std::max(around.left, words_width(tick.text));
  around.left += 14;
  for (const Named& one : classes) around.right = std::max(around.right, 44 + words_width(one.name));
  if (!options.y_name.empty()) around.top += 14;
  if (!options.x_name.empty()) around.bottom += 18;
  return around;
}

}  // namespace

Box box_of(View<const float> points, View<const float> more) {
  Box box = {{HUGE_VAL, HUGE_VAL}, {-HUGE_VAL, -HUGE_VAL}};
  widen(box, points);
  if (more.wanted()) widen(box, more);
  for (std::size_t k = 0; k < 2; ++k) {
    if (!(box.low[k] <= box.high[k])) box.low[k] = box.high[k] = 0;
    const double spread = box.high[k] - box.low[k], pad = spread > 0 ? 0.04 * spread : 1;
    box.low[k] -= pad, box.high[k] += pad;
  }
  return box;
}

Image scatter(View<const float> points, const ScatterOptions& options) {
  if (points.cols != 2)
    throw RequestError(Complaint{"picture", fmt::format("points of {} features", points.cols),
                                 "points of the plane", "write .npy or .csv instead"});
  if (!options.labels.empty() && options.labels.size() != points.rows)
    throw RequestError(Complaint{"picture", fmt::format("{} labels", options.labels.size()),
                                 fmt::format("{}", points.rows)});
  const Box box = options.box ? *options.box : box_of(points, options.behind);
  const double extent[2] = {box.high[0] - box.low[0], box.high[1] - box.low[1]};
  // A very flat cloud would make a very long picture: past 3 : 1 the longer side is cut to that.
  const double scale = static_cast<double>(options.size) /
                       std::max(std::min(extent[0], extent[1]), std::max(extent[0], extent[1]) / 3);
  const auto width = static_cast<std::size_t>(std::ceil(extent[0] * scale)),
             height = static_cast<std::size_t>(std::ceil(extent[1] * scale));
  const std::vector<Named> classes = classes_of(options);
  const Margins around = margins_of(box, options, classes);
  const double right = around.left + static_cast<double>(width),
               below = around.top + static_cast<double>(height);
  Drawing drawing(static_cast<std::size_t>(std::ceil(right + around.right)),
                  static_cast<std::size_t>(std::ceil(below + around.bottom)));
  const Axes axes(box, {around.left, around.top}, {right, below});
  const std::vector<double> levels =
      options.surface ? levels_of(*options.surface, kLevels) : std::vector<double>{};
  if (!levels.empty())
    drawing.image({around.left, around.top}, tinted(*options.surface, levels, box, scale, height, width));
  for (const double level : levels)
    for (const Segment& s : level_line(*options.surface, level))
      drawing.line({axes(s.from[0], s.from[1]), axes(s.to[0], s.to[1])}, {kContour, 1, 0.5});
  axes.draw(drawing, options.x_name, options.y_name);

  const auto n = static_cast<double>(points.rows);
  const double radius = options.radius > 0 ? options.radius : std::clamp(90 / std::sqrt(n), 1.6, 5.0);
  const double opacity = std::clamp(60 / std::sqrt(n), 0.35, 0.9);
  const auto draw_points = [&](View<const float> cloud, auto colour_of, double alpha) {
    for (std::size_t i = 0; i < cloud.rows; ++i)
      if (inside(box, cloud.row(i)))
        drawing.disc(axes(static_cast<double>(cloud(i, 0)), static_cast<double>(cloud(i, 1))), radius,
                     colour_of(i), alpha);
  };
  if (options.behind.wanted())
    draw_points(
        options.behind, [](std::size_t) { return kBehind; }, 0.5);
  draw_points(
      points,
      [&](std::size_t i) {
        return class_colour(options.labels.empty() ? 0 : static_cast<std::size_t>(options.labels[i]));
      },
      opacity);
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const double y = around.top + 12 + kNameTall * static_cast<double>(i);
    drawing.disc({right + 16, y}, 6, classes[i].colour, 1);
    drawing.words({right + 28, y + 5}, classes[i].name);
  }
  return drawing.pixels();
}

}  // namespace pushforward::report
