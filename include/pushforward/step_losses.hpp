// SPDX-License-Identifier: Apache-2.0
// A loss and its named parts, as a step of training reports them.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#pragma GCC visibility push(default)
namespace pushforward {

/// The loss of a batch, mean over its observations, and its named parts. Fixed size: made every step.
struct Losses {
  struct Part {
    std::string_view name;  ///< outlives the model: "reconstruction", "kl"
    double value = 0;
  };
  double loss = 0;
  std::array<Part, 16> parts{};
  std::size_t count = 0;

  void add(std::string_view name, double value) { parts.at(count++) = {name, value}; }
};

}  // namespace pushforward
#pragma GCC visibility pop
