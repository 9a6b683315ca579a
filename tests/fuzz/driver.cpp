// SPDX-License-Identifier: Apache-2.0
//
// A small fuzzer for compilers without libFuzzer: mutate, run, keep what reached new code.
//
// g++'s -fsanitize-coverage=trace-pc calls a function at every edge of the instrumented code; it marks the
// caller's address in a map. An input that marks something new joins the pool that later inputs are mutated
// from. Mutation i is a function of (seed, i) by Philox, so a finding is repeated by its number, and its
// bytes are left in a file.
//
//   TARGET [SECONDS]    fuzzes for so long (default 10)
//   TARGET FILE         runs one input
#include <sanitizer/common_interface_defs.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>

#include <unistd.h>

#include "fuzz.hpp"
#include "mutate.hpp"

namespace pushforward::fuzz {
namespace {

constexpr std::size_t kMap = 1 << 16, kMostBytes = 1 << 14;
constexpr unsigned kHangSeconds = 20;
constexpr int kFound = 77;

// The fuzzer's whole state. It is global because the compiler's callbacks and the sanitizer's know no
// argument.
struct State {
  std::uint8_t marked[kMap] = {};
  bool news = false;
  const Bytes* input = nullptr;
  std::uint64_t iteration = 0;
  const char* program = "";
} state;

void save_input() {
  if (state.input == nullptr) return;
  const std::string path = std::string(state.program) + ".crash";
  std::ofstream(path, std::ios::binary) << io::text_of(*state.input);
  std::fprintf(stderr, "%s: mutation %llu; its input is %s\n", state.program,
               static_cast<unsigned long long>(state.iteration), path.c_str());
}

void run_one(const Bytes& bytes) {
  state.input = &bytes;
  state.news = false;
  ::alarm(kHangSeconds);
  try {
    run(bytes);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "%s: got %s, wanted RequestError\n", state.program, problem.what());
    save_input();
    std::_Exit(kFound);
  }
}

int fuzz_for(double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  std::vector<Bytes> pool = seeds();
  for (const Bytes& seed : pool) run_one(seed);
  const std::size_t begun = pool.size();
  for (; Clock::now() < end; ++state.iteration) {
    Dice dice(state.iteration);
    Bytes bytes = pool[dice.below(pool.size())];
    for (std::size_t k = dice.below(6) + 1; k > 0; --k) mutate_once(bytes, pool, dice);
    if (bytes.size() > kMostBytes) bytes.resize(kMostBytes);
    run_one(bytes);
    if (state.news) pool.push_back(std::move(bytes));
  }
  ::alarm(0);
  std::printf("%s: %llu inputs, %zu kept beside %zu seeds, nothing found\n", state.program,
              static_cast<unsigned long long>(state.iteration), pool.size() - begun, begun);
  return 0;
}

}  // namespace
}  // namespace pushforward::fuzz

// Called at every edge of the instrumented code. Addresses are taken relative to the program, which is loaded
// anywhere.
extern "C" void __sanitizer_cov_trace_pc();
extern "C" __attribute__((no_sanitize("address", "undefined"))) void __sanitizer_cov_trace_pc() {
  using pushforward::fuzz::state;
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  const auto base = reinterpret_cast<std::uintptr_t>(&__sanitizer_cov_trace_pc);
  std::uint8_t& mark = state.marked[(here - base) * 0x9E3779B97F4A7C15ULL >> 48];
  if (mark == 0) mark = 1, state.news = true;
}

int main(int argc, char** argv) {
  using namespace pushforward::fuzz;
  state.program = argv[0];
  __sanitizer_set_death_callback(save_input);
  if (argc > 1 && std::filesystem::exists(argv[1])) {
    run_one(pushforward::io::read_file(argv[1]));
    return 0;
  }
  return fuzz_for(argc > 1 ? std::atof(argv[1]) : 10);
}
