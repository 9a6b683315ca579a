// SPDX-License-Identifier: Apache-2.0
#include "ops/signal_stack.hpp"

#include <algorithm>
#include <csignal>

#include <unistd.h>

namespace pushforward::ops {
namespace {

constexpr std::size_t kRoom = std::size_t{64} << 10;  // for the handler, beside the registers that are saved

std::size_t bytes_wanted() {
  std::size_t least = MINSIGSTKSZ;
#ifdef _SC_MINSIGSTKSZ
  least = std::max(least, static_cast<std::size_t>(std::max(0L, ::sysconf(_SC_MINSIGSTKSZ))));
#endif
  return least + kRoom;
}

}  // namespace

SignalStack::SignalStack() {
  stack_t now{};
  if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) return;
  memory_ = std::make_unique<std::byte[]>(bytes_wanted());
  stack_t own{};
  own.ss_sp = memory_.get(), own.ss_size = bytes_wanted();
  if (::sigaltstack(&own, nullptr) != 0) memory_.reset();
}

SignalStack::~SignalStack() {
  stack_t now{};
  if (!memory_ || ::sigaltstack(nullptr, &now) != 0 || now.ss_sp != memory_.get()) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  ::sigaltstack(&none, nullptr);
}

}  // namespace pushforward::ops
