// SPDX-License-Identifier: Apache-2.0
//
// The table of picture formats: a new one is one file and one line.
//
// A file is known by its first bytes, not by its name: a JPEG that is called .png is read as what it is. The
// names' endings only say which files of a folder are pictures.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/image.hpp"

namespace pushforward::io {

struct ImageFormat {
  std::string_view name;                  ///< "PNG"
  std::vector<std::string_view> endings;  ///< ".png"
  bool (*recognizes)(ByteSpan start);     ///< by its first 16 bytes
  /// What the header says; nothing where it goes beyond `start`. RequestError where it is damaged.
  std::optional<ImageFacts> (*facts)(ByteSpan start, std::string_view where);
  /// Gray or RGB, turned as it is looked at. A reader that can decode a smaller picture for less may, as long
  /// as it keeps twice `wanted` (0x0: as it is). RequestError where the file is damaged, or larger than its
  /// bytes can hold.
  Picture (*decode)(ByteSpan bytes, std::string_view where, Size wanted);
};

std::span<const ImageFormat> image_formats();
/// "JPEG, PNG, WebP".
std::string image_format_names();
/// Whether a file of this name is taken for a picture.
bool has_image_ending(std::string_view path);
/// Null where the first bytes are those of none.
const ImageFormat* image_format_of(ByteSpan start);

/// Of a file: its first bytes are read, and all of it only where they do not suffice. RequestError where it
/// is no picture that can be read.
ImageFacts read_image_facts(const std::string& path);
Picture parse_image(ByteSpan bytes, std::string_view where, Size wanted = {});
Picture read_image(const std::string& path, Size wanted = {});

}  // namespace pushforward::io
