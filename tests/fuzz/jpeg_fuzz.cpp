// SPDX-License-Identifier: Apache-2.0
//
// JPEG files: gray, color, progressive, turned; decoded whole and at the size that the first byte asks for.
#include "fuzz.hpp"
#include "io/jpeg.hpp"

namespace pushforward::fuzz {

void target(ByteSpan bytes) {
  if (bytes.empty()) return;
  const std::size_t wanted = bytes[0] % 32;
  io::decode_jpeg(bytes.subspan(1), "fuzz.jpg", {wanted, wanted});
}

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  for (std::size_t channels : {1u, 3u})
    for (bool progressive : {false, true}) {
      Bytes jpeg = io::encode_jpeg(io::Image(40, 33, channels, 100), 80, progressive);
      const Bytes exif = {0xFF, 0xE1, 0, 30, 'E',  'x', 'i', 'f', 0, 0, 'I', 'I', 42, 0, 8, 0,
                          0,    0,    1, 0,  0x12, 1,   3,   0,   1, 0, 0,   0,   6,  0, 0, 0};
      jpeg.insert(jpeg.begin() + 2, exif.begin(), exif.end());
      jpeg.insert(jpeg.begin(), std::uint8_t{9});
      all.push_back(std::move(jpeg));
    }
  return all;
}

}  // namespace pushforward::fuzz
