// SPDX-License-Identifier: Apache-2.0
//
// activate_backward sums columns a whole strip of 64 at a time. Few channels would leave that strip almost
// empty, so several pixels are taken for one row, and their sums are added up afterwards.
#include "ops/channel_gradient.hpp"

#include <array>

namespace pushforward {
namespace {

constexpr std::size_t kStrip = 64;

// How many pixels make up a row: a power of two that divides their number.
std::size_t pixels_in_a_row(std::size_t pixels, std::size_t channels) {
  std::size_t n = 1;
  while (2 * n * channels <= kStrip && pixels % (2 * n) == 0) n *= 2;
  return n;
}

}  // namespace

View<const float> channel_gradient(const Activation& f, std::size_t channels, View<const float> dy,
                                   View<const float> y, View<float> room, float* bias) {
  if (f.linear() && !bias) return dy;
  const std::size_t pixels = dy.size() / channels, together = pixels_in_a_row(pixels, channels);
  const auto rows = [&](auto v) {
    using Rows = decltype(v);
    return v.wanted() ? Rows{v.data, pixels / together, channels * together} : Rows{};
  };
  std::array<float, kStrip> sums{};
  float* const into = bias && together > 1 ? sums.data() : bias;
  activate_backward(f, rows(dy), rows(f.linear() ? dy : y), rows(f.linear() ? View<float>{} : room), into);
  if (bias && together > 1)
    for (std::size_t i = 0; i < together * channels; ++i) bias[i % channels] += sums[i];
  return f.linear() ? dy : View<const float>(room);
}

}  // namespace pushforward
