// SPDX-License-Identifier: Apache-2.0
// A grid of images, enlarged by whole factors so that every pixel of a 28 × 28 digit can be seen.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "report/picture.hpp"

namespace pushforward::report {
namespace {

constexpr std::uint8_t kSeparator = 128;

std::uint8_t level(float value, const GridOptions& options) {
  const double unit = (static_cast<double>(value) - options.low) / (options.high - options.low);
  return static_cast<std::uint8_t>(std::lround(255 * std::clamp(unit, 0.0, 1.0)));
}

struct Layout {
  std::size_t columns, rows, scale, gap, group;

  std::size_t offset(std::size_t index, std::size_t side, bool horizontal) const {
    const std::size_t groups = horizontal && group > 0 ? index / group : 0;
    return (gap * (index + 1) + 2 * gap * groups + side * index) * scale;
  }
};

Layout lay_out(std::size_t n, RowShape shape, const GridOptions& options) {
  const auto square = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(n))));
  const std::size_t columns = std::min(n, options.columns > 0 ? options.columns : square);
  const std::size_t shorter = std::max<std::size_t>(1, std::min(shape.height, shape.width));
  const std::size_t scale = std::max<std::size_t>(1, (options.smallest + shorter - 1) / shorter);
  return {columns, (n + columns - 1) / columns, scale, options.gap, options.group};
}

void paint(Image& picture, const float* image, RowShape shape, std::size_t top, std::size_t left,
           std::size_t scale, const GridOptions& options) {
  for (std::size_t y = 0; y < shape.height * scale; ++y)
    for (std::size_t x = 0; x < shape.width * scale; ++x) {
      const float* pixel = image + ((y / scale) * shape.width + x / scale) * shape.channels;
      std::uint8_t* out = &picture.at(top + y, left + x);
      for (std::size_t c = 0; c < 3; ++c) out[c] = level(pixel[shape.channels == 3 ? c : 0], options);
    }
}

}  // namespace

Image image_grid(View<const float> rows, RowShape shape, const GridOptions& options) {
  if (!shape.image || (shape.channels != 1 && shape.channels != 3) || shape.size() != rows.cols)
    throw RequestError(Complaint{"picture", fmt::format("rows of {}", shape.text()), "grey or RGB images",
                                 "write .npy or .csv instead"});
  if (rows.rows == 0) throw RequestError(Complaint{"picture", "no rows", "at least one"});
  const Layout layout = lay_out(rows.rows, shape, options);
  const std::size_t height = layout.offset(layout.rows, shape.height, false);
  const std::size_t width =
      layout.offset(layout.columns - 1, shape.width, true) + (shape.width + layout.gap) * layout.scale;
  Image picture(height, width, 3, kSeparator);
  for (std::size_t i = 0; i < rows.rows; ++i)
    paint(picture, rows.row(i), shape, layout.offset(i / layout.columns, shape.height, false),
          layout.offset(i % layout.columns, shape.width, true), layout.scale, options);
  return picture;
}

}  // namespace pushforward::report
