// SPDX-License-Identifier: Apache-2.0
// Curves as SVG: crisp at any size, coloured by the page's style, named at the right end where they stop.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/page.hpp"

namespace pushforward::report {
namespace {

constexpr double kLeft = 64, kTop = 14, kBottom = 40;

struct Size {
  double width, height, right;
};
constexpr Size kLarge = {760, 300, 140}, kSmall = {440, 230, 104};

struct Axis {
  double low = HUGE_VAL, high = -HUGE_VAL, from, to;

  void widen(double value) {
    if (std::isfinite(value)) low = std::min(low, value), high = std::max(high, value);
  }
  void settle() {
    if (!(low <= high)) low = 0, high = 1;
    if (low == high) low -= 0.5, high += 0.5;
  }
  double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

std::string path_of(const Curve& curve, const Axis& x, const Axis& y) {
  std::string path;
  bool down = false;
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    const bool finite = std::isfinite(curve.x[i]) && std::isfinite(curve.y[i]);
    if (finite) path += fmt::format("{}{:.1f} {:.1f}", down ? 'L' : 'M', x(curve.x[i]), y(curve.y[i]));
    down = finite;
  }
  return path;
}

std::string grid(const Axis& x, const Axis& y, const Size& size) {
  std::string svg;
  for (double value : ticks(y.low, y.high, 5))
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{:.6g}</text>",
        x.from, x.to, y(value), y(value), kLeft - 8, y(value) + 4, value);
  const auto steps =
      static_cast<std::size_t>(std::clamp(x.high - x.low, 1.0, size.width / 95));  // epochs are whole
  for (double value : ticks(x.low, x.high, steps))
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{:.6g}</text>", x(value),
                       size.height - kBottom + 18, value);
  return svg;
}

// Where the curves' names go: at their ends, pushed apart so that no two overlap.
std::vector<double> name_heights(std::span<const Curve> curves, const Axis& y, const Size& size) {
  std::vector<std::pair<double, std::size_t>> ends;
  for (std::size_t i = 0; i < curves.size(); ++i)
    ends.emplace_back(
        curves[i].y.empty() || !std::isfinite(curves[i].y.back()) ? y.to : y(curves[i].y.back()), i);
  std::sort(ends.begin(), ends.end());
  for (std::size_t i = 1; i < ends.size(); ++i)
    ends[i].first = std::max(ends[i].first, ends[i - 1].first + 15);
  const double over = ends.empty() ? 0 : ends.back().first - (size.height - kBottom);
  std::vector<double> heights(curves.size());
  for (const auto& [height, i] : ends) heights[i] = height - std::max(0.0, over);
  return heights;
}

}  // namespace

std::string line_plot(std::span<const Curve> curves, const std::string& title, const std::string& x_label,
                      const std::string& y_label, bool small) {
  const Size& size = small ? kSmall : kLarge;
  Axis x{.from = kLeft, .to = size.width - size.right}, y{.from = size.height - kBottom, .to = kTop};
  for (const Curve& curve : curves) {
    for (double value : curve.x) x.widen(value);
    for (double value : curve.y) y.widen(value);
  }
  x.settle(), y.settle();
  std::string svg = fmt::format(
      "<svg role=\"img\" viewBox=\"0 0 {} {}\" xmlns=\"http://www.w3.org/2000/svg\"><title>{}</title>"
      "<desc>{} against {}</desc>{}",
      size.width, size.height, escape(title), escape(y_label), escape(x_label), grid(x, y, size));
  const std::vector<double> heights = name_heights(curves, y, size);
  for (std::size_t i = 0; i < curves.size(); ++i)
    svg += fmt::format(
        "<path class=\"curve\" stroke=\"{0}\" d=\"{1}\"/>"
        "<circle cx=\"{2:.1f}\" cy=\"{3:.1f}\" r=\"4\" fill=\"{0}\"/>"
        "<text class=\"name\" x=\"{4:.1f}\" y=\"{5:.1f}\">{6}</text>",
        css_colour(class_colour(curves[i].colour.value_or(i))), path_of(curves[i], x, y), x.to + 12,
        heights[i], x.to + 21, heights[i] + 4, escape(curves[i].name));
  return svg + fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text></svg>",
                           (x.from + x.to) / 2, size.height - 4, escape(x_label));
}

}  // namespace pushforward::report
