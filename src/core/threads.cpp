// SPDX-License-Identifier: Apache-2.0
//
// The pool: tasks are claimed from a counter, and nobody waits for a thread that has claimed nothing.
//
// The problem: on a machine that is also doing other things, a team of threads with a barrier at the end of
// every parallel region runs at the pace of the thread that the scheduler has taken off its processor, a
// time slice (3 ms) at a time, and the others spin meanwhile. Measured on two processors, one of them busy
// with another program: a training step of 3.5 ms on one thread took 12 ms, and up to 29, on two threads of
// libgomp as it comes; 4.7 to 5.7 ms with its spinning shortened through the environment.
//
// The idea: a region's tasks are claimed one by one. The caller claims, too, until none is left, and then
// waits only for tasks that others have begun. A worker that sleeps, or whose processor is taken, has claimed
// nothing and is not missed. The number of tasks and the next task share one 64-bit word, so that a late
// worker cannot claim from a region that is over: its exchange fails. Waiting threads spin for some 200 µs
// (in a training step the next region follows within that) and then sleep in the kernel, which lets the
// scheduler move a displaced worker to the processor that thereby falls free.
//
// A worker may still lose its processor in the midst of a task. Where the caller has lost more time by
// waiting for one than help has saved since the last time, workers rest (20 ms, doubled up to 640 while it
// goes on happening) and help only with regions that last longer than 2 ms. What is computed does not change:
// tasks stay as they are cut, the caller just does them all. Measured as above, one processor busy: two
// threads run at 0.9 to 0.97 times the speed of one.
//
// The pool lives as long as the process (it is never destroyed, so that no thread outlives what it uses), is
// made at the first region that wants a second thread, and serves one region at a time: a region that begins
// inside another, or beside one of another thread, runs on its own thread. oneDNN is only ever asked for
// single-threaded work, by these threads (ops_onednn.cpp).
//
// Rejected: libgomp with a shorter GOMP_SPINCOUNT, which must be in the environment before the program
// starts, so that the program would have to execute itself again and a library could not have it at all; and
// a barrier in any form, for the reason above.
#include "pushforward/threads.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#ifdef __linux__
#include <sched.h>
#endif

#include "core/subnormals.hpp"
#include "core/threads_refused.hpp"

namespace pushforward {
namespace {

thread_local int wanted_threads = 0;    // 0: usable_processors()
thread_local bool in_parallel = false;  // this thread is running a task

inline void relax() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// A worker takes no signal: they are for the threads of whoever uses this library, which may hold them back.
struct AllSignalsHeld {
  AllSignalsHeld() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
  }
  AllSignalsHeld(const AllSignalsHeld&) = delete;
  AllSignalsHeld& operator=(const AllSignalsHeld&) = delete;
  ~AllSignalsHeld() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
  sigset_t before{};
};

using Clock = std::chrono::steady_clock;
using Nanoseconds = std::int64_t;  // since the clock's beginning

Nanoseconds now() { return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count(); }

constexpr Nanoseconds kMillisecond = 1'000'000;
constexpr Nanoseconds kStall = kMillisecond;  // waiting longer than this, and than the work took, is one
constexpr Nanoseconds kGainShare = 4;         // of the time that helpers help, about what they save
constexpr Nanoseconds kLongRegion = 2 * kMillisecond;  // is helped with even while helpers rest
constexpr Nanoseconds kShortestRest = 20 * kMillisecond, kLongestRest = 640 * kMillisecond;

// Waits until done(), first spinning, then asleep while `word` keeps the value that it had.
template <class Done>
void wait_until(std::atomic<std::uint32_t>& word, const Done& done) {
  constexpr int kSpins = 5000;  // of some 40 ns
  for (int i = 0; i < kSpins; ++i, relax())
    if (done()) return;
  for (std::uint32_t seen = word.load(); !done(); seen = word.load()) word.wait(seen);
}

class Pool {
 public:
  // Runs task(0) … task(count−1) on this thread and up to helpers others. False: the pool is taken.
  bool refused() const { return refused_.load(std::memory_order_relaxed); }

  bool run(std::size_t count, std::size_t helpers, const Callable<void(std::size_t)>& task) {
    const std::unique_lock owner(owner_, std::try_to_lock);
    if (!owner) return false;
    recruit(helpers);
    task_ = &task;
    flush_ = flushes_subnormals();
    problem_ = nullptr;
    done_.store(0, std::memory_order_relaxed);
    limit_.store(static_cast<std::uint32_t>(helpers), std::memory_order_relaxed);
    const Nanoseconds begin = now();
    begun_.store(begin, std::memory_order_relaxed);
    ticket_.store(static_cast<std::uint64_t>(count) << 32, std::memory_order_release);
    bell_.fetch_add(1);
    bell_.notify_all();
    while (claim_and_run()) {
    }
    if (done_.load(std::memory_order_acquire) != count) wait_for_helpers(count, begin);
    if (problem_) std::rethrow_exception(problem_);
    return true;
  }

 private:
  // The ticket: number of tasks (32 bits), next task (32 bits).
  static std::size_t count_of(std::uint64_t ticket) { return ticket >> 32; }
  static std::size_t next_of(std::uint64_t ticket) { return ticket & 0xffffffff; }
  static bool open(std::uint64_t ticket) { return next_of(ticket) < count_of(ticket); }

  // Waits for tasks that helpers have begun. Where that takes much longer than this thread's own share did, a
  // helper has been taken off its processor. If that lost more than helping has gained since the last time,
  // helpers rest for a while, the longer the more often it happens.
  void wait_for_helpers(std::size_t count, Nanoseconds begin) {
    const Nanoseconds ready = now();
    wait_until(done_, [&] { return done_.load(std::memory_order_acquire) == count; });
    const Nanoseconds end = now(), lost = end - ready;
    if (lost < std::max(kStall, ready - begin)) return;
    const Nanoseconds helped = ready - std::max(last_stall_, rest_until_.load(std::memory_order_relaxed));
    last_stall_ = end;
    if (lost < helped / kGainShare) {
      rest_ = kShortestRest;
      return;
    }
    rest_until_.store(end + rest_, std::memory_order_relaxed);
    rest_ = std::min(2 * rest_, kLongestRest);
  }

  // Whether a helper that was called should help: while helpers rest, only with regions that last.
  bool wanted() const {
    if (now() >= rest_until_.load(std::memory_order_relaxed)) return true;
    std::this_thread::sleep_for(std::chrono::nanoseconds(kLongRegion));
    return now() - begun_.load(std::memory_order_relaxed) > kLongRegion;
  }

  // Claims one task and runs it; false when none is left. A claimed task keeps its region alive: the caller
  // waits for it, so task_ is the one that belongs to the ticket.
  bool claim_and_run() {
    std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
    do {
      if (!open(ticket)) return false;
    } while (!ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel));
    const std::size_t index = next_of(ticket);
    flush_subnormals(flush_);  // a helper computes as the caller does
    in_parallel = true;
    try {
      (*task_)(index);
    } catch (...) {
      keep(std::current_exception(), index);
    }
    in_parallel = false;
    done_.fetch_add(1, std::memory_order_acq_rel);
    done_.notify_one();
    return true;
  }

  void keep(std::exception_ptr problem, std::size_t index) {
    const std::scoped_lock lock(problem_lock_);
    if (!problem_ || index < problem_index_) problem_ = std::move(problem), problem_index_ = index;
  }

  // Where the system gives no more threads (a limit on processes, or on memory for stacks), there are fewer:
  // what nobody claims the caller does.
  void recruit(std::size_t helpers) {
    const AllSignalsHeld held;  // a thread begins with its maker's mask
    while (workers_ < helpers && !refused_.load(std::memory_order_relaxed)) {
      try {
        std::thread([this, rank = workers_] { work(rank); }).detach();
        ++workers_;
      } catch (const std::system_error&) {
        refused_.store(true, std::memory_order_relaxed);
      }
    }
  }

  [[noreturn]] void work(std::size_t rank) {
    for (;;) {
      const std::uint32_t heard = bell_.load();
      if (open(ticket_.load(std::memory_order_acquire)) && rank < limit_.load(std::memory_order_relaxed) &&
          wanted())
        while (claim_and_run()) {
        }
      wait_until(bell_, [&] { return bell_.load() != heard; });
    }
  }

  std::mutex owner_, problem_lock_;
  const Callable<void(std::size_t)>* task_ = nullptr;
  bool flush_ = false;
  std::exception_ptr problem_;
  std::size_t problem_index_ = 0, workers_ = 0;
  Nanoseconds rest_ = kShortestRest, last_stall_ = 0;  // the owner's
  std::atomic<Nanoseconds> begun_{0}, rest_until_{0};
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
  alignas(64) std::atomic<std::uint32_t> done_{0};
  alignas(64) std::atomic<std::uint32_t> bell_{0};  // rung at every region
  std::atomic<bool> refused_{false};                // the system gave no more threads
  std::atomic<std::uint32_t> limit_{0};             // workers of this rank and above are not wanted
};

Pool& pool() {
  static Pool* the_pool = new Pool;  // never destroyed: its threads run until the process ends
  return *the_pool;
}

}  // namespace

int usable_processors() {
  static const int count = [] {
#ifdef __linux__
    cpu_set_t set;
    CPU_ZERO(&set);
    return sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
#else
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
#endif
  }();
  return count;
}

bool threads_refused() { return pool().refused(); }

void set_threads(int count) { wanted_threads = std::max(0, count); }

int threads() { return wanted_threads > 0 ? wanted_threads : usable_processors(); }

void parallel_tasks(std::size_t count, Callable<void(std::size_t)> body) {
  const std::size_t helpers = std::min<std::size_t>(static_cast<std::size_t>(threads()), count) - (count > 0);
  const bool alone = in_parallel || helpers == 0 || count > 0xffffffff;
  if (!alone && pool().run(count, helpers, body)) return;
  for (std::size_t i = 0; i < count; ++i) body(i);
}

void parallel_for(std::size_t n, std::size_t grain, Callable<void(std::size_t, std::size_t)> body) {
  const std::size_t pieces =
      std::min<std::size_t>(static_cast<std::size_t>(threads()), n / std::max<std::size_t>(1, grain));
  if (pieces < 2) {
    if (n > 0) body(0, n);
    return;
  }
  parallel_tasks(pieces, [&](std::size_t p) { body(n * p / pieces, n * (p + 1) / pieces); });
}

}  // namespace pushforward
