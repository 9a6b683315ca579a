// SPDX-License-Identifier: Apache-2.0
// Sets the number of threads for a test and puts it back.
#pragma once

#include "pushforward/threads.hpp"

namespace pushforward::testing {

struct Threads {
  explicit Threads(int count) : before(threads()) { set_threads(count); }
  ~Threads() { set_threads(before); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  int before;
};

}  // namespace pushforward::testing
