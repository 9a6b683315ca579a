// SPDX-License-Identifier: Apache-2.0
//
// What fuzzers do to bytes. Mutation i is a function of (seed, i) by Philox, so that a finding is repeated by
// its number.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "io/bytes.hpp"
#include "pushforward/random.hpp"

namespace pushforward::fuzz {

/// Numbers for mutation `iteration`, one after another.
class Dice {
 public:
  explicit Dice(std::uint64_t iteration) : draw_{0, stream_id("fuzz"), iteration} {}
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : next() % limit; }
  template <class List>
  const auto& one_of(const List& list) {
    return list[below(std::size(list))];
  }
  std::uint32_t next() {
    if (left_ == 0) block_ = random_bits(draw_, index_++), left_ = 4;
    return block_[--left_];
  }

 private:
  Draw draw_;
  std::array<std::uint32_t, 4> block_{};
  std::uint32_t index_ = 0;
  std::size_t left_ = 0;
};

/// One change: a number that is known to go wrong, a bit, a byte, a piece cut, doubled or taken from another
/// of `pool` (not empty).
void mutate_once(io::Bytes& bytes, const std::vector<io::Bytes>& pool, Dice& dice);

}  // namespace pushforward::fuzz
