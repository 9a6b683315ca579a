// SPDX-License-Identifier: Apache-2.0
//
// One pool of threads for everything, sized to the processors that this process may use.
//
// A thread that comes late costs nothing: pieces of work are claimed, not assigned, and whoever asked for the
// work does what nobody claims. So a busy neighbour on one processor costs at most its share.
#pragma once

#include <cstddef>
#include <memory>
#include <type_traits>

#pragma GCC visibility push(default)
namespace pushforward {

/// Borrows something callable for the length of a call, without allocating.
template <class Signature>
class Callable;
template <class... Arguments>
class Callable<void(Arguments...)> {
 public:
  template <class F>
  requires(!std::is_same_v<std::remove_cvref_t<F>, Callable>) Callable(F&& f)
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(f)))),
        call_([](void* object, Arguments... arguments) {
          (*static_cast<std::remove_reference_t<F>*>(object))(arguments...);
        }) {}
  void operator()(Arguments... arguments) const { call_(object_, arguments...); }

 private:
  void* object_;
  void (*call_)(void*, Arguments...);
};

/// Processors that this process may run on (its affinity mask), at least 1.
int usable_processors();

/// Sets how many threads this thread's later parallel work may use; 0 = usable_processors().
void set_threads(int count);
/// How many threads parallel work may use.
int threads();

/// Calls body(begin, end) on contiguous pieces of 0 … n−1, one a thread, when n ≥ 2·grain; else once, here.
/// Pieces depend only on n, grain and threads(), so results reduced per piece in order are repeatable; which
/// thread runs a piece is not fixed. An exception thrown by `body` is rethrown here (the first, by piece).
/// Within `body`, further parallel work runs on the one thread.
void parallel_for(std::size_t n, std::size_t grain, Callable<void(std::size_t, std::size_t)> body);

/// Calls body(i) for i = 0 … count−1, each once, claimed one by one in order by up to threads() threads. For
/// tasks of unequal length; exceptions as above.
void parallel_tasks(std::size_t count, Callable<void(std::size_t)> body);

}  // namespace pushforward
#pragma GCC visibility pop
