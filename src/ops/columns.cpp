// SPDX-License-Identifier: Apache-2.0
//
// Copies patches row by row of the kernel: where the dilation is 1, a kernel row that lies inside the image
// is one run of consecutive numbers, copied or added whole. Nearly all patches lie inside with all their
// rows, and a run is a few numbers long, so its length is a constant of the code for the usual ones (4×4
// kernels on one channel and three): a loop of unknown length costs four times as much.
#include "ops/columns.hpp"

#include <algorithm>
#include <type_traits>

namespace pushforward {
namespace {

using Index = std::ptrdiff_t;

Index signed_of(std::size_t n) { return static_cast<Index>(n); }

// Where a patch begins in its image; negative above and left of it.
struct Corner {
  Index top, left;
};

Corner corner_of(const Convolution& g, std::size_t p, std::size_t q) {
  return {signed_of(p * g.stride.height) - signed_of(g.before.height),
          signed_of(q * g.stride.width) - signed_of(g.before.width)};
}

// Whether the patch lies inside with all its rows, each a run.
bool inside(const Convolution& g, const Corner& at) {
  return g.dilation.area() == 1 && at.top >= 0 && at.left >= 0 &&
         at.top + signed_of(g.kernel.height) <= signed_of(g.image.height) &&
         at.left + signed_of(g.kernel.width) <= signed_of(g.image.width);
}

// Calls run(image offset, column offset, length) for every run of numbers that a patch has inside the image.
template <class Run>
void for_runs(const Convolution& g, const Corner& at, const Run& run) {
  const std::size_t c = g.image.channels;
  const Index height = signed_of(g.image.height), width = signed_of(g.image.width);
  for (std::size_t i = 0; i < g.kernel.height; ++i) {
    const Index y = at.top + signed_of(i * g.dilation.height);
    if (y < 0 || y >= height) continue;
    const std::size_t row = static_cast<std::size_t>(y) * g.image.width, k = i * g.kernel.width;
    for (std::size_t j = 0; j < g.kernel.width; ++j) {
      const Index x = at.left + signed_of(j * g.dilation.width);
      if (x >= 0 && x < width) run((row + static_cast<std::size_t>(x)) * c, (k + j) * c, c);
    }
  }
}

// Calls body(length of a kernel row), a constant where it is a usual one.
template <class Body>
void with_length(std::size_t length, const Body& body) {
  switch (length) {
    case 3:
      return body(std::integral_constant<std::size_t, 3>{});
    case 4:
      return body(std::integral_constant<std::size_t, 4>{});
    case 9:
      return body(std::integral_constant<std::size_t, 9>{});
    case 12:
      return body(std::integral_constant<std::size_t, 12>{});
    default:
      return body(length);
  }
}

// Calls move(image, offset in the image, row of the columns, column, length) for all runs of all patches.
template <class Length, class Move>
void for_patches(const Convolution& g, std::size_t images, Length length, const Move& move) {
  std::size_t row = 0;
  const std::size_t pitch = g.image.width * g.image.channels;
  for (std::size_t b = 0; b < images; ++b)
    for (std::size_t p = 0; p < g.result.height; ++p)
      for (std::size_t q = 0; q < g.result.width; ++q, ++row) {
        const Corner at = corner_of(g, p, q);
        if (!inside(g, at)) {
          for_runs(g, at, [&](std::size_t from, std::size_t column, std::size_t n) {
            move(b, from, row, column, n);
          });
          continue;
        }
        const std::size_t from =
            static_cast<std::size_t>(at.top) * pitch + static_cast<std::size_t>(at.left) * g.image.channels;
        for (std::size_t i = 0; i < g.kernel.height; ++i) move(b, from + i * pitch, row, i * length, length);
      }
}

}  // namespace

void unfold(const Convolution& g, View<const float> images, View<float> columns) {
  std::ranges::fill(columns.span(), 0.0f);
  with_length(g.kernel.width * g.image.channels, [&](auto length) {
    for_patches(g, images.rows, length,
                [&](std::size_t b, std::size_t at, std::size_t row, std::size_t column, auto n) {
                  const float* from = images.row(b) + at;
                  float* to = columns.row(row) + column;
                  for (std::size_t i = 0; i < n; ++i) to[i] = from[i];
                });
  });
}

void fold(const Convolution& g, View<const float> columns, View<float> images) {
  std::ranges::fill(images.span(), 0.0f);
  with_length(g.kernel.width * g.image.channels, [&](auto length) {
    for_patches(g, images.rows, length,
                [&](std::size_t b, std::size_t at, std::size_t row, std::size_t column, auto n) {
                  const float* from = columns.row(row) + column;
                  float* to = images.row(b) + at;
                  for (std::size_t i = 0; i < n; ++i) to[i] += from[i];
                });
  });
}

}  // namespace pushforward
