// SPDX-License-Identifier: Apache-2.0
// Philox4x32-10 by Random123, and what is drawn in double precision; random_float.cpp has the vectors.
#include "pushforward/random.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <Random123/philox.h>

namespace pushforward {
namespace {

constexpr double kTwoTo53 = 9007199254740992.0;

// 53 bits of two words, in [0, 1).
double unit(std::uint32_t low, std::uint32_t high) {
  const std::uint64_t bits = (static_cast<std::uint64_t>(high) << 32) | low;
  return static_cast<double>(bits >> 11) / kTwoTo53;
}

struct Pair {
  double first, second;
};

// Box & Muller (1958): two independent standard normal draws from two uniform ones; 1−u avoids ln 0.
Pair box_muller(double u, double v) {
  const double radius = std::sqrt(-2.0 * std::log1p(-u));
  const double angle = 2.0 * std::numbers::pi * v;
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace

std::array<std::uint32_t, 4> random_bits(const Draw& draw, std::uint32_t index) {
  const philox4x32_key_t key = {
      {static_cast<std::uint32_t>(draw.seed), static_cast<std::uint32_t>(draw.seed >> 32)}};
  const philox4x32_ctr_t counter = {{index, draw.stream, static_cast<std::uint32_t>(draw.step),
                                     static_cast<std::uint32_t>(draw.step >> 32)}};
  const philox4x32_ctr_t out = philox4x32(counter, key);
  return {out[0], out[1], out[2], out[3]};
}

double uniform01(const Draw& draw, std::uint32_t index) {
  const auto w = random_bits(draw, index / 2);
  return index % 2 == 0 ? unit(w[0], w[1]) : unit(w[2], w[3]);
}

void fill_uniform(std::span<double> out, const Draw& draw, double low, double high) {
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = low + (high - low) * uniform01(draw, static_cast<std::uint32_t>(i));
}

void fill_normal(std::span<double> out, const Draw& draw, double mean, double sd) {
  for (std::size_t i = 0; i < out.size(); i += 2) {
    const auto w = random_bits(draw, static_cast<std::uint32_t>(i / 2));
    const Pair pair = box_muller(unit(w[0], w[1]), unit(w[2], w[3]));
    out[i] = mean + sd * pair.first;
    if (i + 1 < out.size()) out[i + 1] = mean + sd * pair.second;
  }
}

void fill_permutation(std::span<std::uint32_t> out, const Draw& draw) {
  std::iota(out.begin(), out.end(), 0u);
  for (std::size_t i = out.size(); i-- > 1;) {
    // Multiply–shift maps 64 random bits to 0 … i; its bias, below 2^-32 for n < 2^32, is beyond measurement.
    const auto w = random_bits(draw, static_cast<std::uint32_t>(i));
    const std::uint64_t bits = (static_cast<std::uint64_t>(w[1]) << 32) | w[0];
    const auto j =
        static_cast<std::size_t>(static_cast<double>(bits >> 11) / kTwoTo53 * static_cast<double>(i + 1));
    std::swap(out[i], out[j]);
  }
}

std::vector<std::uint32_t> permutation(std::size_t n, const Draw& draw) {
  std::vector<std::uint32_t> out(n);
  fill_permutation(out, draw);
  return out;
}

}  // namespace pushforward
