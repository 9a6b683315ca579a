// SPDX-License-Identifier: Apache-2.0
//
// Ranks that are threads of one process: for tests, which so need no MPI.
//
// A call is two meetings: all ranks lay out what they send, meet, copy what is theirs, and meet again, so
// that nobody's memory goes before all have read it. A rank that throws breaks the meeting for all others.
#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "pushforward/collective.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

class Meeting {
 public:
  explicit Meeting(std::size_t count) : bytes(count), counts(count), count_(count) {}

  void meet() {
    std::unique_lock lock(lock_);
    const std::size_t round = round_;
    if (++here_ == count_) {
      here_ = 0, ++round_;
      all_here_.notify_all();
    }
    all_here_.wait(lock, [&] { return round_ != round || broken_; });
    if (round_ == round) throw WorkError("a rank: another one has stopped, and this one waited for it");
  }
  void leave_broken() {
    const std::scoped_lock lock(lock_);
    broken_ = true;
    all_here_.notify_all();
  }

  std::vector<std::span<const std::byte>> bytes;     // what each rank has laid out
  std::vector<std::span<const std::size_t>> counts;  // and how much of it is whose

 private:
  std::mutex lock_;
  std::condition_variable all_here_;
  std::size_t count_, here_ = 0, round_ = 0;
  bool broken_ = false;
};

class ThreadRank final : public Collective {
 public:
  ThreadRank(Meeting& meeting, std::size_t rank) : meeting_(meeting), rank_(rank) {}

  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return meeting_.bytes.size(); }
  void barrier() override { meeting_.meet(); }

  void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all,
                    std::span<const std::size_t>) override {
    meeting_.bytes[rank_] = mine;
    meeting_.meet();
    auto to = all.begin();
    for (const auto& part : meeting_.bytes) to = std::ranges::copy(part, to).out;
    meeting_.meet();
  }

  void exchange_bytes(std::span<const std::byte> mine, std::span<const std::size_t> sent,
                      std::span<std::byte> all, std::span<const std::size_t>) override {
    meeting_.bytes[rank_] = mine, meeting_.counts[rank_] = sent;
    meeting_.meet();
    auto to = all.begin();
    for (std::size_t r = 0; r < size(); ++r) {
      std::size_t begin = 0;
      for (std::size_t q = 0; q < rank_; ++q) begin += meeting_.counts[r][q];
      to = std::ranges::copy(meeting_.bytes[r].subspan(begin, meeting_.counts[r][rank_]), to).out;
    }
    meeting_.meet();
  }

  void broadcast_bytes(std::span<std::byte> bytes) override {
    if (rank_ == 0) meeting_.bytes[0] = bytes;
    meeting_.meet();
    if (rank_ != 0) std::ranges::copy(meeting_.bytes[0], bytes.begin());
    meeting_.meet();
  }

 private:
  Meeting& meeting_;
  std::size_t rank_;
};

}  // namespace

void run_ranks(std::size_t count, const std::function<void(std::size_t)>& body) {
  Meeting meeting(count);
  std::vector<std::exception_ptr> problems(count);
  std::vector<std::thread> ranks;
  const int each = threads();
  for (std::size_t r = 0; r < count; ++r)
    ranks.emplace_back([&, r] {
      set_threads(each);
      ThreadRank mine(meeting, r);
      const Sharing sharing(mine);
      try {
        body(r);
      } catch (...) {
        problems[r] = std::current_exception();
        meeting.leave_broken();
      }
    });
  for (std::thread& rank : ranks) rank.join();
  for (const std::exception_ptr& problem : problems)
    if (problem) std::rethrow_exception(problem);
}

}  // namespace pushforward
