// SPDX-License-Identifier: Apache-2.0
//
// Ranks that are processes, joined by MPI: optional (-DPUSHFORWARD_MPI=ON), and known to this file alone.
//
// Ranks that share a processor must not wait by spinning: where mpirun says that more ranks are here than
// processors, Open MPI is told to yield, before it starts. What goes wrong within MPI ends all processes,
// which is MPI's own default; a process that is killed is noticed by mpirun, which says so and ends the
// others.
#include "pushforward/collective.hpp"

#ifdef PUSHFORWARD_MPI
#include <mpi.h>
#endif

#include <cstdlib>
#include <limits>

#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {

#ifdef PUSHFORWARD_MPI
namespace {

int as_int(std::size_t count) {
  if (count > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw WorkError("ranks: got more than 2 GB for one message, wanted less; a smaller network sends less");
  return static_cast<int>(count);
}

// Counts and where each begins, as MPI wants them.
struct Layout {
  std::vector<int> counts{}, begins{};

  explicit Layout(std::span<const std::size_t> sizes) {
    std::size_t begin = 0;
    for (const std::size_t size : sizes) {
      counts.push_back(as_int(size)), begins.push_back(as_int(begin));
      begin += size;
    }
  }
};

class Processes final : public Collective {
 public:
  Processes() {
    const char* here = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
    if (here && std::atoi(here) > usable_processors()) ::setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
    int given = 0, rank = 0, size = 1;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank), MPI_Comm_size(MPI_COMM_WORLD, &size);
    rank_ = static_cast<std::size_t>(rank), size_ = static_cast<std::size_t>(size);
  }
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;
  ~Processes() override { MPI_Finalize(); }

  std::size_t rank() const override { return rank_; }
  std::size_t size() const override { return size_; }
  void barrier() override { MPI_Barrier(MPI_COMM_WORLD); }

  void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all,
                    std::span<const std::size_t> counts) override {
    const Layout layout(counts);
    MPI_Allgatherv(mine.data(), as_int(mine.size()), MPI_BYTE, all.data(), layout.counts.data(),
                   layout.begins.data(), MPI_BYTE, MPI_COMM_WORLD);
  }

  void exchange_bytes(std::span<const std::byte> mine, std::span<const std::size_t> sent,
                      std::span<std::byte> all, std::span<const std::size_t> received) override {
    const Layout out(sent), in(received);
    MPI_Alltoallv(mine.data(), out.counts.data(), out.begins.data(), MPI_BYTE, all.data(), in.counts.data(),
                  in.begins.data(), MPI_BYTE, MPI_COMM_WORLD);
  }

  void broadcast_bytes(std::span<std::byte> bytes) override {
    MPI_Bcast(bytes.data(), as_int(bytes.size()), MPI_BYTE, 0, MPI_COMM_WORLD);
  }

 private:
  std::size_t rank_ = 0, size_ = 1;
};

}  // namespace

bool has_mpi() { return true; }
std::unique_ptr<Collective> join_processes() { return std::make_unique<Processes>(); }
void abort_processes(int status) {
  MPI_Abort(MPI_COMM_WORLD, status);
  std::_Exit(status);
}

#else

bool has_mpi() { return false; }
std::unique_ptr<Collective> join_processes() {
  throw WorkError("ranks: got a library without MPI, wanted one built with -DPUSHFORWARD_MPI=ON");
}
void abort_processes(int status) { std::_Exit(status); }

#endif

}  // namespace pushforward
