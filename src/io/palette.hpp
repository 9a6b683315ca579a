// SPDX-License-Identifier: Apache-2.0
//
// A coloured picture on few colours, for formats that hold a table of them.
//
// Exact where the picture has no more. Else by splitting boxes of colours: of all boxes the one whose colours
// are furthest from their mean is cut at that mean, along the channel in which they differ most, until there
// are enough [Heckbert, SIGGRAPH 1982; the choice of the cut: Wan, Wong & Prusinkiewicz, ACM TOMS 14, 1988].
// A colour counts by the root of its pixels: a small coloured dot is seen beside a large grey field.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace pushforward::io {

struct Palette {
  std::vector<std::array<std::uint8_t, 3>> colours{};
  std::vector<std::uint8_t> pixels{};  ///< an index a pixel
};

/// `rgb`: three bytes a pixel. At most `most` colours, 2 … 256.
Palette palette_of(std::span<const std::uint8_t> rgb, std::size_t most = 256);

}  // namespace pushforward::io
