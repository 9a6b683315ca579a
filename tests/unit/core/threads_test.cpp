// SPDX-License-Identifier: Apache-2.0
// The pool: every task once, errors, nesting, two callers at once, many short regions, pieces that do not
// depend on who runs them.
#include "pushforward/threads.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "core/subnormals.hpp"
#include "support/threads.hpp"

namespace pushforward {
namespace {

using testing::Threads;

TEST(ThreadPool, RunsEveryTaskOnceHoweverManyThreads) {
  for (const int count : {1, 2, 3, 7}) {
    const Threads set(count);
    for (const std::size_t tasks : {0u, 1u, 2u, 5u, 1000u}) {
      std::vector<std::atomic<int>> seen(tasks);
      parallel_tasks(tasks, [&](std::size_t i) { ++seen[i]; });
      for (const auto& s : seen) EXPECT_EQ(s.load(), 1);
    }
  }
}

TEST(ThreadPool, ManyShortRegionsAddUp) {
  const Threads set(4);
  std::atomic<long> sum{0};
  for (int region = 0; region < 20000; ++region)
    parallel_tasks(3, [&](std::size_t i) { sum += static_cast<long>(i) + 1; });
  EXPECT_EQ(sum.load(), 20000L * 6);
}

TEST(ThreadPool, PiecesDependOnNothingButTheirNumbers) {
  const Threads set(3);
  std::vector<std::pair<std::size_t, std::size_t>> first(3), again(3);
  const auto record = [](auto& into) {
    return [&into](std::size_t begin, std::size_t end) { into[begin / 33] = {begin, end}; };
  };
  parallel_for(101, 1, record(first));
  for (int i = 0; i < 100; ++i) {
    parallel_for(101, 1, record(again));
    ASSERT_EQ(first, again);
  }
  EXPECT_EQ(first, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 33}, {33, 67}, {67, 101}}));
}

TEST(ThreadPool, PassesOnTheFirstErrorAndWorksAfterwards) {
  const Threads set(4);
  for (int i = 0; i < 50; ++i) {
    try {
      parallel_tasks(8, [](std::size_t task) {
        if (task % 2 == 1) throw std::runtime_error(std::to_string(task));
      });
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "1");
    }
  }
  std::atomic<int> done{0};
  parallel_tasks(8, [&](std::size_t) { ++done; });
  EXPECT_EQ(done.load(), 8);
}

TEST(ThreadPool, NestedWorkRunsWithinItsTask) {
  const Threads set(2);
  std::atomic<int> inner{0};
  parallel_tasks(4, [&](std::size_t) {
    const auto here = std::this_thread::get_id();
    parallel_tasks(5, [&](std::size_t) {
      EXPECT_EQ(std::this_thread::get_id(), here);
      ++inner;
    });
  });
  EXPECT_EQ(inner.load(), 20);
}

TEST(ThreadPool, ServesTwoCallersAtOnce) {
  std::vector<long> sums(2);
  const auto work = [&](std::size_t who) {
    set_threads(2);
    for (int region = 0; region < 2000; ++region) {
      std::atomic<long> sum{0};
      parallel_for(1000, 1, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i) sum += static_cast<long>(i);
      });
      sums[who] += sum.load();
    }
  };
  std::thread other([&] { work(1); });
  std::thread one([&] { work(0); });
  one.join(), other.join();
  EXPECT_EQ(sums[0], 2000L * 499500);
  EXPECT_EQ(sums[1], sums[0]);
}

TEST(ThreadPool, CountIsTheCallersOwn) {
  const Threads set(5);
  EXPECT_EQ(threads(), 5);
  std::thread([] { EXPECT_EQ(threads(), usable_processors()); }).join();
  set_threads(0);
  EXPECT_EQ(threads(), usable_processors());
}

// The smallest normal number halved is subnormal: 0 while they are flushed, in helpers' tasks, too.
TEST(Subnormals, AreFlushedWithinTheScopeAndInThePool) {
  const Threads four(4);
  const auto halves = [] {
    std::vector<float> out(64);
    parallel_tasks(out.size(), [&](std::size_t i) {
      volatile float smallest = 1.17549435e-38f;
      out[i] = smallest / 2;
      std::this_thread::sleep_for(std::chrono::microseconds(100));  // so that helpers get some
    });
    return std::count(out.begin(), out.end(), 0.0f);
  };
  EXPECT_EQ(halves(), 0);
  {
    const FlushSubnormals flush;
    EXPECT_TRUE(flushes_subnormals());
    EXPECT_EQ(halves(), 64);
  }
  EXPECT_FALSE(flushes_subnormals());
  EXPECT_EQ(halves(), 0);
}

}  // namespace
}  // namespace pushforward
