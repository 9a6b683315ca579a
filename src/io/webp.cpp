// SPDX-License-Identifier: Apache-2.0
#include "io/webp.hpp"

#include <fmt/format.h>
#include <webp/decode.h>
#include <webp/encode.h>

#include "core/memory.hpp"

namespace pushforward::io {
namespace {

constexpr std::size_t kMostPixelsPerByte = 4096;  // libwebp's own: a macroblock of 256 in half a bit

std::string_view text_of(VP8StatusCode code) {
  switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return "no memory left";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "a kind of WebP that libwebp does not know";
    case VP8_STATUS_SUSPENDED:
    case VP8_STATUS_NOT_ENOUGH_DATA:
      return "the file ends early";
    default:
      return "damaged bytes";
  }
}

// Chunks: four letters, a size, contents to an even length. The one called `name`; nothing where the file
// ends before it.
std::optional<ByteSpan> find_chunk(ByteSpan bytes, std::string_view name) {
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    std::size_t size = 0;
    for (std::size_t i = 4; i-- > 0;) size = size << 8 | bytes[at + 4 + i];
    if (size > bytes.size() - at - 8) return {};
    if (io::text_of(bytes.subspan(at, 4)) == name) return bytes.subspan(at + 8, size);
    at += 8 + size + size % 2;
  }
  return {};
}

// The extended header's flag says whether there is an EXIF chunk, which stands behind the picture.
bool has_exif(ByteSpan bytes) {
  return bytes.size() > 20 && io::text_of(bytes.subspan(12, 4)) == "VP8X" && (bytes[20] & 8) != 0;
}

}  // namespace

bool is_webp(ByteSpan start) {
  return start.size() >= 12 && io::text_of(start.first(4)) == "RIFF" &&
         io::text_of(start.subspan(8, 4)) == "WEBP";
}

std::optional<ImageFacts> webp_facts(ByteSpan start, std::string_view where) {
  WebPBitstreamFeatures features;
  const VP8StatusCode status = WebPGetFeatures(start.data(), start.size(), &features);
  if (status == VP8_STATUS_NOT_ENOUGH_DATA) return {};
  if (status != VP8_STATUS_OK)
    refuse_image(where, std::string(text_of(status)), "a WebP file that libwebp can read");
  if (features.has_animation != 0)
    refuse_image(where, "an animation", "a WebP file of one picture", "save one picture of it");
  ImageFacts facts;
  facts.channels = 3;
  facts.transparent = features.has_alpha != 0;
  if (has_exif(start)) {
    std::optional<ByteSpan> exif = find_chunk(start, "EXIF");
    if (!exif) return {};
    if (io::text_of(*exif).starts_with(std::string_view("Exif\0\0", 6))) exif = exif->subspan(6);
    facts.orientation = exif_orientation(*exif);
  }
  facts.size = turned({static_cast<std::size_t>(features.height), static_cast<std::size_t>(features.width)},
                      facts.orientation);
  return facts;
}

Picture decode_webp(ByteSpan bytes, std::string_view where, Size) {
  const std::optional<ImageFacts> facts = webp_facts(bytes, where);
  if (!facts) refuse_image(where, "the file ends early", "a whole WebP file");
  check_claim(facts->size, bytes.size(), kMostPixelsPerByte, where);
  const Size stored = turned(facts->size, facts->orientation);
  const std::size_t channels = facts->transparent ? 4 : 3, stride = stored.width * channels;
  require_memory(std::uint64_t{stored.height} * stride, where);
  Image image(stored.height, stored.width, channels);
  const auto decode = facts->transparent ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  if (decode(bytes.data(), bytes.size(), image.pixels.data(), image.pixels.size(),
             static_cast<int>(stride)) == nullptr)
    refuse_image(where, "damaged bytes, or an early end", "a whole WebP file");
  if (facts->transparent) image = over_white(std::move(image));
  return oriented(std::move(image), facts->orientation);
}

Bytes encode_webp(const Image& image) {
  if (image.pixels.empty() || (image.channels != 3 && image.channels != 4))
    refuse_image("WebP", fmt::format("{}x{}x{}", image.height, image.width, image.channels), "an RGB image");
  std::uint8_t* out = nullptr;
  const auto encode = image.channels == 4 ? WebPEncodeLosslessRGBA : WebPEncodeLosslessRGB;
  const std::size_t size =
      encode(image.pixels.data(), static_cast<int>(image.width), static_cast<int>(image.height),
             static_cast<int>(image.width * image.channels), &out);
  if (size == 0) throw WorkError(Complaint{"WebP", "nothing", "an image that libwebp can write"});
  Bytes bytes(out, out + size);
  WebPFree(out);
  return bytes;
}

}  // namespace pushforward::io
