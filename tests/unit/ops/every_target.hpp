// SPDX-License-Identifier: Apache-2.0
// Runs a check once for every set of vector instructions that the kernels were compiled for and this
// processor has.
#pragma once

#include <functional>
#include <string>

#include <gtest/gtest.h>
#include <hwy/highway.h>

namespace pushforward {

inline void for_every_target(const std::function<void()>& check) {
  for (std::int64_t left = HWY_TARGETS & hwy::SupportedTargets(); left != 0; left &= left - 1) {
    const std::int64_t one = left & -left;
    SCOPED_TRACE(hwy::TargetName(one));
    hwy::SetSupportedTargetsForTest(one);
    hwy::GetChosenTarget().DeInit();
    check();
  }
  hwy::SetSupportedTargetsForTest(0);
  hwy::GetChosenTarget().DeInit();
}

}  // namespace pushforward
