// SPDX-License-Identifier: Apache-2.0
// The control registers: MXCSR's FTZ and DAZ bits on x86-64, FPCR's FZ bit on Arm.
#include "core/subnormals.hpp"

#include <cstdint>

namespace pushforward {

#if defined(__x86_64__)

namespace {
constexpr unsigned kFlush = 0x8040;  // results (bit 15) and operands (bit 6)
}

bool flushes_subnormals() { return (__builtin_ia32_stmxcsr() & kFlush) == kFlush; }
void flush_subnormals(bool flush) {
  const unsigned before = __builtin_ia32_stmxcsr(), after = flush ? before | kFlush : before & ~kFlush;
  if (after != before) __builtin_ia32_ldmxcsr(after);
}

#elif defined(__aarch64__)

namespace {
constexpr std::uint64_t kFlush = std::uint64_t{1} << 24;
std::uint64_t control() {
  std::uint64_t value = 0;
  asm volatile("mrs %0, fpcr" : "=r"(value));
  return value;
}
}  // namespace

bool flushes_subnormals() { return (control() & kFlush) != 0; }
void flush_subnormals(bool flush) {
  const std::uint64_t before = control(), after = flush ? before | kFlush : before & ~kFlush;
  if (after != before) asm volatile("msr fpcr, %0" : : "r"(after));
}

#else

bool flushes_subnormals() { return false; }
void flush_subnormals(bool) {}

#endif

}  // namespace pushforward
