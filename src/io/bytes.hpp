// SPDX-License-Identifier: Apache-2.0
//
// Bytes that somebody else wrote, read with suspicion.
//
// Every reader of this folder parses a span of memory, so that it can be fuzzed and works alike for a file, a
// member of an archive and a test; `read_file` is the only function that touches the disk on the way in. A
// Cursor never steps outside its span: what is not there is an error that names the offset, not a crash.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/error.hpp"

namespace pushforward::io {

using Bytes = std::vector<std::uint8_t>;
using ByteSpan = std::span<const std::uint8_t>;

inline ByteSpan bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The whole file. RequestError when it is missing, unreadable, no regular file or given pipe, or too large.
Bytes read_file(const std::string& path);
/// Its first `count` bytes, or all of them where it has fewer.
Bytes read_start(const std::string& path, std::size_t count);

/// `text` for a message: at most 40 characters, control characters and broken UTF-8 as '?', in quotes.
std::string in_quotes(std::string_view text);

/// a·b, or RequestError("… an array that no memory holds …") where the product overflows.
std::size_t checked_product(std::size_t a, std::size_t b, std::string_view where);

/// The most bytes that `compressed` bytes of deflate can expand to (1032 : 1, zlib's technical notes), so
/// that a claimed size is checked before anything is allocated.
std::size_t most_inflated(std::size_t compressed);

/// Reads a span from front to back. `where` is the file's name.
class Cursor {
 public:
  Cursor(ByteSpan bytes, std::string_view where) : bytes_(bytes), where_(where) {}

  std::size_t offset() const { return offset_; }
  std::size_t left() const { return bytes_.size() - offset_; }
  /// The next `count` bytes; `what` names them in the error of a truncated file.
  ByteSpan take(std::size_t count, std::string_view what);
  /// The next unsigned integer.
  template <class T>
  T little(std::string_view what) {
    return number<T, std::endian::little>(what);
  }
  template <class T>
  T big(std::string_view what) {
    return number<T, std::endian::big>(what);
  }

 private:
  template <class T, std::endian order>
  T number(std::string_view what) {
    const ByteSpan raw = take(sizeof(T), what);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value = value << 8 | raw[order == std::endian::big ? i : sizeof(T) - 1 - i];
    return static_cast<T>(value);
  }

  ByteSpan bytes_;
  std::string_view where_;
  std::size_t offset_ = 0;
};

}  // namespace pushforward::io
