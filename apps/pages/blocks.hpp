// SPDX-License-Identifier: Apache-2.0
//
// What a page shows, a block each: curves, pictures, points, tables.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "io/image.hpp"
#include "pages/json.hpp"
#include "pushforward/tensor.hpp"
#include "report/surface.hpp"

namespace pushforward::pages {

/// One curve; x and y of the same length.
struct Curve {
  std::string name;
  std::vector<double> x, y;
  /// Which of the page's colors; by default its place among the curves.
  std::optional<std::size_t> color{};
};

/// Numbers with five digits, as charts need them; what is not finite is null.
Json chart_numbers(std::span<const double> values);
Json chart_number(double value, int digits = 5);

/// Shares of the values in equal bins between two ends, at their middles; what lies beyond is in the last
/// ones.
Curve share_curve(const std::string& name, const std::vector<double>& values, double low, double high,
                  std::size_t bins);

/// Curves over one axis. What is not finite breaks them.
Json curves_block(std::span<const Curve> curves, const std::string& title, const std::string& x_label,
                  const std::string& y_label);
/// Several blocks side by side where there is room, under one caption; null where there are none.
Json beside_block(Json blocks, const std::string& caption);

/// A bar each, and a line at `reference`, which `means` names.
Json bars_block(std::span<const double> values, double reference, const std::string& title,
                const std::string& x_label, const std::string& means);

/// A picture of many images or, `colored`, of anything; `alternative` is for those who cannot see it.
Json picture_block(const io::Image& image, const std::string& alternative, const std::string& caption);

/// A cloud of points in the plane (n × 2).
struct Cloud {
  std::string name;
  View<const float> points;
  std::span<const std::int32_t> labels{};  ///< one a point; colors
  bool behind = false;                     ///< drawn first, in gray
};
struct CloudOptions {
  std::string title{}, alternative{}, caption{}, x_label{"x₁"}, y_label{"x₂"};
  std::vector<std::string> label_names{};
  const report::Surface* surface = nullptr;
  std::string surface_name{};
};
Json plane_block(const std::vector<Cloud>& clouds, const CloudOptions& options);

/// Keys and texts.
Json facts_block(const std::vector<std::pair<std::string, std::string>>& rows);
/// The same behind a line that opens it; null where empty.
Json folded_block(const std::string& summary, const std::vector<std::pair<std::string, std::string>>& rows);
/// A table with a header; the first column names the rows.
Json table_block(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                 const std::string& caption = "");

}  // namespace pushforward::pages
