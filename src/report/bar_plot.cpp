// SPDX-License-Identifier: Apache-2.0
// Bars as SVG, with a line for what each should be.
#include <algorithm>

#include <fmt/format.h>

#include "report/page.hpp"

namespace pushforward::report {

std::string bar_plot(std::span<const double> values, double reference, const std::string& title,
                     const std::string& x_label) {
  constexpr double width = 760, height = 220, left = 64, right = 20, top = 14, bottom = 40;
  double high = reference;
  for (double value : values) high = std::max(high, value);
  const auto y_of = [&](double value) {
    return height - bottom - (high > 0 ? value / high : 0) * (height - bottom - top);
  };
  std::string svg = fmt::format(
      "<svg role=\"img\" viewBox=\"0 0 {} {}\" xmlns=\"http://www.w3.org/2000/svg\"><title>{}</title>"
      "<desc>{} bars over {}</desc>",
      width, height, escape(title), values.size(), escape(x_label));
  for (double tick : ticks(0, high, 4))
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
        "<text x=\"{3}\" y=\"{4:.1f}\" text-anchor=\"end\">{5:.6g}</text>",
        left, width - right, y_of(tick), left - 8, y_of(tick) + 4, tick);
  const double step = (width - left - right) / static_cast<double>(std::max<std::size_t>(1, values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double x = left + step * static_cast<double>(i);
    svg += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\"/>"
        "<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
        x + 0.1 * step, y_of(values[i]), 0.8 * step, y_of(0) - y_of(values[i]), css_colour(class_colour(0)),
        x + step / 2, height - bottom + 18, i);
  }
  return svg + fmt::format(
                   "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" stroke=\"{3}\" "
                   "stroke-width=\"2\" stroke-dasharray=\"6 4\"/>"
                   "<text x=\"{4:.1f}\" y=\"{5}\" text-anchor=\"middle\">{6}</text></svg>",
                   left, width - right, y_of(reference), css_colour(class_colour(1)),
                   (left + width - right) / 2, height - 4, escape(x_label));
}

}  // namespace pushforward::report
