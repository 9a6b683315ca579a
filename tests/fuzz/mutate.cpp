// SPDX-License-Identifier: Apache-2.0
#include "mutate.hpp"

#include <iterator>
#include <string_view>

namespace pushforward::fuzz {
namespace {

using io::Bytes;
using io::ByteSpan;

// Sizes and counts that are known to go wrong.
constexpr std::uint64_t kNumbers[] = {0,          1,          2,          0x7F,       0x80,       0xFF,
                                      0x7FFF,     0xFFFF,     0x10000,    0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
                                      1ULL << 60, ~0ULL >> 1, 1ULL << 63, ~0ULL};
constexpr std::string_view kWords[] = {"nan", "-1", "1e999", "18446744073709551616",
                                       "\"",  ",",  "\n",    "[",
                                       "]",   "{",  "}",     "(",
                                       ")",   ":",  "@",     "'",
                                       "0x",  "=",  "+"};

void put_number(Bytes& bytes, Dice& dice) {
  const std::uint64_t number = kNumbers[dice.below(std::size(kNumbers))];
  const std::size_t width = std::size_t{1} << dice.below(4), at = dice.below(bytes.size());
  const bool big = dice.below(2) == 0;
  for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<std::uint8_t>(number >> 8 * (big ? width - 1 - i : i));
}

void insert(Bytes& bytes, std::size_t at, ByteSpan piece) {
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
}

}  // namespace

void mutate_once(Bytes& bytes, const std::vector<Bytes>& pool, Dice& dice) {
  const std::size_t at = dice.below(bytes.size()), kind = dice.below(9);
  const std::size_t length = std::min(bytes.size() - at, dice.below(16) + 1);
  if (kind == 0 || bytes.empty()) {
    insert(bytes, at, io::bytes_of(kWords[dice.below(std::size(kWords))]));
  } else if (kind == 1) {
    bytes[at] ^= static_cast<std::uint8_t>(1 << dice.below(8));
  } else if (kind == 2) {
    bytes[at] = static_cast<std::uint8_t>(dice.next());
  } else if (kind == 3) {
    put_number(bytes, dice);
  } else if (kind == 4) {
    bytes.resize(at);
  } else if (kind == 5) {
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
  } else if (kind == 6) {
    const Bytes copy(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
    insert(bytes, dice.below(bytes.size()), copy);
  } else if (kind == 7) {
    const Bytes& other = pool[dice.below(pool.size())];
    const std::size_t from = dice.below(other.size());
    bytes.resize(at);
    bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
  } else {
    bytes[at] = static_cast<std::uint8_t>('0' + dice.below(10));
  }
}

}  // namespace pushforward::fuzz
