// SPDX-License-Identifier: Apache-2.0
// OpenMP behind two small functions.
#include "pushforward/threads.hpp"

#include <algorithm>
#include <exception>

#include <omp.h>
#include <sched.h>

namespace pushforward {

int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

void set_threads(int count) { omp_set_num_threads(count > 0 ? count : usable_processors()); }

int threads() { return omp_get_max_threads(); }

void detail::parallel_ranges(std::size_t n, std::size_t grain, const void* body, RangeCall call) {
  const std::size_t pieces =
      std::min<std::size_t>(static_cast<std::size_t>(threads()), n / std::max<std::size_t>(1, grain));
  if (pieces < 2) {
    if (n > 0) call(body, 0, n);
    return;
  }
  std::exception_ptr problem;
  std::size_t problem_piece = pieces;
#pragma omp parallel for num_threads(static_cast <int>(pieces)) schedule(static, 1)
  for (std::size_t p = 0; p < pieces; ++p) {
    try {
      call(body, n * p / pieces, n * (p + 1) / pieces);
    } catch (...) {
#pragma omp critical(pushforward_parallel_problem)
      if (p < problem_piece) problem = std::current_exception(), problem_piece = p;
    }
  }
  if (problem) std::rethrow_exception(problem);
}

}  // namespace pushforward
