// SPDX-License-Identifier: Apache-2.0
// The table of picture formats: one line each.
#include "io/image_format.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/ending.hpp"
#include "io/jpeg.hpp"
#include "io/png.hpp"
#include "io/webp.hpp"

namespace pushforward::io {
namespace {

constexpr std::size_t kStart = std::size_t{1} << 16;  // cameras put 20 to 60 kB of EXIF before the size

[[noreturn]] void refuse_kind(ByteSpan start, std::string_view where) {
  refuse_image(where,
               in_quotes(text_of(start.first(std::min<std::size_t>(start.size(), 8)))) + " at its start",
               fmt::format("a picture that can be read ({})", image_format_names()));
}

}  // namespace

std::span<const ImageFormat> image_formats() {
  static const std::vector<ImageFormat> table = {
      {"JPEG", {".jpg", ".jpeg", ".jpe", ".jfif"}, is_jpeg, jpeg_facts, decode_jpeg},  //
      {"PNG", {".png"}, is_png, png_facts, decode_png},                                //
      {"WebP", {".webp"}, is_webp, webp_facts, decode_webp},                           //
  };
  return table;
}

std::string image_format_names() {
  std::vector<std::string_view> names;
  for (const ImageFormat& format : image_formats()) names.push_back(format.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

bool has_image_ending(std::string_view path) {
  return std::ranges::any_of(image_formats(), [&](const ImageFormat& format) {
    return std::ranges::any_of(format.endings, [&](std::string_view e) { return has_ending(path, e); });
  });
}

const ImageFormat* image_format_of(ByteSpan start) {
  for (const ImageFormat& format : image_formats())
    if (format.recognizes(start)) return &format;
  return nullptr;
}

ImageFacts read_image_facts(const std::string& path) {
  Bytes bytes = read_start(path, kStart);
  const ImageFormat* format = image_format_of(bytes);
  if (format == nullptr) refuse_kind(bytes, path);
  if (const auto facts = format->facts(bytes, path)) return *facts;
  if (bytes.size() == kStart) {
    bytes = read_file(path);
    if (const auto facts = format->facts(bytes, path)) return *facts;
  }
  refuse_image(path, "the file ends early", fmt::format("a whole {} file", format->name));
}

Picture parse_image(ByteSpan bytes, std::string_view where, Size wanted) {
  const ImageFormat* format = image_format_of(bytes);
  if (format == nullptr) refuse_kind(bytes, where);
  return format->decode(bytes, where, wanted);
}

Picture read_image(const std::string& path, Size wanted) {
  return parse_image(read_file(path), path, wanted);
}

}  // namespace pushforward::io
