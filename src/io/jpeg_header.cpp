// SPDX-License-Identifier: Apache-2.0
// JPEG's markers up to the one that holds the size: FF code, then (but for a few) the length of what follows.
#include <fmt/format.h>

#include "io/jpeg.hpp"

namespace pushforward::io {
namespace {

constexpr std::uint8_t kStartOfScan = 0xDA, kEndOfImage = 0xD9, kExif = 0xE1;

// C0 … CF say the size, but for tables (C4, CC) and an extension (C8).
bool says_size(std::uint8_t code) {
  return code >= 0xC0 && code <= 0xCF && code != 0xC4 && code != 0xC8 && code != 0xCC;
}
bool stands_alone(std::uint8_t code) { return code == 0x01 || (code >= 0xD0 && code <= 0xD8); }

std::size_t number(ByteSpan bytes, std::size_t at) {
  return static_cast<std::size_t>(bytes[at]) << 8 | bytes[at + 1];
}

ImageFacts frame_facts(ByteSpan frame, int orientation, std::string_view where) {
  if (frame.size() < 6) refuse_image(where, "a frame header cut short", "a whole JPEG file");
  if (frame[0] != 8)
    refuse_image(where, fmt::format("a JPEG of {} bits a sample", frame[0]), "8",
                 "convert it to an 8-bit JPEG or a 16-bit PNG");
  ImageFacts facts;
  facts.size = turned({number(frame, 1), number(frame, 3)}, orientation);
  facts.channels = frame[5] == 1 ? 1 : 3;
  facts.orientation = orientation;
  return facts;
}

}  // namespace

bool is_jpeg(ByteSpan start) {
  return start.size() >= 3 && start[0] == 0xFF && start[1] == 0xD8 && start[2] == 0xFF;
}

std::optional<ImageFacts> jpeg_facts(ByteSpan start, std::string_view where) {
  int orientation = 1;
  for (std::size_t at = 2; at + 2 <= start.size();) {
    if (start[at] != 0xFF) {  // bytes that belong to nothing: skipped, as libjpeg does
      ++at;
      continue;
    }
    const std::uint8_t code = start[at + 1];
    if (code == 0xFF || code == 0) {
      ++at;
      continue;
    }
    at += 2;
    if (stands_alone(code)) continue;
    if (code == kStartOfScan || code == kEndOfImage) refuse_image(where, "no frame header", "a JPEG file");
    if (at + 2 > start.size()) return {};
    const std::size_t length = number(start, at);
    if (length < 2) refuse_image(where, fmt::format("a segment of {} bytes", length), "a JPEG file");
    if (at + length > start.size()) return {};
    const ByteSpan segment = start.subspan(at + 2, length - 2);
    at += length;
    if (code == kExif && text_of(segment).starts_with(std::string_view("Exif\0\0", 6)))
      orientation = exif_orientation(segment.subspan(6));
    if (says_size(code)) return frame_facts(segment, orientation, where);
  }
  return {};
}

}  // namespace pushforward::io
