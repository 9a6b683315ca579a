// SPDX-License-Identifier: Apache-2.0
// A shape as people write it: "28x28", "25x25x3" or "784".
#include "pushforward/shape.hpp"

#include <fmt/format.h>

namespace pushforward {

std::string RowShape::text() const {
  if (!image) return fmt::format("{}", size());
  return channels == 1 ? fmt::format("{}x{}", height, width)
                       : fmt::format("{}x{}x{}", height, width, channels);
}

}  // namespace pushforward
