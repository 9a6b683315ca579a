// SPDX-License-Identifier: Apache-2.0
//
// One pool of threads (OpenMP's, shared with oneDNN), sized to the processors that this process may use.
#pragma once

#include <cstddef>

namespace pushforward {

/// Processors that this process may run on (its affinity mask), at least 1.
int usable_processors();

/// Sets the size of the pool for this thread's later parallel work; 0 = usable_processors().
void set_threads(int count);
/// The size of the pool.
int threads();

namespace detail {
using RangeCall = void (*)(const void* body, std::size_t begin, std::size_t end);
void parallel_ranges(std::size_t n, std::size_t grain, const void* body, RangeCall call);
}  // namespace detail

/// Calls body(begin, end) on contiguous pieces of 0 … n−1, one a thread, when n ≥ 2·grain; else once, here.
/// Pieces depend only on n, grain and threads(), so results reduced per piece in order are repeatable.
/// An exception thrown by `body` is rethrown here (the first, by piece). Allocates nothing: `body` is
/// borrowed.
template <class Body>
void parallel_for(std::size_t n, std::size_t grain, const Body& body) {
  detail::parallel_ranges(n, grain, &body, [](const void* b, std::size_t begin, std::size_t end) {
    (*static_cast<const Body*>(b))(begin, end);
  });
}

}  // namespace pushforward
