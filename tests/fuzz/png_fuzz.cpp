// SPDX-License-Identifier: Apache-2.0
//
// PNG files. libpng refuses a chunk whose checksum is wrong, behind which no mutation would get; so the
// checksums are put right first, unless the first byte is odd.
#include "fuzz.hpp"
#include "io/png.hpp"
#include "unit/io/io_files.hpp"

namespace pushforward::fuzz {
namespace {

void repair_checksums(Bytes& png) {
  for (std::size_t at = 8; at + 12 <= png.size();) {
    io::Cursor cursor(io::ByteSpan(png).subspan(at), "");
    const std::size_t length = cursor.big<std::uint32_t>("");
    if (length > png.size() - at - 12) return;
    const std::uint32_t sum = io::crc_32(io::ByteSpan(png).subspan(at + 4, length + 4));
    for (std::size_t i = 0; i < 4; ++i)
      png[at + 8 + length + i] = static_cast<std::uint8_t>(sum >> (24 - 8 * i));
    at += length + 12;
  }
}

}  // namespace

void target(ByteSpan bytes) {
  if (bytes.empty()) return;
  Bytes png(bytes.begin() + 1, bytes.end());
  if ((bytes[0] & 1) == 0) repair_checksums(png);
  io::decode_png(png, "fuzz.png", {});
  io::encode_png(io::to_grey(io::parse_png(png, "fuzz.png")));
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  for (std::size_t channels : {1u, 3u}) {
    Bytes png = io::encode_png(io::Image(5, 7, channels, 100));
    png.insert(png.begin(), std::uint8_t{0});
    all.push_back(png);
    png[1 + 8 + 8 + 8] = 16;  // twice the bits, interlaced: what the encoder never writes
    png[1 + 8 + 8 + 12] = 1;
    all.push_back(png);
    png[1 + 8 + 8 + 8] = 4, png[1 + 8 + 8 + 9] = 3;  // a palette, and none there
    all.push_back(png);
  }
  return all;
}

}  // namespace pushforward::fuzz
