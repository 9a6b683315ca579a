// SPDX-License-Identifier: Apache-2.0
#include "io/image.hpp"

#include <limits>

#include <fmt/format.h>

namespace pushforward::io {
namespace {

constexpr std::size_t kMostPixels = std::size_t{1} << 28, kCommonPixels = std::size_t{1} << 24;

bool turns(int orientation) { return orientation >= 5; }

// The value of tag 0x0112 in the first directory of a TIFF block, both byte orders.
template <class Number>
int orientation_in(ByteSpan tiff, Number number) {
  constexpr std::size_t kEntry = 12;
  const std::size_t directory = number(tiff, 4, 4);
  if (directory + 2 > tiff.size()) return 1;
  const std::size_t entries = number(tiff, directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + i * kEntry;
    if (at + kEntry > tiff.size()) return 1;
    if (number(tiff, at, 2) != 0x0112) continue;
    const std::size_t value = number(tiff, at + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

std::size_t little(ByteSpan bytes, std::size_t at, std::size_t count) {
  std::size_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | bytes[at + i];
  return value;
}
std::size_t big(ByteSpan bytes, std::size_t at, std::size_t count) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[at + i];
  return value;
}

}  // namespace

template <class T>
Raster<T> to_grey(Raster<T> image) {
  if (image.channels == 1) return image;
  Raster<T> grey(image.height, image.width, 1);
  for (std::size_t i = 0; i < grey.pixels.size(); ++i) {
    const T* rgb = image.pixels.data() + 3 * i;
    grey.pixels[i] = static_cast<T>((rgb[0] * 299u + rgb[1] * 587u + rgb[2] * 114u + 500u) / 1000u);
  }
  return grey;
}

template <class T>
Raster<T> to_color(Raster<T> image) {
  if (image.channels == 3) return image;
  Raster<T> color(image.height, image.width, 3);
  for (std::size_t i = 0; i < color.pixels.size(); ++i) color.pixels[i] = image.pixels[i / 3];
  return color;
}

template <class T>
Raster<T> over_white(Raster<T> image) {
  constexpr std::uint64_t kWhite = std::numeric_limits<T>::max();
  Raster<T> out(image.height, image.width, image.channels - 1);
  for (std::size_t i = 0; i < image.height * image.width; ++i) {
    const T* from = image.pixels.data() + i * image.channels;
    const std::uint64_t opacity = from[out.channels];
    for (std::size_t c = 0; c < out.channels; ++c)
      out.pixels[i * out.channels + c] =
          static_cast<T>((from[c] * opacity + kWhite * (kWhite - opacity) + kWhite / 2) / kWhite);
  }
  return out;
}

template <class T>
Raster<T> oriented(Raster<T> image, int orientation) {
  if (orientation == 1) return image;
  const Size size = turned({image.height, image.width}, orientation);
  const bool upside_down = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool mirrored = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  Raster<T> out(size.height, size.width, image.channels);
  for (std::size_t y = 0; y < out.height; ++y)
    for (std::size_t x = 0; x < out.width; ++x) {
      const std::size_t row = turns(orientation) ? x : y, column = turns(orientation) ? y : x;
      for (std::size_t c = 0; c < out.channels; ++c)
        out.at(y, x, c) = image.at(upside_down ? image.height - 1 - row : row,
                                   mirrored ? image.width - 1 - column : column, c);
    }
  return out;
}

template Image to_grey(Image);
template DeepImage to_grey(DeepImage);
template Image to_color(Image);
template DeepImage to_color(DeepImage);
template Image over_white(Image);
template DeepImage over_white(DeepImage);
template Image oriented(Image, int);
template DeepImage oriented(DeepImage, int);

DeepImage to_deep(const Image& image) {
  DeepImage out(image.height, image.width, image.channels);
  for (std::size_t i = 0; i < out.pixels.size(); ++i)
    out.pixels[i] = static_cast<std::uint16_t>(image.pixels[i] * 257);
  return out;
}

Image to_bytes(const DeepImage& image) {
  Image out(image.height, image.width, image.channels);
  for (std::size_t i = 0; i < out.pixels.size(); ++i)
    out.pixels[i] = static_cast<std::uint8_t>((image.pixels[i] + 128u) / 257u);
  return out;
}

int exif_orientation(ByteSpan tiff) {
  if (tiff.size() < 8) return 1;
  if (text_of(tiff.first(4)) == std::string_view("II*\0", 4)) return orientation_in(tiff, little);
  if (text_of(tiff.first(4)) == std::string_view("MM\0*", 4)) return orientation_in(tiff, big);
  return 1;
}

Size turned(Size size, int orientation) {
  if (turns(orientation)) std::swap(size.height, size.width);
  return size;
}

void check_claim(Size size, std::size_t bytes, std::size_t most, std::string_view where) {
  const std::size_t pixels = checked_product(size.height, size.width, where);
  if (pixels == 0)
    refuse_image(where, fmt::format("a claim of {}x{} pixels", size.height, size.width), "at least one");
  if (pixels > kMostPixels)
    refuse_image(where, fmt::format("a claim of {}x{} pixels", size.height, size.width),
                 fmt::format("at most {} pixels", kMostPixels), "make it smaller first");
  if (pixels > kCommonPixels && pixels / most > bytes)
    refuse_image(where, fmt::format("a claim of {}x{} pixels in {} bytes", size.height, size.width, bytes),
                 "a size that the file can hold");
}

void refuse_image(std::string_view where, std::string got, std::string wanted, std::string hint) {
  throw RequestError(Complaint{std::string(where), std::move(got), std::move(wanted), std::move(hint)});
}

}  // namespace pushforward::io
