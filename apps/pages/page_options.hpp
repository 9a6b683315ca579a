// SPDX-License-Identifier: Apache-2.0
// What all pages about results are asked with.
#pragma once

#include <cstdint>

#include "pushforward/evaluate.hpp"

namespace pushforward::pages {

struct PageOptions {
  std::uint64_t seed = 0;
  Listener listener{};
};

}  // namespace pushforward::pages
