// SPDX-License-Identifier: Apache-2.0
//
// A self-contained page: HTML with its pictures inside (PNG as data URLs, plots as SVG), no script, no
// request. Readable on paper, on a phone, in the light and in the dark.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/picture.hpp"

namespace pushforward::report {

/// RFC 4648, with padding.
std::string base64(std::span<const std::uint8_t> bytes);
/// &, <, > and " as HTML wants them.
std::string escape(std::string_view text);

/// One curve; x and y of the same length. `colour` is a class_colour, by default its place among the curves.
struct Curve {
  std::string name;
  std::vector<double> x, y;
  std::optional<std::size_t> colour{};
};
/// Curves over a common x axis, as an SVG element with a title and a description for those who cannot see it.
/// Non-finite points break the line. `small` is for several side by side: the same letters on less room.
std::string line_plot(std::span<const Curve> curves, const std::string& title, const std::string& x_label,
                      const std::string& y_label, bool small = false);

/// Bars for values ≥ 0, numbered from 0, and a broken line at `reference`, as an SVG element.
std::string bar_plot(std::span<const double> values, double reference, const std::string& title,
                     const std::string& x_label);

class Page {
 public:
  Page(std::string title, std::string lead) : title_(std::move(title)), lead_(std::move(lead)) {}

  void section(std::string_view heading, std::string_view text = "");
  /// `alternative` says what is to be seen, for those who cannot see it.
  void image(const Image& image, std::string_view alternative, std::string_view caption);
  void plot(const std::string& svg, std::string_view caption);
  struct NamedPlot {
    std::string name, svg;
  };
  /// Several of a kind, small, side by side where the page is wide enough, under one caption.
  void plots(const std::vector<NamedPlot>& plots, std::string_view caption);
  struct Named {
    std::string name;
    Image image;
  };
  /// Pictures side by side, each below its name.
  void images(const std::vector<Named>& pictures, std::string_view caption);
  /// Coloured names, to go with a scatter.
  void legend(const std::vector<std::string>& names);
  void table(const std::vector<std::pair<std::string, std::string>>& rows);
  /// A table with a header row; the first column names the rows, numbers stand to the right.
  void table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows);
  /// Long tables behind a line that opens them.
  void folded_table(std::string_view summary, const std::vector<std::pair<std::string, std::string>>& rows);

  std::string html() const;

 private:
  std::string title_, lead_, body_;
};

}  // namespace pushforward::report
