// SPDX-License-Identifier: Apache-2.0
//
// Counter-based random numbers: a draw is a function of (seed, stream, step, index) and of nothing else.
//
// Philox4x32-10 [Salmon, Moraes, Dror & Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011] maps a
// 128-bit counter and a 64-bit key to 128 random bits. The key is the seed, the counter is
// (index, stream, step), so draws depend neither on the number of threads nor on what was drawn before:
// a resumed run needs only its step. Nothing here has state; there is no generator object to save.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

/// Names one stream of draws, by hashing a word ("shuffle", "latent"), so that two purposes never share
/// numbers.
constexpr std::uint32_t stream_id(std::string_view name) {
  std::uint32_t hash = 2166136261u;  // FNV-1a, 32 bits
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

/// Where in the space of all draws we are. Copy it, change a field, pass it on.
struct Draw {
  std::uint64_t seed = 0;
  std::uint32_t stream = 0;
  std::uint64_t step = 0;

  Draw on(std::string_view stream_name) const { return {seed, stream_id(stream_name), step}; }
  Draw at(std::uint64_t new_step) const { return {seed, stream, new_step}; }
};

/// Four 32-bit words: block `index` of the draw.
std::array<std::uint32_t, 4> random_bits(const Draw& draw, std::uint32_t index);

/// One double in [0, 1) with 53 random bits: number `index` of the draw.
double uniform01(const Draw& draw, std::uint32_t index);

/// Fills with U(low, high). Element i is a function of (draw, i).
void fill_uniform(std::span<float> out, const Draw& draw, float low = 0, float high = 1);
void fill_uniform(std::span<double> out, const Draw& draw, double low = 0, double high = 1);

/// Fills with N(mean, sd²), by Box–Muller. Element i is a function of (draw, i).
void fill_normal(std::span<float> out, const Draw& draw, float mean = 0, float sd = 1);
void fill_normal(std::span<double> out, const Draw& draw, double mean = 0, double sd = 1);

/// A uniformly random permutation of 0 … n−1 (Fisher–Yates).
std::vector<std::uint32_t> permutation(std::size_t n, const Draw& draw);
/// The same, into a buffer of n elements that the caller keeps.
void fill_permutation(std::span<std::uint32_t> out, const Draw& draw);

}  // namespace pushforward
#pragma GCC visibility pop
