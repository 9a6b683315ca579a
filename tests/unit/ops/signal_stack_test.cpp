// SPDX-License-Identifier: Apache-2.0
//
// A signal in the midst of a product is handled on a stack of its own.
#include "ops/signal_stack.hpp"

#include <csignal>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "../apps/cli/interrupt.hpp"
#include "ops/product.hpp"

namespace pushforward {
namespace {

volatile std::sig_atomic_t on_its_own = -1;

void look(int) {
  stack_t now{};
  sigaltstack(nullptr, &now);
  on_its_own = (now.ss_flags & SS_ONSTACK) != 0;
}

struct sigaction installed(int signal, void (*handler)(int), int flags) {
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = handler, action.sa_flags = flags;
  sigaction(signal, &action, &before);
  return before;
}

// A narrow product, which is oneDNN's on every processor.
void multiply_once() {
  const Tensor a(8, 8), b(8, 8);
  Tensor c(8, 8);
  multiply({.a = a, .b = b, .c = c});
}

// In threads of their own, whose stacks nobody else has set.
TEST(SignalStack, AThreadThatMultipliesHasOne) {
  const struct sigaction before = installed(SIGUSR1, look, SA_ONSTACK);
  std::thread([] { raise(SIGUSR1); }).join();
  EXPECT_EQ(on_its_own, 0);
  std::thread([] { multiply_once(), raise(SIGUSR1); }).join();
  EXPECT_EQ(on_its_own, 1);
  sigaction(SIGUSR1, &before, nullptr);
}

TEST(SignalStack, OneThatAThreadHasIsKept) {
  std::thread([] {
    std::vector<char> room(1 << 16);
    stack_t mine{}, now{};
    mine.ss_sp = room.data(), mine.ss_size = room.size();
    ASSERT_EQ(sigaltstack(&mine, nullptr), 0);
    {
      const ops::SignalStack none;
      sigaltstack(nullptr, &now);
      EXPECT_EQ(now.ss_sp, mine.ss_sp);
    }
    sigaltstack(nullptr, &now);
    EXPECT_EQ(now.ss_sp, mine.ss_sp);
    mine.ss_flags = SS_DISABLE;
    sigaltstack(&mine, nullptr);
  }).join();
}

TEST(SignalStack, TheProgramsHandlersAskForIt) {
  const struct sigaction interrupt = installed(SIGINT, SIG_DFL, 0), end = installed(SIGTERM, SIG_DFL, 0);
  cli::catch_interrupts();
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction action {};
    sigaction(signal, nullptr, &action);
    EXPECT_NE(action.sa_flags & SA_ONSTACK, 0) << signal;
  }
  sigaction(SIGINT, &interrupt, nullptr), sigaction(SIGTERM, &end, nullptr);
}

}  // namespace
}  // namespace pushforward
