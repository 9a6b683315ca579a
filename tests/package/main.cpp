// SPDX-License-Identifier: Apache-2.0
// Uses the installed library only: its public headers and its archive.
#include <cstdio>

#include <pushforward/error.hpp>
#include <pushforward/random.hpp>

int main() {
  const auto order = pushforward::permutation(10, pushforward::Draw{.seed = 1});
  for (auto index : order) std::printf("%u ", index);
  std::printf("\n");
  return order.size() == 10 ? 0 : 1;
}
