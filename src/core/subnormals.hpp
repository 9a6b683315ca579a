// SPDX-License-Identifier: Apache-2.0
//
// Subnormal numbers as zeros, while a network is trained.
//
// A number below 1.2e-38 costs a hundred times a normal one in a product, and training makes them by the
// million: the gradient of a sigmoid that is sure of a border pixel, a momentum that decays towards zero.
// Measured: a GMMN step on MNIST goes from 0.15 s to 10 s within thirty steps. Every framework therefore sets
// the processor's flush-to-zero mode in its threads. It is a register of each thread: the pool takes it along
// from the thread that calls (threads.cpp), and it is set for the time of a training only, since a divergence
// between known distributions must be right down to the smallest number.
#pragma once

namespace pushforward {

/// Whether this thread reads and writes subnormal numbers as zeros.
bool flushes_subnormals();
/// Sets that; without effect on a processor that this file does not know.
void flush_subnormals(bool flush);

/// Flushes them on this thread, and where it calls the pool, until the end of the scope.
class FlushSubnormals {
 public:
  FlushSubnormals() : before_(flushes_subnormals()) { flush_subnormals(true); }
  ~FlushSubnormals() { flush_subnormals(before_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  bool before_;
};

}  // namespace pushforward
