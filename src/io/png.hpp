// SPDX-License-Identifier: Apache-2.0
//
// PNG, by libpng: every kind that PNG has in, 8-bit gray or RGB out.
//
// [W3C, Portable Network Graphics, third edition.] Stored values are read as they stand (no gamma, no color
// profile), palettes and 1- to 4-bit grays expanded, 16 bits kept, opacities laid over white; an eXIf chunk
// before the pixels turns the picture. libpng's simplified interface was rejected because it converts 16-bit
// and gamma-tagged files to sRGB on its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "io/image.hpp"

namespace pushforward::io {

bool is_png(ByteSpan start);
std::optional<ImageFacts> png_facts(ByteSpan start, std::string_view where);
Picture decode_png(ByteSpan bytes, std::string_view where, Size wanted);

/// Decodes to 8 bits; 1 or 3 channels. RequestError when the file is not a PNG, damaged, or larger than its
/// bytes can hold.
Image parse_png(ByteSpan bytes, std::string_view where);
Image read_png(const std::string& path);

/// The file's bytes. `image` must have 1 or 3 channels and at least one pixel.
Bytes encode_png(const Image& image);
/// Replaces the file `path`, atomically.
void write_png(const std::string& path, const Image& image);

}  // namespace pushforward::io
