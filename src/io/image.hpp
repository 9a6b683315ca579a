// SPDX-License-Identifier: Apache-2.0
//
// Pictures in memory, and what every picture format needs besides its own reader.
//
// A pixel is a number here, not a color: samples are read as the file holds them, 8 or 16 bits each, without
// gamma or color profile. RGB becomes gray by Rec. 601's luma (0.299, 0.587, 0.114), as Pillow does. What is
// transparent is laid over white: v·a + white·(1 − a).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "io/bytes.hpp"

namespace pushforward::io {

/// height × width × channels samples, channels last; 1 channel is gray, 3 are RGB (2 and 4: with a last one
/// for opacity, inside readers only).
template <class T>
struct Raster {
  std::size_t height = 0, width = 0, channels = 1;
  std::vector<T> pixels{};

  Raster() = default;
  Raster(std::size_t h, std::size_t w, std::size_t c, T fill = 0)
      : height(h), width(w), channels(c), pixels(h * w * c, fill) {}
  T& at(std::size_t y, std::size_t x, std::size_t c = 0) { return pixels[(y * width + x) * channels + c]; }
  T at(std::size_t y, std::size_t x, std::size_t c = 0) const {
    return pixels[(y * width + x) * channels + c];
  }
};
using Image = Raster<std::uint8_t>;
using DeepImage = Raster<std::uint16_t>;
using Picture = std::variant<Image, DeepImage>;

struct Size {
  std::size_t height = 0, width = 0;
  bool operator==(const Size&) const = default;
};

/// What a file's header says, before anything is decoded.
struct ImageFacts {
  Size size{};               ///< as it is looked at: turned by `orientation`
  std::size_t channels = 1;  ///< 1 or 3
  bool deep = false;         ///< 16 bits a sample
  bool transparent = false;  ///< it has opacities
  int orientation = 1;       ///< EXIF's, 1 … 8
};

/// One channel.
template <class T>
Raster<T> to_grey(Raster<T> image);
/// Three channels; gray three times.
template <class T>
Raster<T> to_color(Raster<T> image);
/// Takes the channel of opacities away.
template <class T>
Raster<T> over_white(Raster<T> image);
/// Turned and mirrored as EXIF's orientation 1 … 8 wants it looked at.
template <class T>
Raster<T> oriented(Raster<T> image, int orientation);
/// 255 becomes 65535.
DeepImage to_deep(const Image& image);
/// 65535 becomes 255, rounded.
Image to_bytes(const DeepImage& image);

/// EXIF's orientation in a TIFF block ("II*\0…"); 1 where there is none or the block is damaged: a picture
/// that lies on its side is better than none.
int exif_orientation(ByteSpan tiff);
/// The size after that turn.
Size turned(Size size, int orientation);

/// RequestError where a header claims a picture without pixels, of more than 2^28, or one that `bytes` bytes
/// cannot hold at `most` pixels a byte (asked from 2^24 pixels on, so that small blank pictures pass).
void check_claim(Size size, std::size_t bytes, std::size_t most, std::string_view where);
/// RequestError.
[[noreturn]] void refuse_image(std::string_view where, std::string got, std::string wanted,
                               std::string hint = {});

}  // namespace pushforward::io
