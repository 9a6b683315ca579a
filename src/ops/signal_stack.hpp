// SPDX-License-Identifier: Apache-2.0
//
// A stack of its own for what handles a signal.
//
// oneDNN's products on processors with AVX2 alone point the stack pointer into memory from the heap while
// they run (2.6.3, jit_avx_gemm_f32). A signal that comes then has its frame of some kilobytes written below,
// over blocks that others own: Ctrl-C in a training broke the heap in one of four. So a thread that
// multiplies has an alternate stack, and handlers ask for it by SA_ONSTACK, as those of Python do.
#pragma once

#include <cstddef>
#include <memory>

namespace pushforward::ops {

/// Of the thread that makes it, until it ends; a thread that has one already keeps that.
class SignalStack {
 public:
  SignalStack();
  ~SignalStack();
  SignalStack(const SignalStack&) = delete;
  SignalStack& operator=(const SignalStack&) = delete;

 private:
  std::unique_ptr<std::byte[]> memory_;
};

}  // namespace pushforward::ops
