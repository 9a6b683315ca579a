// SPDX-License-Identifier: Apache-2.0
//
// WebP, by libwebp: lossy and lossless, with or without opacities, turned by EXIF; no animations.
//
// [RFC 9649.] libwebp checks a header against the file's size itself and decodes at most 16383×16383 pixels;
// a picture of one color may take 30 bytes whatever its size, so large claims of small files are doubted
// first.
#pragma once

#include <optional>

#include "io/image.hpp"

namespace pushforward::io {

bool is_webp(ByteSpan start);
std::optional<ImageFacts> webp_facts(ByteSpan start, std::string_view where);
Picture decode_webp(ByteSpan bytes, std::string_view where, Size wanted);

/// The file's bytes, lossless; `image` is RGB, or RGB with opacities.
Bytes encode_webp(const Image& image);

}  // namespace pushforward::io
