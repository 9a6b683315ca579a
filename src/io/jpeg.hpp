// SPDX-License-Identifier: Apache-2.0
//
// JPEG, by libjpeg-turbo: gray, color and CMYK, baseline and progressive, 8 bits; turned by EXIF.
//
// [ITU-T T.81; EXIF 2.32, tag Orientation; Adobe Technical Note 5116, "Supporting the DCT filters", for
// CMYK.] The header is scanned here, so that a size is known, and doubted, before libjpeg takes memory for
// it: a block of 64 pixels takes a bit at least where it is Huffman-coded. Decoding is libjpeg's default
// (accurate integers, smooth chroma), the same pixels as Pillow's. Where much less is wanted, its DCT gives
// 1/2, 1/4 or 1/8 of the picture: the mean of the pixels, nearly, for an eighth of the time.
#pragma once

#include <optional>

#include "io/image.hpp"

namespace pushforward::io {

bool is_jpeg(ByteSpan start);
std::optional<ImageFacts> jpeg_facts(ByteSpan start, std::string_view where);
Picture decode_jpeg(ByteSpan bytes, std::string_view where, Size wanted);

/// The file's bytes; `image` is gray or RGB, quality 1 … 100.
Bytes encode_jpeg(const Image& image, int quality, bool progressive = false);

}  // namespace pushforward::io
