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
#include "pushforward/random.hpp"

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

// Numbers for mutation `iteration`, one after another.
class Dice {
 public:
  explicit Dice(std::uint64_t iteration) : draw_{0, stream_id("fuzz"), iteration} {}
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : next() % limit; }
  std::uint32_t next() {
    if (left_ == 0) block_ = random_bits(draw_, index_++), left_ = 4;
    return block_[--left_];
  }

 private:
  Draw draw_;
  std::array<std::uint32_t, 4> block_{};
  std::uint32_t index_ = 0;
  std::size_t left_ = 0;
};

// Sizes and counts that are known to go wrong.
constexpr std::uint64_t kNumbers[] = {0,          1,          2,          0x7F,       0x80,       0xFF,
                                      0x7FFF,     0xFFFF,     0x10000,    0x7FFFFFFF, 0x80000000, 0xFFFFFFFF,
                                      1ULL << 60, ~0ULL >> 1, 1ULL << 63, ~0ULL};
constexpr std::string_view kWords[] = {"nan", "-1", "1e999", "18446744073709551616",
                                       "\"",  ",",  "\n",    "[",
                                       "]",   "{",  "}",     "(",
                                       ")",   ":",  "@",     "'",
                                       "0x",  "=",  "+"};

void put_number(Bytes& bytes, Dice& dice) {
  const std::uint64_t number = kNumbers[dice.below(std::size(kNumbers))];
  const std::size_t width = std::size_t{1} << dice.below(4), at = dice.below(bytes.size());
  const bool big = dice.below(2) == 0;
  for (std::size_t i = 0; i < width && at + i < bytes.size(); ++i)
    bytes[at + i] = static_cast<std::uint8_t>(number >> 8 * (big ? width - 1 - i : i));
}

void insert(Bytes& bytes, std::size_t at, ByteSpan piece) {
  bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
}

void mutate_once(Bytes& bytes, const std::vector<Bytes>& pool, Dice& dice) {
  const std::size_t at = dice.below(bytes.size()), kind = dice.below(9);
  const std::size_t length = std::min(bytes.size() - at, dice.below(16) + 1);
  if (kind == 0 || bytes.empty()) {
    insert(bytes, at, io::bytes_of(kWords[dice.below(std::size(kWords))]));
  } else if (kind == 1) {
    bytes[at] ^= static_cast<std::uint8_t>(1 << dice.below(8));
  } else if (kind == 2) {
    bytes[at] = static_cast<std::uint8_t>(dice.next());
  } else if (kind == 3) {
    put_number(bytes, dice);
  } else if (kind == 4) {
    bytes.resize(at);
  } else if (kind == 5) {
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
  } else if (kind == 6) {
    const Bytes copy(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                     bytes.begin() + static_cast<std::ptrdiff_t>(at + length));
    insert(bytes, dice.below(bytes.size()), copy);
  } else if (kind == 7) {
    const Bytes& other = pool[dice.below(pool.size())];
    const std::size_t from = dice.below(other.size());
    bytes.resize(at);
    bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
  } else {
    bytes[at] = static_cast<std::uint8_t>('0' + dice.below(10));
  }
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
