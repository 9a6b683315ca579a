// SPDX-License-Identifier: Apache-2.0
//
// Matrix products by oneDNN: the only file that knows it, in both of its dialects (2.x and 3.x).
//
// oneDNN writes machine code for a shape ("primitive") the first time that it is wanted. Making one costs
// about a millisecond even where oneDNN's own cache knows it, looking one up here costs 50 ns, so each thread
// keeps a table from shape to primitive. The table is a memo of a pure function of the shape: nothing that a
// caller can observe depends on it. It is per thread because a call writes its operands' addresses into the
// entry (and so two threads that train two networks do not meet in a lock); scratch memory, too, is the
// thread's own and as large as the largest shape wanted ("user-managed scratchpad").
//
// Measured for the shapes of a 784-400-20 autoencoder at batch 128 on a Sapphire Rapids core, where a 2048³
// product runs at 155–175 GF/s: oneDNN's matmul reaches 160–183 GF/s for weights stored out × in, for in ×
// out and for every transpose that the backward needs; dnnl_sgemm and inner_product are neither faster nor
// slower, and have no bias or rectifier to fuse. So: matmul, plain row-major operands, and the bias and
// (leaky) rectifier as its post-operations. Adding to C is a post-operation ("sum"), too.
//
// bfloat16: factors are rounded (to nearest even) into the thread's scratch, by oneDNN's reorder, then
// multiplied with float32 accumulation and output.
#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include <dnnl.hpp>

#include "ops/product.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

using dnnl::memory;
using Type = memory::data_type;
using Tag = memory::format_tag;

// All that a primitive depends on; `threads` because oneDNN divides the work when it makes one.
struct Shape {
  std::size_t m, n, k;
  bool transpose_a, transpose_b, bias, rectify, accumulate;
  float slope;
  Precision precision;
  int threads;

  auto tie() const {
    return std::tie(m, n, k, transpose_a, transpose_b, bias, rectify, accumulate, slope, precision, threads);
  }
  bool operator<(const Shape& other) const { return tie() < other.tie(); }
};

dnnl::engine& engine() {
  thread_local dnnl::engine e(dnnl::engine::kind::cpu, 0);
  return e;
}

dnnl::stream& stream() {
  thread_local dnnl::stream s(engine());
  return s;
}

memory::desc describe(std::size_t rows, std::size_t cols, Type type, bool transposed) {
  const auto r = static_cast<memory::dim>(rows), c = static_cast<memory::dim>(cols);
  return {{r, c}, type, transposed ? Tag::ba : Tag::ab};
}

dnnl::primitive_attr attributes(const Shape& shape) {
  dnnl::post_ops after;
  if (shape.accumulate) after.append_sum(1.0f);
#if DNNL_VERSION_MAJOR < 3
  if (shape.rectify) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, shape.slope, 0.0f);
#else
  if (shape.rectify) after.append_eltwise(dnnl::algorithm::eltwise_relu, shape.slope, 0.0f);
#endif
  dnnl::primitive_attr attr;
  attr.set_post_ops(after);
  attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attr;
}

// Memory that grows to the largest size asked for.
class Scratch {
 public:
  void* at_least(std::size_t bytes) {
    if (buffer_.size() < bytes) buffer_.resize(1, bytes);
    return buffer_.data();
  }

 private:
  Matrix<std::uint8_t> buffer_;
};

struct Workspace {
  Scratch pad, a, b;
};

Workspace& workspace() {
  thread_local Workspace w;
  return w;
}

// A factor rounded to bfloat16 in the same layout.
class Rounding {
 public:
  Rounding(const memory::desc& from, const memory::desc& to)
      : bytes_(to.get_size()),
        from_(from, engine(), nullptr),
        to_(to, engine(), nullptr),
        reorder_(from_, to_) {}

  void* run(const float* source, Scratch& scratch) {
    void* target = scratch.at_least(bytes_);
    from_.set_data_handle(const_cast<float*>(source));
    to_.set_data_handle(target);
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_FROM, from_.get()}, {DNNL_ARG_TO, to_.get()}};
    dnnl::error::wrap_c_api(dnnl_primitive_execute(reorder_.get(), stream().get(), 2, arguments), "rounding");
    return target;
  }

 private:
  std::size_t bytes_;
  memory from_, to_;
  dnnl::reorder reorder_;
};

// A primitive with the memory objects that its calls point at their operands.
class Prepared {
 public:
  explicit Prepared(const Shape& shape) : shape_(shape) {
    const Type type = rounded() ? Type::bf16 : Type::f32;
    const auto a = describe(shape.m, shape.k, type, shape.transpose_a);
    const auto b = describe(shape.k, shape.n, type, shape.transpose_b);
    const auto c = describe(shape.m, shape.n, Type::f32, false);
    const auto bias = describe(1, shape.n, Type::f32, false);
    const auto kind = make(a, b, bias, c);
    primitive_ = dnnl::matmul(kind);
    scratch_bytes_ = kind.scratchpad_desc().get_size();
    a_ = memory(a, engine(), nullptr), b_ = memory(b, engine(), nullptr);
    c_ = memory(c, engine(), nullptr), bias_ = memory(bias, engine(), nullptr);
    scratch_ = memory(kind.scratchpad_desc(), engine(), nullptr);
    if (rounded()) {
      round_a_.emplace(describe(shape.m, shape.k, Type::f32, shape.transpose_a), a);
      round_b_.emplace(describe(shape.k, shape.n, Type::f32, shape.transpose_b), b);
    }
  }

  void run(const Product& product) {
    Workspace& w = workspace();
    a_.set_data_handle(rounded() ? round_a_->run(product.a.data, w.a) : const_cast<float*>(product.a.data));
    b_.set_data_handle(rounded() ? round_b_->run(product.b.data, w.b) : const_cast<float*>(product.b.data));
    c_.set_data_handle(product.c.data);
    scratch_.set_data_handle(w.pad.at_least(scratch_bytes_));
    bias_.set_data_handle(const_cast<float*>(product.bias));
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, a_.get()},
                                         {DNNL_ARG_WEIGHTS, b_.get()},
                                         {DNNL_ARG_DST, c_.get()},
                                         {DNNL_ARG_SCRATCHPAD, scratch_.get()},
                                         {DNNL_ARG_BIAS, bias_.get()}};
    const int count = shape_.bias ? 5 : 4;  // the C interface: C++'s takes a hash map, an allocation a call
    dnnl::error::wrap_c_api(dnnl_primitive_execute(primitive_.get(), stream().get(), count, arguments),
                            "matrix product");
  }

 private:
  bool rounded() const { return shape_.precision == Precision::bf16; }

  dnnl::matmul::primitive_desc make(const memory::desc& a, const memory::desc& b, const memory::desc& bias,
                                    const memory::desc& c) const {
    const auto attr = attributes(shape_);
#if DNNL_VERSION_MAJOR < 3
    const auto operation = shape_.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
    return {operation, attr, engine()};
#else
    return shape_.bias ? dnnl::matmul::primitive_desc(engine(), a, b, bias, c, attr)
                       : dnnl::matmul::primitive_desc(engine(), a, b, c, attr);
#endif
  }

  Shape shape_;
  dnnl::matmul primitive_;
  std::size_t scratch_bytes_ = 0;
  memory a_, b_, c_, bias_, scratch_;
  std::optional<Rounding> round_a_, round_b_;
};

Prepared& prepared(const Shape& shape) {
  thread_local std::map<Shape, Prepared> table;
  const auto found = table.find(shape);
  return found != table.end() ? found->second : table.try_emplace(shape, shape).first->second;
}

std::string text(const char* name, View<const float> v, bool transposed) {
  return std::string(name) + " " + std::to_string(v.rows) + "×" + std::to_string(v.cols) +
         (transposed ? " transposed" : "");
}

void check(const Product& p, const Shape& shape) {
  const std::size_t k = p.transpose_b ? p.b.cols : p.b.rows;
  if (k == shape.k && p.c.rows == shape.m && p.c.cols == shape.n) return;
  throw RequestError(Complaint{
      "matrix product",
      text("A", p.a, p.transpose_a) + ", " + text("B", p.b, p.transpose_b) + ", " + text("C", p.c, false),
      "m×k, k×n and m×n"});
}

}  // namespace

void multiply(const Product& p) {
  const std::size_t m = p.transpose_a ? p.a.cols : p.a.rows, k = p.transpose_a ? p.a.rows : p.a.cols;
  const std::size_t n = p.transpose_b ? p.b.rows : p.b.cols;
  const Shape shape{m,
                    n,
                    k,
                    p.transpose_a,
                    p.transpose_b,
                    p.bias != nullptr,
                    p.rectify,
                    p.accumulate,
                    p.slope,
                    p.precision,
                    threads()};
  check(p, shape);
  if (m == 0 || n == 0) return;
  prepared(shape).run(p);
}

std::string product_library() {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}

bool bf16_is_native() {
  const auto wanted = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);  // a set of bits
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & wanted) == wanted;
}

}  // namespace pushforward
