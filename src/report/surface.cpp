// SPDX-License-Identifier: Apache-2.0
//
// Marching squares [Lorensen & Cline, SIGGRAPH 1987, in the plane]: what a discriminator or a kernel's
// witness thinks of the plane, as lines of equal height. Crossings of neighbouring cells fall on the same
// point of their common side, so lines are closed though nobody strings the segments together.
#include "report/surface.hpp"

#include <algorithm>
#include <cmath>

namespace pushforward::report {
namespace {

struct Corner {
  double row, column, value;
};

// Where the level is crossed between two corners; they lie on different sides of it.
std::array<double, 2> crossing(const Surface& surface, const Corner& a, const Corner& b, double level) {
  const double t = (level - a.value) / (b.value - a.value);
  return surface.at(a.row + t * (b.row - a.row), a.column + t * (b.column - a.column));
}

void add_cell(const Surface& surface, std::size_t r, std::size_t c, double level, std::vector<Segment>& out) {
  Corner corners[4];  // around the cell
  const std::size_t around[4][2] = {{r, c}, {r, c + 1}, {r + 1, c + 1}, {r + 1, c}};
  double mean = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    const double value = surface.values(around[k][0], around[k][1]);
    if (!std::isfinite(value)) return;
    corners[k] = {static_cast<double>(around[k][0]), static_cast<double>(around[k][1]), value};
    mean += value / 4;
  }
  std::vector<std::array<double, 2>> crossings;  // on sides 0 … 3 in turn
  for (std::size_t k = 0; k < 4; ++k) {
    const Corner &a = corners[k], &b = corners[(k + 1) % 4];
    if ((a.value >= level) != (b.value >= level)) crossings.push_back(crossing(surface, a, b, level));
  }
  if (crossings.size() == 2) out.push_back({crossings[0], crossings[1]});
  if (crossings.size() < 4) return;
  // A saddle: corner 0 is cut off by sides 3 and 0 unless the middle is on its side.
  const bool cut_off = (corners[0].value >= level) != (mean >= level);
  out.push_back({crossings[0], crossings[cut_off ? 3 : 1]});
  out.push_back({crossings[2], crossings[cut_off ? 1 : 3]});
}

double along(double low, double high, double index, std::size_t count) {
  return low + (high - low) * index / static_cast<double>(count - 1);
}

}  // namespace

Tensor Surface::nodes(const Box& box, std::size_t rows, std::size_t cols) {
  Tensor points(rows * cols, 2);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < cols; ++c) {
      points(r * cols + c, 0) =
          static_cast<float>(along(box.low[0], box.high[0], static_cast<double>(c), cols));
      points(r * cols + c, 1) =
          static_cast<float>(along(box.low[1], box.high[1], static_cast<double>(r), rows));
    }
  return points;
}

std::array<double, 2> Surface::at(double r, double c) const {
  return {along(box.low[0], box.high[0], c, values.cols()), along(box.low[1], box.high[1], r, values.rows())};
}

double Surface::operator()(double x, double y) const {
  const auto place = [](double value, double low, double high, std::size_t count) {
    const double last = static_cast<double>(count - 1);
    return std::clamp((value - low) / (high - low) * last, 0.0, last);
  };
  const double c = place(x, box.low[0], box.high[0], values.cols()),
               r = place(y, box.low[1], box.high[1], values.rows());
  const auto c0 = std::min(static_cast<std::size_t>(c), values.cols() - 2),
             r0 = std::min(static_cast<std::size_t>(r), values.rows() - 2);
  const double u = c - static_cast<double>(c0), v = r - static_cast<double>(r0);
  return (1 - v) * ((1 - u) * values(r0, c0) + u * values(r0, c0 + 1)) +
         v * ((1 - u) * values(r0 + 1, c0) + u * values(r0 + 1, c0 + 1));
}

std::vector<Segment> level_line(const Surface& surface, double level) {
  std::vector<Segment> segments;
  for (std::size_t r = 0; r + 1 < surface.values.rows(); ++r)
    for (std::size_t c = 0; c + 1 < surface.values.cols(); ++c) add_cell(surface, r, c, level, segments);
  return segments;
}

std::vector<double> levels_of(const Surface& surface, std::size_t count) {
  std::vector<double> values;
  for (double value : surface.values.span())
    if (std::isfinite(value)) values.push_back(value);
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const double low = values[values.size() / 50], high = values[values.size() - 1 - values.size() / 50];
  if (!(high > low)) return {};
  std::vector<double> levels;
  for (std::size_t k = 1; k <= count; ++k)
    levels.push_back(low + (high - low) * static_cast<double>(k) / static_cast<double>(count + 1));
  return levels;
}

}  // namespace pushforward::report
