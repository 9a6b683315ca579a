// SPDX-License-Identifier: Apache-2.0
// One rank alone, and which collective a thread uses.
#include "pushforward/collective.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace pushforward {
namespace {

class Alone final : public Collective {
 public:
  std::size_t rank() const override { return 0; }
  std::size_t size() const override { return 1; }
  void barrier() override {}
  void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all,
                    std::span<const std::size_t>) override {
    std::ranges::copy(mine, all.begin());
  }
  void exchange_bytes(std::span<const std::byte> mine, std::span<const std::size_t>, std::span<std::byte> all,
                      std::span<const std::size_t>) override {
    std::ranges::copy(mine, all.begin());
  }
  void broadcast_bytes(std::span<std::byte>) override {}
};

thread_local Collective* shared_among = nullptr;  // as set_threads(), a thread's own choice; null: alone

}  // namespace

Collective& collective() {
  static Alone alone;  // has no state
  return shared_among ? *shared_among : alone;
}

Sharing::Sharing(Collective& among) : before_(shared_among) { shared_among = &among; }
Sharing::~Sharing() { shared_among = before_; }

std::size_t started_processes() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE"}) {  // Open MPI; MPICH, Intel MPI, Slurm
    const char* text = std::getenv(name);
    std::size_t count = 0;
    if (text && std::from_chars(text, text + std::strlen(text), count).ec == std::errc() && count > 0)
      return count;
  }
  return 1;
}

}  // namespace pushforward
