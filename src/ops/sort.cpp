// SPDX-License-Identifier: Apache-2.0
//
// An IEEE number becomes an unsigned integer of the same order by flipping its sign bit if it is positive and
// all its bits if it is negative. float32: 32 bits of key and 32 of index make a 64-bit integer; float64: 64
// and 64 make a 128-bit one. Both are sorted as plain integers, and the value is read back from the key.
#include "ops/sort.hpp"

#include <bit>

#include <hwy/contrib/sort/vqsort.h>

namespace pushforward {
namespace {

template <class T>
void sort_plain(std::span<T> values) {
  if (values.size() > 1) hwy::Sorter()(values.data(), values.size(), hwy::SortAscending());
}

template <class Word, class T>
Word key_of(T value) {
  constexpr Word sign = Word{1} << (sizeof(Word) * 8 - 1);
  const Word bits = std::bit_cast<Word>(value + T{0});  // −0 + 0 is +0
  return (bits & sign) != 0 ? static_cast<Word>(~bits) : static_cast<Word>(bits | sign);
}

template <class T, class Word>
T value_of(Word key) {
  constexpr Word sign = Word{1} << (sizeof(Word) * 8 - 1);
  return std::bit_cast<T>((key & sign) != 0 ? static_cast<Word>(key ^ sign) : static_cast<Word>(~key));
}

}  // namespace

void sort_values(std::span<float> values) { sort_plain(values); }
void sort_values(std::span<double> values) { sort_plain(values); }

void sort_with_order(std::span<const float> values, std::vector<float>& sorted,
                     std::vector<std::uint32_t>& order) {
  const std::size_t n = values.size();
  std::vector<std::uint64_t> packed(n);
  for (std::size_t i = 0; i < n; ++i)
    packed[i] = (std::uint64_t{key_of<std::uint32_t>(values[i])} << 32) | static_cast<std::uint32_t>(i);
  sort_plain(std::span(packed));
  sorted.resize(n), order.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    sorted[i] = value_of<float>(static_cast<std::uint32_t>(packed[i] >> 32));
    order[i] = static_cast<std::uint32_t>(packed[i]);
  }
}

void sort_with_order(std::span<const double> values, std::vector<double>& sorted,
                     std::vector<std::uint32_t>& order) {
  const std::size_t n = values.size();
  std::vector<hwy::uint128_t> packed(n);
  for (std::size_t i = 0; i < n; ++i) packed[i].lo = i, packed[i].hi = key_of<std::uint64_t>(values[i]);
  sort_plain(std::span(packed));
  sorted.resize(n), order.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    sorted[i] = value_of<double>(packed[i].hi);
    order[i] = static_cast<std::uint32_t>(packed[i].lo);
  }
}

}  // namespace pushforward
