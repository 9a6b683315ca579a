// SPDX-License-Identifier: Apache-2.0
#include "masses_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace pushforward::cli {
namespace {

using report::Anchor;
using report::Axes;
using report::Colour;
using report::Drawing;

constexpr double kLeft = 60, kWide = 640, kTop = 34, kTall = 200, kGap = 50, kLeastCell = 62, kCellTall = 26;
constexpr Colour kDark = {0, 114, 178}, kInk = {40, 40, 40}, kWhite = {255, 255, 255};

double least_gap(std::vector<double> positions) {
  std::sort(positions.begin(), positions.end());
  double least = HUGE_VAL;
  for (std::size_t i = 1; i < positions.size(); ++i)
    if (const double gap = positions[i] - positions[i - 1]; gap > 0) least = std::min(least, gap);
  return std::isfinite(least) ? least : 1;
}

// At each value a bar a distribution, side by side.
void draw_bars(Drawing& to, const std::vector<NamedMasses>& all, const std::vector<double>& positions) {
  const auto [first, last] = std::minmax_element(positions.begin(), positions.end());
  const double gap = least_gap(positions), room = 0.8 * gap;
  double most = 0;
  for (const NamedMasses& one : all)
    most = std::max(most, *std::max_element(one.masses.begin(), one.masses.end()));
  const Axes axes({{*first - 0.5 * gap, 0}, {*last + 0.5 * gap, 1.05 * most}}, {kLeft, kTop},
                  {kLeft + kWide, kTop + kTall});
  axes.draw(to, "", "mass");
  const auto n = static_cast<double>(all.size());
  for (std::size_t a = 0; a < all.size(); ++a)
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const double from = positions[i] - room / 2 + room * static_cast<double>(a) / n;
      const report::Place low = axes(from, 0), high = axes(from + room / n, all[a].masses[i]);
      const double right = std::max(high[0], low[0] + 1);
      to.area({low, {right, low[1]}, {right, high[1]}, {low[0], high[1]}}, report::class_colour(a), 0.9);
    }
  for (std::size_t a = 0; a < all.size(); ++a)
    report::legend(to, {kLeft + 70 * static_cast<double>(a), kTop + kTall + 44},
                   {{all[a].name, report::class_colour(a)}});
}

std::string number_of(double v) { return fmt::format("{:.3g}", v); }

struct MatrixSize {
  double cell, width, height;
  std::size_t a_row;

  MatrixSize(std::size_t n, const std::vector<DivergenceMatrix>& matrices)
      : cell(kLeastCell), width(0), height(kCellTall * static_cast<double>(n) + kGap + 20), a_row(1) {
    for (const DivergenceMatrix& matrix : matrices)
      for (const auto& row : matrix.values)
        for (double v : row) cell = std::max(cell, report::words_width(number_of(v)) + 8);
    width = cell * static_cast<double>(n);
    for (const DivergenceMatrix& matrix : matrices) width = std::max(width, report::words_width(matrix.name));
    a_row = std::max<std::size_t>(1, static_cast<std::size_t>((kWide + kGap) / (width + kGap)));
  }
};

// Dark where far, by the matrix's own largest finite value.
void draw_matrix(Drawing& to, double left, double top, const DivergenceMatrix& matrix,
                 const std::vector<NamedMasses>& all, double cell) {
  double most = 0;
  for (const auto& row : matrix.values)
    for (double v : row) most = std::isfinite(v) ? std::max(most, v) : most;
  to.words({left, top - 22}, matrix.name);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double along = cell * (static_cast<double>(i) + 0.5),
                 down = kCellTall * (static_cast<double>(i) + 0.5);
    to.words({left + along, top - 6}, all[i].name, Anchor::middle, report::class_colour(i));
    to.words({left - 8, top + down + 5}, all[i].name, Anchor::end, report::class_colour(i));
    for (std::size_t j = 0; j < all.size(); ++j) {
      const double v = matrix.values[i][j], x = left + cell * static_cast<double>(j),
                   y = top + kCellTall * static_cast<double>(i);
      const double share = !std::isfinite(v) ? 1 : most > 0 ? std::max(v, 0.0) / most : 0;
      to.area({{x, y}, {x + cell, y}, {x + cell, y + kCellTall}, {x, y + kCellTall}}, kDark,
              0.06 + 0.8 * share);
      to.words({x + cell / 2, y + kCellTall / 2 + 5}, number_of(v), Anchor::middle,
               share > 0.55 ? kWhite : kInk);
    }
  }
}

}  // namespace

Drawing draw_masses(const std::vector<NamedMasses>& all, std::vector<double> positions,
                    const std::vector<DivergenceMatrix>& matrices) {
  if (positions.empty()) {
    positions.resize(all[0].masses.size());
    std::iota(positions.begin(), positions.end(), 0.0);
  }
  const MatrixSize size(all.size(), matrices);
  const std::size_t rows = (matrices.size() + size.a_row - 1) / size.a_row;
  const double matrices_from = kTop + kTall + 110;
  Drawing drawing(static_cast<std::size_t>(std::max(kLeft + kWide, kLeft + size.width)) + 24,
                  static_cast<std::size_t>(matrices_from + size.height * static_cast<double>(rows)));
  draw_bars(drawing, all, positions);
  for (std::size_t m = 0; m < matrices.size(); ++m)
    draw_matrix(drawing, kLeft + (size.width + kGap) * static_cast<double>(m % size.a_row),
                matrices_from + size.height * static_cast<double>(m / size.a_row), matrices[m], all,
                size.cell);
  return drawing;
}

}  // namespace pushforward::cli
