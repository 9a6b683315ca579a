// SPDX-License-Identifier: Apache-2.0
//
// A scatter of points in the plane: equal scales, because the plane of a latent code has no favoured axis.
// Discs are drawn with their exact coverage of each pixel's centre region, so they look round at any size.
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "report/picture.hpp"
#include "report/surface.hpp"

namespace pushforward::report {
namespace {

constexpr std::uint8_t kPaper = 255;
constexpr Colour kGrid = {226, 226, 226}, kInk = {70, 70, 70}, kBehind = {160, 160, 160};
constexpr Colour kLow = {240, 180, 70}, kHigh = {110, 180, 235}, kContour = {120, 120, 130};
constexpr std::size_t kMargin = 44, kLevels = 9;

// Digits, minus and point, 5 × 7 pixels, a row a number whose five low bits are the pixels from the left.
struct Glyph {
  char character;
  std::array<std::uint8_t, 7> rows;
};
constexpr Glyph kGlyphs[] = {
    {'0', {14, 17, 19, 21, 25, 17, 14}}, {'1', {4, 12, 4, 4, 4, 4, 14}},  {'2', {14, 17, 1, 2, 4, 8, 31}},
    {'3', {31, 2, 4, 2, 1, 17, 14}},     {'4', {2, 6, 10, 18, 31, 2, 2}}, {'5', {31, 16, 30, 1, 1, 17, 14}},
    {'6', {6, 8, 16, 30, 17, 17, 14}},   {'7', {31, 1, 2, 4, 8, 8, 8}},   {'8', {14, 17, 17, 14, 17, 17, 14}},
    {'9', {14, 17, 17, 15, 1, 2, 12}},   {'-', {0, 0, 0, 31, 0, 0, 0}},   {'.', {0, 0, 0, 0, 0, 12, 12}},
    {'e', {0, 0, 14, 17, 31, 16, 14}},
};

void draw_text(Image& picture, long y, long x, const std::string& text, long scale, Colour colour) {
  for (char character : text) {
    const auto* glyph = std::find_if(std::begin(kGlyphs), std::end(kGlyphs),
                                     [&](const Glyph& g) { return g.character == character; });
    if (glyph != std::end(kGlyphs))
      for (long row = 0; row < 7 * scale; ++row)
        for (long column = 0; column < 5 * scale; ++column)
          if (glyph->rows[static_cast<std::size_t>(row / scale)] >> (4 - column / scale) & 1)
            blend(picture, y + row, x + column, colour, 1);
    x += 6 * scale;
  }
}

long text_width(const std::string& text, long scale) {
  return static_cast<long>(text.size()) * 6 * scale - scale;
}

void draw_disc(Image& picture, double y, double x, double radius, Colour colour, double opacity) {
  for (long row = std::lround(y - radius) - 1; row <= std::lround(y + radius) + 1; ++row)
    for (long column = std::lround(x - radius) - 1; column <= std::lround(x + radius) + 1; ++column) {
      const double distance = std::hypot(static_cast<double>(row) - y, static_cast<double>(column) - x);
      const double coverage = std::clamp(radius - distance + 0.5, 0.0, 1.0);
      if (coverage > 0) blend(picture, row, column, colour, coverage * opacity);
    }
}

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

struct Frame {
  Box box;
  double scale;  // pixels per unit
  double x_of(double value) const { return static_cast<double>(kMargin) + (value - box.low[0]) * scale; }
  double y_of(double value) const { return 12 + (box.high[1] - value) * scale; }
};

void draw_axes(Image& picture, const Frame& frame, std::size_t height, std::size_t width) {
  const double length = frame.scale * (frame.box.high[0] - frame.box.low[0]);
  for (const auto& [value, text] : labels(frame.box.low[0], frame.box.high[0], 6, length, 12, false).ticks) {
    const long x = std::lround(frame.x_of(value));
    for (std::size_t y = 0; y < height; ++y) blend(picture, static_cast<long>(y) + 12, x, kGrid, 1);
    draw_text(picture, static_cast<long>(height) + 20, x - text_width(text, 2) / 2, text, 2, kInk);
  }
  for (double value : ticks(frame.box.low[1], frame.box.high[1], 6)) {
    const long y = std::lround(frame.y_of(value));
    for (std::size_t x = 0; x < width; ++x) blend(picture, y, static_cast<long>(x + kMargin), kGrid, 1);
    const std::string text = fmt::format("{:.3g}", value);
    draw_text(picture, y - 7, static_cast<long>(kMargin) - 6 - text_width(text, 2), text, 2, kInk);
  }
}

// Bands of one tint each, as many as there are levels and one: few colours, so that a GIF keeps them.
void draw_surface(Image& picture, const Frame& frame, const Surface& surface, std::size_t height,
                  std::size_t width) {
  const std::vector<double> levels = levels_of(surface, kLevels);
  if (levels.empty()) return;
  const auto half = static_cast<double>(kLevels) / 2;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const double value = surface(frame.box.low[0] + static_cast<double>(x) / frame.scale,
                                   frame.box.high[1] - static_cast<double>(y) / frame.scale);
      const auto band = std::upper_bound(levels.begin(), levels.end(), value) - levels.begin();
      const double side = (static_cast<double>(band) - half) / half;
      blend(picture, static_cast<long>(y) + 12, static_cast<long>(x + kMargin), side > 0 ? kHigh : kLow,
            0.45 * std::abs(side));
    }
  for (double level : levels)
    for (const Segment& s : level_line(surface, level)) {
      const double from[2] = {frame.x_of(s.from[0]), frame.y_of(s.from[1])},
                   to[2] = {frame.x_of(s.to[0]), frame.y_of(s.to[1])};
      const double steps = std::max(1.0, std::ceil(std::hypot(to[0] - from[0], to[1] - from[1])));
      for (double k = 0; k < steps; ++k)
        blend(picture, std::lround(from[1] + (to[1] - from[1]) * k / steps),
              std::lround(from[0] + (to[0] - from[0]) * k / steps), kContour, 0.5);
    }
}

void draw_legend(Image& picture, std::span<const std::int32_t> labels, std::size_t left) {
  const std::set<std::int32_t> classes(labels.begin(), labels.end());
  if (classes.size() > 20) return;
  double y = 24;
  for (std::int32_t label : classes) {
    draw_disc(picture, y, static_cast<double>(left) + 14, 7, class_colour(static_cast<std::size_t>(label)),
              1);
    draw_text(picture, std::lround(y) - 7, static_cast<long>(left) + 28, fmt::format("{}", label), 2, kInk);
    y += 26;
  }
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
  const bool legend = options.legend && !options.labels.empty();
  Image picture(height + 44, kMargin + width + (legend ? 72 : 16), 3, kPaper);
  const Frame frame = {box, scale};
  if (options.surface) draw_surface(picture, frame, *options.surface, height, width);
  draw_axes(picture, frame, height, width);

  const auto n = static_cast<double>(points.rows);
  const double radius = options.radius > 0 ? options.radius : std::clamp(90 / std::sqrt(n), 1.6, 5.0);
  const double opacity = std::clamp(60 / std::sqrt(n), 0.35, 0.9);
  const auto draw_points = [&](View<const float> cloud, auto colour_of, double alpha) {
    for (std::size_t i = 0; i < cloud.rows; ++i)
      if (inside(box, cloud.row(i)))
        draw_disc(picture, frame.y_of(static_cast<double>(cloud(i, 1))),
                  frame.x_of(static_cast<double>(cloud(i, 0))), radius, colour_of(i), alpha);
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
  if (legend) draw_legend(picture, options.labels, kMargin + width);
  return picture;
}

}  // namespace pushforward::report
