// SPDX-License-Identifier: Apache-2.0
// Silence of all ranks but one, and the end of all.
#include "ranks.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "core/text.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward::cli {
namespace {

// Rank 0 prints; the same from all others would only be in the way.
int silence() {
  const int kept = ::dup(2), nowhere = ::open("/dev/null", O_WRONLY);
  ::dup2(nowhere, 1), ::dup2(nowhere, 2);
  ::close(nowhere);
  return kept;
}

}  // namespace

void Ranks::join(const std::vector<std::string>& words) {
  const std::size_t count = started_processes();
  if (count == 1) return;
  if (!has_mpi())
    throw RequestError(Complaint{"mpirun", fmt::format("{} copies of a program without MPI", count),
                                 "one built with -DPUSHFORWARD_MPI=ON",
                                 "as it is, all would do the same work"});
  processes_ = join_processes();
  sharing_.emplace(*processes_);
  if (processes_->rank() > 0) standard_error_ = silence();
  if (words.empty() || words[0] != "train")
    throw RequestError(Complaint{fmt::format("{} ranks", count), words.empty() ? "no command" : words[0],
                                 "train, which runs on several", "every other command runs on one"});
}

int Ranks::end(int status, const std::string& complaint) {
  constexpr std::chrono::seconds kForRankZero{5};
  if (!processes_ || complaint.empty()) {
    sharing_.reset(), processes_.reset();
    return status;
  }
  if (processes_->rank() > 0) {
    std::this_thread::sleep_for(kForRankZero);
    const std::string line = fmt::format("pushforward: error: rank {}: {}\n", processes_->rank(), complaint);
    [[maybe_unused]] const auto written = ::write(standard_error_, line.data(), line.size());
  }
  abort_processes(status);
}

void set_threads_of_rank(int count) {
  const std::size_t ranks = collective().size();
  if (count > 0 || ranks == 1) return set_threads(count);
  const char* here = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");  // of this machine
  const int sharing = std::max(1, here ? std::atoi(here) : static_cast<int>(ranks));
  // A process that is bound to some processors has them for itself.
  const int all = static_cast<int>(std::thread::hardware_concurrency()), mine = usable_processors();
  set_threads(mine < all ? mine : std::max(1, mine / sharing));
}

}  // namespace pushforward::cli
