// SPDX-License-Identifier: Apache-2.0
//
// Which two-sample test for samples of these sizes, and why.
//
// The choice looks at sizes alone, never at values, so that a chosen test keeps its level.
#pragma once

#include <cstddef>
#include <string>

#include "pushforward/spec.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct TestChoice {
  Spec test;
  std::string reason;  ///< "2 × 500 rows of 2 features: …"
};

/// n and m rows of d features. The rule stands in src/two_sample/choose_test.cpp.
TestChoice choose_test(std::size_t n, std::size_t m, std::size_t d);

}  // namespace pushforward
#pragma GCC visibility pop
