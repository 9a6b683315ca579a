// SPDX-License-Identifier: Apache-2.0
//
// PNG, by libpng: 8-bit grey or RGB in, the same out.
//
// A pixel is a number here, not a colour: stored values are read as they stand (no gamma, no background),
// 16-bit samples are scaled to 8, palettes and 1- to 4-bit greys expanded, transparency dropped. libpng's
// simplified interface was rejected because it converts 16-bit and gamma-tagged files to sRGB on its own. RGB
// becomes grey by Rec. 601's luma (0.299, 0.587, 0.114), as Pillow does.
#pragma once

#include <string>
#include <string_view>

#include "io/bytes.hpp"

namespace pushforward::io {

/// height × width × channels bytes, channels last; 1 channel is grey, 3 are RGB.
struct Image {
  std::size_t height = 0, width = 0, channels = 1;
  Bytes pixels{};

  Image() = default;
  Image(std::size_t h, std::size_t w, std::size_t c, std::uint8_t fill = 0)
      : height(h), width(w), channels(c), pixels(h * w * c, fill) {}
  std::uint8_t& at(std::size_t y, std::size_t x, std::size_t c = 0) {
    return pixels[(y * width + x) * channels + c];
  }
  std::uint8_t at(std::size_t y, std::size_t x, std::size_t c = 0) const {
    return pixels[(y * width + x) * channels + c];
  }
};

/// What a PNG's first bytes say, before anything is decoded.
struct PngSize {
  std::size_t height = 0, width = 0;
};
PngSize parse_png_size(ByteSpan bytes, std::string_view where);

/// Decodes; 1 or 3 channels. RequestError when the file is not a PNG, damaged, or larger than its bytes can
/// hold.
Image parse_png(ByteSpan bytes, std::string_view where);
Image read_png(const std::string& path);

/// One channel.
Image to_grey(const Image& image);

/// The file's bytes. `image` must have 1 or 3 channels and at least one pixel.
Bytes encode_png(const Image& image);
/// Replaces the file `path`, atomically.
void write_png(const std::string& path, const Image& image);

}  // namespace pushforward::io
