// SPDX-License-Identifier: Apache-2.0
// Halves by selection; places of a cell are split where the power of two ends, so that only the last cells
// are short.
#include "transport/cell_order.hpp"

#include <algorithm>
#include <numeric>

namespace pushforward::transport {
namespace {

constexpr std::size_t kCell = 8;  // points that are not told apart

struct Cell {
  std::size_t begin, end, span;  // span: a power of two, at least end − begin
};

std::size_t widest_side(View<const double> points, const std::uint32_t* begin, const std::uint32_t* end) {
  std::size_t widest = 0;
  double most = -1;
  for (std::size_t k = 0; k < points.cols; ++k) {
    double low = points(*begin, k), high = low;
    for (const std::uint32_t* at = begin; at != end; ++at)
      low = std::min(low, points(*at, k)), high = std::max(high, points(*at, k));
    if (high - low > most) most = high - low, widest = k;
  }
  return widest;
}

}  // namespace

std::vector<std::uint32_t> cell_order(View<const double> points) {
  std::vector<std::uint32_t> order(points.rows);
  std::iota(order.begin(), order.end(), 0u);
  std::size_t span = kCell;
  while (span < points.rows) span *= 2;
  std::vector<Cell> open = {{0, points.rows, span}};
  while (!open.empty()) {
    const Cell cell = open.back();
    open.pop_back();
    if (cell.end - cell.begin <= kCell || cell.span <= kCell) continue;
    const std::size_t middle = std::min(cell.begin + cell.span / 2, cell.end);
    if (middle < cell.end) {
      std::uint32_t* all = order.data();
      const std::size_t k = widest_side(points, all + cell.begin, all + cell.end);
      std::nth_element(all + cell.begin, all + middle, all + cell.end,
                       [&](std::uint32_t a, std::uint32_t b) { return points(a, k) < points(b, k); });
      open.push_back({middle, cell.end, cell.span / 2});
    }
    open.push_back({cell.begin, middle, cell.span / 2});
  }
  return order;
}

}  // namespace pushforward::transport
