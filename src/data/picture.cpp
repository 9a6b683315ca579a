// SPDX-License-Identifier: Apache-2.0
#include "data/picture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

constexpr std::uint8_t kGap = 128;

std::uint8_t to_byte(float value) {
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0f, 1.0f)));
}

// Where the points lie: a square with a little room around them.
struct Square {
  double left = 0, bottom = 0, side = 1;
};
Square square_around(View<const float> points) {
  double low[2] = {points(0, 0), points(0, 1)}, high[2] = {low[0], low[1]};
  for (std::size_t i = 0; i < points.rows; ++i)
    for (std::size_t k = 0; k < 2; ++k) {
      low[k] = std::min<double>(low[k], points(i, k));
      high[k] = std::max<double>(high[k], points(i, k));
    }
  double side = 1.05 * std::max(high[0] - low[0], high[1] - low[1]);
  if (!(side > 0)) side = 1;  // all points are one
  return {(low[0] + high[0] - side) / 2, (low[1] + high[1] - side) / 2, side};
}

std::size_t cell_of(double value, double low, double side, std::size_t size) {
  const auto cell = static_cast<std::size_t>(std::max(0.0, (value - low) / side * static_cast<double>(size)));
  return std::min(cell, size - 1);
}

}  // namespace

io::Image image_grid(View<const float> rows, const RowShape& shape, std::size_t across, std::size_t gap) {
  if (rows.rows == 0 || rows.cols != shape.size() || (shape.channels != 1 && shape.channels != 3))
    throw RequestError(Complaint{"picture", fmt::format("{} rows of {}", rows.rows, shape.text()),
                                 "images with 1 or 3 channels"});
  if (across == 0) across = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(rows.rows))));
  across = std::min(across, rows.rows);
  const std::size_t down = (rows.rows + across - 1) / across, h = shape.height + gap, w = shape.width + gap;
  io::Image grid(down * h - gap, across * w - gap, shape.channels, kGap);
  const std::size_t line = shape.width * shape.channels;
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t y = 0; y < shape.height; ++y) {
      const float* from = rows.row(i) + y * line;
      std::transform(from, from + line, &grid.at(i / across * h + y, i % across * w), to_byte);
    }
  return grid;
}

io::Image density(View<const float> points, std::size_t size) {
  if (points.rows == 0 || points.cols != 2)
    throw RequestError(Complaint{"picture",
                                 fmt::format("{} points in {} dimensions", points.rows, points.cols),
                                 "points in the plane"});
  const Square square = square_around(points);
  std::vector<std::uint32_t> counts(size * size);
  for (std::size_t i = 0; i < points.rows; ++i) {
    const std::size_t x = cell_of(points(i, 0), square.left, square.side, size);
    const std::size_t y = cell_of(points(i, 1), square.bottom, square.side, size);
    ++counts[(size - 1 - y) * size + x];
  }
  const double most = std::sqrt(static_cast<double>(*std::max_element(counts.begin(), counts.end())));
  io::Image image(size, size, 1);
  std::transform(counts.begin(), counts.end(), image.pixels.begin(), [most](std::uint32_t count) {
    return to_byte(static_cast<float>(1 - std::sqrt(static_cast<double>(count)) / most));
  });
  return image;
}

io::Image picture(const Dataset& data, std::size_t most) {
  if (!data.shape.image) {
    if (data.cols() != 2)
      throw RequestError(Complaint{data.name, fmt::format("rows of {} numbers", data.cols()),
                                   "images, or points in the plane", "only these have a picture"});
    return density(data.floats(0, data.rows()));
  }
  Tensor rows = data.floats(0, std::min(most, data.rows()));
  const auto [low, high] = data.range();
  if (low < 0 || high > 1)
    for (float& value : rows.span()) value = static_cast<float>((value - low) / std::max(high - low, 1e-300));
  return image_grid(rows, data.shape);
}

}  // namespace pushforward::data
