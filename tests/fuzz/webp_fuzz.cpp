// SPDX-License-Identifier: Apache-2.0
//
// WebP files, with and without opacities.
#include "fuzz.hpp"
#include "io/webp.hpp"

namespace pushforward::fuzz {

void target(ByteSpan bytes) { io::decode_webp(bytes, "fuzz.webp", {}); }

std::vector<Bytes> seeds() {
  std::vector<Bytes> all;
  for (std::size_t channels : {3u, 4u}) all.push_back(io::encode_webp(io::Image(9, 17, channels, 100)));
  return all;
}

}  // namespace pushforward::fuzz
