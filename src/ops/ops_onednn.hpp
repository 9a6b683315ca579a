// SPDX-License-Identifier: Apache-2.0
//
// What the files that know oneDNN share: engine and stream of a thread, scratch memory, one thread a call.
// Only ops_onednn*.cpp include it.
#pragma once

#include <cstdint>
#include <mutex>

#include <omp.h>
#include <dnnl.hpp>

#include "core/memory.hpp"
#include "ops/bfloat16.hpp"
#include "ops/signal_stack.hpp"
#include "pushforward/shape.hpp"
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

/// Runs a primitive, by the C interface: C++'s takes a hash map, an allocation a call.
inline void execute(const dnnl::primitive& primitive, int count, const dnnl_exec_arg_t* arguments,
                    const char* what) {
  thread_local const ops::SignalStack own;
  dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive.get(), stream().get(), count, arguments), what);
}

/// Primitives are made by one thread at a time: each looks through those that oneDNN has kept, whose
/// descriptions another that is just being made replaces (2.6.3, seen by ThreadSanitizer). Running them needs
/// no lock.
inline std::mutex& making() {
  static std::mutex one_at_a_time;
  return one_at_a_time;
}

/// Room for the machine code of one primitive and for what oneDNN keeps while it writes it. It does not look
/// whether it got what it asked for (2.6.3 writes through null), so this is asked before.
inline void require_room() { require_memory(std::uint64_t{24} << 20, "a kernel of oneDNN"); }

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

/// What factors of this precision are multiplied as.
inline dnnl::memory::data_type type_of(Precision precision) {
  return precision == Precision::bf16 && bf16_is_native() ? dnnl::memory::data_type::bf16
                                                          : dnnl::memory::data_type::f32;
}

/// The values themselves, or rounded into `room`, as elements of type_of().
inline const void* factor(View<const float> v, Precision precision, Scratch& room) {
  if (precision == Precision::f32) return v.data;
  if (bf16_is_native()) {
    auto* to = static_cast<std::uint16_t*>(room.at_least(v.size() * sizeof(std::uint16_t)));
    round_to_bf16(v.span(), to);
    return to;
  }
  auto* to = static_cast<float*>(room.at_least(v.size() * sizeof(float)));
  round_to_bf16(v.span(), to);
  return to;
}

/// What follows a product: added to what is there, (leaky) rectified; scratch memory is the caller's.
inline dnnl::primitive_attr attributes(bool accumulate, bool rectify, float slope) {
  dnnl::post_ops after;
  if (accumulate) after.append_sum(1.0f);
#if DNNL_VERSION_MAJOR < 3
  if (rectify) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, slope, 0.0f);
#else
  if (rectify) after.append_eltwise(dnnl::algorithm::eltwise_relu, slope, 0.0f);
#endif
  dnnl::primitive_attr attr;
  attr.set_post_ops(after);
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

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
