// SPDX-License-Identifier: Apache-2.0
//
// How a row of numbers is laid out, and in which arithmetic its products run.
#pragma once

#include <cstddef>
#include <string>

#pragma GCC visibility push(default)
namespace pushforward {

/// How a row is laid out: an image of height × width × channels (channels last), or a plain vector.
struct RowShape {
  std::size_t height = 1, width = 1, channels = 1;  ///< a vector of d features is 1 × d × 1
  bool image = false;

  std::size_t size() const { return height * width * channels; }
  bool operator==(const RowShape&) const = default;
  /// "28x28", "25x25x3" or "784".
  std::string text() const;
};

/// In which arithmetic matrix products run; everything else is float32 with float64 sums where it matters.
enum class Precision { f32, bf16 };

}  // namespace pushforward
#pragma GCC visibility pop
