// SPDX-License-Identifier: Apache-2.0
#include "pages/rows_seen.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/neighbours.hpp"
#include "report/picture.hpp"

namespace pushforward::pages {
namespace {

constexpr std::size_t kRows = 10, kBins = 40;

std::vector<double> values_of(const Matrix<double>& distances) {
  return {distances.data(), distances.data() + distances.size()};
}

}  // namespace

bool is_plane(RowShape shape) { return !shape.image && shape.size() == 2; }
bool is_columns(RowShape shape) { return !shape.image; }

Json images_block(View<const float> rows, RowShape shape, const GridLook& look,
                  const std::string& alternative, const std::string& caption) {
  const report::Image grid = report::image_grid(
      rows, shape, {.columns = look.columns, .gap = 2, .group = look.group, .smallest = 1});
  return picture_block(grid, alternative, caption);
}

void add_columns(Page& page, const ColumnTable& x, const ColumnTable& y) {
  if (!same_columns(x, y) || x.cells.rows() == 0 || y.cells.rows() == 0) return;
  page.section("Column by column", fmt::format("Shares of {} beside {}.", y.name, x.name));
  page.add(columns_block(x, y));
  if (Json matrices = association_block(x, y); !matrices.is_null()) {
    page.section("What goes with what",
                 "−1 … 1; where the difference is pale, columns depend on each other alike.");
    page.add(std::move(matrices));
  }
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < std::min(kRows, y.cells.rows()); ++i) rows.push_back(i);
  page.section("Rows");
  page.add(rows_block(y, rows, fmt::format("The first {} of {}.", rows.size(), y.name)));
}

Json closest_block(const Dataset& made, const Dataset& training, const Dataset* fresh) {
  Matrix<double> storage[3];
  const Points points = training.points(storage[0]);
  if (points.n() < 2) return nullptr;
  const std::vector<double> own = values_of(nearest_neighbours(made.points(storage[1]), points, 1).distance);
  const std::vector<double> other =
      values_of(fresh ? nearest_neighbours(fresh->points(storage[2]), points, 1).distance
                      : nearest_neighbours_within(points, 1).distance);
  std::vector<double> sorted = own;
  sorted.insert(sorted.end(), other.begin(), other.end());
  std::sort(sorted.begin(), sorted.end());
  const double high = sorted[sorted.size() - 1 - sorted.size() / 100];
  if (!(high > 0)) return nullptr;
  const std::vector<Curve> curves = {
      share_curve(fresh ? "held-out rows" : "rows of the data, to another one", other, 0, high, kBins),
      share_curve("generated rows", own, 0, high, kBins)};
  return curves_block(curves, "distance to the closest record",
                      "distance, in standard deviations or the data's unit", "share");
}

}  // namespace pushforward::pages
