// SPDX-License-Identifier: Apache-2.0
// Rows and columns of a kernel, a stride, a padding, …
#pragma once

#include <cstddef>

#pragma GCC visibility push(default)
namespace pushforward {

struct Extent {
  std::size_t height = 1, width = 1;

  std::size_t area() const { return height * width; }
  bool operator==(const Extent&) const = default;
};

}  // namespace pushforward
#pragma GCC visibility pop
