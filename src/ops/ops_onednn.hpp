// SPDX-License-Identifier: Apache-2.0
//
// What the files that know oneDNN share: engine and stream of a thread, scratch memory, one thread a call.
// Only ops_onednn*.cpp include it.
#pragma once

#include <cstdint>

#include <omp.h>
#include <dnnl.hpp>

#include "pushforward/tensor.hpp"

namespace pushforward::onednn {

inline dnnl::engine& engine() {
  thread_local dnnl::engine e(dnnl::engine::kind::cpu, 0);
  return e;
}

inline dnnl::stream& stream() {
  thread_local dnnl::stream s(engine());
  return s;
}

/// Memory that grows to the largest size asked for.
class Scratch {
 public:
  void* at_least(std::size_t bytes) {
    if (buffer_.size() < bytes) buffer_.resize(1, bytes);
    return buffer_.data();
  }

 private:
  Matrix<std::uint8_t> buffer_;
};

/// oneDNN divides work among OpenMP's threads; the pool divides it here (threads.hpp), so it gets one.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace pushforward::onednn
