// SPDX-License-Identifier: Apache-2.0
#include "contour_panel.hpp"

#include <algorithm>
#include <cmath>

namespace pushforward::cli {
namespace {

using report::Box;
using report::Colour;
using report::Surface;

constexpr Colour kLow = {240, 180, 70}, kHigh = {110, 180, 235}, kContour = {120, 120, 130};

// A tint a band between two levels, as a picture under everything else.
report::Image tinted(const Surface& surface, const std::vector<double>& levels, Tints tints,
                     std::size_t width, std::size_t height) {
  report::Image image(height, width, 3, 255);
  const auto bands = static_cast<double>(levels.size());
  const double white = tints == Tints::from_white ? 0 : bands / 2, reach = bands - white;
  const auto place = [](std::size_t at, std::size_t size, double from, double to) {
    return from + (static_cast<double>(at) + 0.5) / static_cast<double>(size) * (to - from);
  };
  const Box& box = surface.box;
  for (std::size_t row = 0; row < height; ++row)
    for (std::size_t column = 0; column < width; ++column) {
      const double value =
          surface(place(column, width, box.low[0], box.high[0]), place(row, height, box.high[1], box.low[1]));
      const auto band = std::upper_bound(levels.begin(), levels.end(), value) - levels.begin();
      const double side = levels.empty() ? 0 : (static_cast<double>(band) - white) / reach;
      report::blend(image, static_cast<long>(row), static_cast<long>(column), side > 0 ? kHigh : kLow,
                    0.5 * std::abs(side));
    }
  return image;
}

}  // namespace

void draw_level_lines(report::Drawing& to, const report::Axes& axes, const Surface& surface,
                      const std::vector<double>& levels, const report::Stroke& stroke) {
  for (double level : levels)
    for (const report::Segment& s : report::level_line(surface, level))
      to.line({axes(s.from[0], s.from[1]), axes(s.to[0], s.to[1])}, stroke);
}

report::Axes draw_contours(report::Drawing& to, const Panel& at, const Surface& surface,
                           const std::vector<double>& levels, Tints tints) {
  const report::Axes axes(surface.box, {at.left, at.top}, {at.left + at.width, at.top + at.height});
  to.image({at.left, at.top}, tinted(surface, levels, tints, static_cast<std::size_t>(at.width),
                                     static_cast<std::size_t>(at.height)));
  axes.draw(to, "", "");
  draw_level_lines(to, axes, surface, levels, {kContour, 1, 0.7});
  return axes;
}

}  // namespace pushforward::cli
