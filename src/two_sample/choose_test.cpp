// SPDX-License-Identifier: Apache-2.0
//
// The rule behind `test -m auto`.
//
//   one row in a sample                     energy      an unbiased MMD needs two
//   over 20,000 rows in all, 500 in either  c2st-logit  kernels cost (n + m)², a classifier n + m
//   256 features, 500 rows in either        c2st-logit  a network, fitted to one half, finds which differ
//   else                                    mmd-fuse    tries 20 kernels on all rows, and holds none out
#include "pushforward/choose_test.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace pushforward {

TestChoice choose_test(std::size_t n, std::size_t m, std::size_t d) {
  constexpr std::size_t kKernelRows = 20'000, kLearnedRows = 500, kManyFeatures = 256;
  const std::size_t least = std::min(n, m);
  const std::string sizes = n == m ? fmt::format("2 × {} rows of {} features", n, d)
                                   : fmt::format("{} + {} rows of {} features", n, m, d);
  const auto choice = [&](const char* test, const char* why) {
    return TestChoice{Spec{test}, sizes + ": " + why};
  };
  if (least < 2) return choice("energy", "the tests by unbiased MMD need two rows in either sample");
  if (n + m > kKernelRows && least >= kLearnedRows)
    return choice("c2st-logit", "a classifier's cost grows with the rows, that of kernels with their square");
  if (d >= kManyFeatures && least >= kLearnedRows)
    return choice("c2st-logit", "in many features a network, fitted to one half, finds which of them differ");
  return choice("mmd-fuse", "kernels of many bandwidths on all rows; nothing is held out");
}

}  // namespace pushforward
