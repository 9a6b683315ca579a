// SPDX-License-Identifier: Apache-2.0
#include "io/base64.hpp"

#include <algorithm>

namespace pushforward::io {

std::string base64(ByteSpan bytes) {
  static constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t here = std::min<std::size_t>(3, bytes.size() - i);
    unsigned word = 0;
    for (std::size_t k = 0; k < 3; ++k)
      word = word << 8 | (k < here ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k) out += k <= here ? letters[word >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

}  // namespace pushforward::io
