// SPDX-License-Identifier: Apache-2.0
// The specification's steps, by its names.
#include "core/hash.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace pushforward {
namespace {

constexpr std::uint64_t kPrime1 = 0x9E3779B185EBCA87u, kPrime2 = 0xC2B2AE3D27D4EB4Fu,
                        kPrime3 = 0x165667B19E3779F9u, kPrime4 = 0x85EBCA77C2B2AE63u,
                        kPrime5 = 0x27D4EB2F165667C5u;

// Little-endian, as the specification reads.
template <class T>
std::uint64_t read(const unsigned char* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  if constexpr (std::endian::native == std::endian::big)
    value =
        sizeof(T) == 8 ? static_cast<T>(__builtin_bswap64(value)) : static_cast<T>(__builtin_bswap32(value));
  return value;
}

std::uint64_t turn(std::uint64_t lane, std::uint64_t input) {
  return std::rotl(lane + input * kPrime2, 31) * kPrime1;
}

using Lanes = std::array<std::uint64_t, 4>;

// Stripes of 32 bytes. The lanes are the caller's own, not a member: bytes may alias members, and four chains
// of multiplications would wait for memory.
Lanes stirred(Lanes lanes, const unsigned char* bytes, std::size_t stripes) {
  for (; stripes > 0; --stripes, bytes += 32)
    for (std::size_t i = 0; i < 4; ++i) lanes[i] = turn(lanes[i], read<std::uint64_t>(bytes + 8 * i));
  return lanes;
}

std::uint64_t merge(std::uint64_t sum, std::uint64_t lane) {
  return (sum ^ turn(0, lane)) * kPrime1 + kPrime4;
}

}  // namespace

void Hash64::update(const void* bytes, std::size_t count) {
  const auto* at = static_cast<const unsigned char*>(bytes);
  total_ += count;
  if (held_ > 0) {
    const std::size_t taken = std::min(count, kStripe - held_);
    std::copy_n(at, taken, rest_.begin() + static_cast<std::ptrdiff_t>(held_));
    held_ += taken, at += taken, count -= taken;
    if (held_ < kStripe) return;
    lanes_ = stirred(lanes_, rest_.data(), 1);
    held_ = 0;
  }
  lanes_ = stirred(lanes_, at, count / kStripe);
  held_ = count % kStripe;
  std::copy_n(at + (count - held_), held_, rest_.begin());
}

std::uint64_t Hash64::value() const {
  std::uint64_t sum = kPrime5;
  if (total_ >= kStripe) {
    sum = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) +
          std::rotl(lanes_[3], 18);
    for (const std::uint64_t lane : lanes_) sum = merge(sum, lane);
  }
  sum += total_;
  std::size_t at = 0;
  for (; at + 8 <= held_; at += 8)
    sum = std::rotl(sum ^ turn(0, read<std::uint64_t>(&rest_[at])), 27) * kPrime1 + kPrime4;
  for (; at + 4 <= held_; at += 4)
    sum = std::rotl(sum ^ (read<std::uint32_t>(&rest_[at]) * kPrime1), 23) * kPrime2 + kPrime3;
  for (; at < held_; ++at) sum = std::rotl(sum ^ (rest_[at] * kPrime5), 11) * kPrime1;
  sum = (sum ^ sum >> 33) * kPrime2;
  sum = (sum ^ sum >> 29) * kPrime3;
  return sum ^ sum >> 32;
}

std::string Hash64::text() const { return fmt::format("{:016x}", value()); }

}  // namespace pushforward
