// SPDX-License-Identifier: Apache-2.0
//
// Ranks: processes, or for tests threads, that work on one thing together.
//
// What is added up is added by us, in an order that does not depend on the number of ranks (slice_sums.hpp);
// a collective only moves bytes. MPI's own sum of four ranks differs from one in the order of ranks in its
// last bits, and MPI promises no order at all. Every rank calls the same functions in the same order.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

class Collective {
 public:
  virtual ~Collective() = default;
  virtual std::size_t rank() const = 0;
  virtual std::size_t size() const = 0;
  /// Returns when every rank has called it.
  virtual void barrier() = 0;
  /// Rank r's bytes, counts[r] of them, to every rank: side by side in the order of ranks.
  virtual void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all,
                            std::span<const std::size_t> counts) = 0;
  /// sent[r] bytes to each rank r, received[r] from each, both side by side in the order of ranks.
  virtual void exchange_bytes(std::span<const std::byte> mine, std::span<const std::size_t> sent,
                              std::span<std::byte> all, std::span<const std::size_t> received) = 0;
  /// Rank 0's bytes to every rank.
  virtual void broadcast_bytes(std::span<std::byte> bytes) = 0;

  /// One value of each rank, in their order.
  template <class T>
  requires std::is_trivially_copyable_v<T> std::vector<T> gather(const T& mine) {
    std::vector<T> all(size());
    const std::vector<std::size_t> counts(size(), sizeof(T));
    gather_bytes(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)), counts);
    return all;
  }
  /// Rank 0's value.
  template <class T>
  requires std::is_trivially_copyable_v<T> T broadcast(T value) {
    broadcast_bytes(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
};

/// The ranks that this thread's later trainings are shared among: itself alone, unless a Sharing says more.
Collective& collective();

/// Sets collective() for this thread, for as long as it lives.
class Sharing {
 public:
  explicit Sharing(Collective& among);
  Sharing(const Sharing&) = delete;
  Sharing& operator=(const Sharing&) = delete;
  ~Sharing();

 private:
  Collective* before_;
};

/// Runs body(rank) on so many threads of this process, collective() being theirs, and waits for all. Rethrows
/// what the lowest rank threw, once all have ended: where one has thrown, others get a WorkError from the
/// collective call that they wait in.
void run_ranks(std::size_t count, const std::function<void(std::size_t)>& body);

/// Whether this library was built with MPI (-DPUSHFORWARD_MPI=ON).
bool has_mpi();
/// How many processes mpirun or srun started together, as it tells them through the environment; 1 elsewhere.
std::size_t started_processes();
/// Joins them by MPI, until the object goes: once in a process, by its main thread. WorkError where the
/// library was built without.
std::unique_ptr<Collective> join_processes();
/// Ends all of them at once with this status, the other ranks wherever they are.
[[noreturn]] void abort_processes(int status);

}  // namespace pushforward
#pragma GCC visibility pop
