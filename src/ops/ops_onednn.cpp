// SPDX-License-Identifier: Apache-2.0
//
// Matrix products, by oneDNN in both of its dialects (2.x and 3.x) or by our own tiles; convolutions have a
// file of their own.
//
// oneDNN writes machine code for a shape ("primitive") the first time that it is wanted. Making one costs
// about a millisecond even where oneDNN's own cache knows it, looking one up here costs 50 ns, so each thread
// keeps a table from shape to primitive. The table is a memo of a pure function of the shape: nothing that a
// caller can observe depends on it. It is per thread because a call writes its operands' addresses into the
// entry (and so two threads that train two networks do not meet in a lock); scratch memory, too, is the
// thread's own and as large as the largest shape wanted ("user-managed scratchpad").
//
// Threads: oneDNN would share a product among OpenMP's threads, with a barrier at the end, where a busy
// neighbour costs far more than its share (threads.cpp). Here C is cut into parts, one a thread, and each is
// a single-threaded product of its own. The number of threads must not show in the bits: part_count().
//
// Measured for the shapes of a 784-400-20 autoencoder at batch 128 on a Sapphire Rapids core, where a 2048³
// product runs at 155–175 GF/s: oneDNN's matmul reaches 160–183 GF/s for weights stored out × in, for in ×
// out and for every transpose that the backward needs; dnnl_sgemm and inner_product are neither faster nor
// slower, and have no bias or rectifier to fuse. So: matmul, plain row-major operands, and the bias and
// (leaky) rectifier as its post-operations. Adding to C is a post-operation ("sum"), too.
//
// On AVX2 (an AMD EPYC whose rate is 84 GF/s) the same shapes reach 45 to 70 GF/s with oneDNN 2.6.3, and 70
// to 80 with tiles of our own (product_tiles.cpp), which therefore take float32 products there.
//
// bfloat16: factors are rounded (to nearest, ties to even) into the thread's scratch by a vector kernel, then
// multiplied with float32 accumulation and output.
#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>

#include "core/subnormals.hpp"
#include "ops/bfloat16.hpp"
#include "ops/ops_onednn.hpp"
#include "ops/product.hpp"
#include "ops/product_tiles.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

using dnnl::memory;
using onednn::engine;
using onednn::OneThread;
using onednn::Scratch;
using Type = memory::data_type;

constexpr std::size_t kVector = 16;    // parts begin at multiples of it
constexpr double kWorthAThread = 2e6;  // multiplications and additions, some 15 µs

// All that a primitive depends on. Operands may be parts of larger matrices: ld is the number of elements
// from one stored row to the next.
struct Shape {
  std::size_t m, n, k, ld_a, ld_b, ld_c;
  bool transpose_a, transpose_b, bias, rectify, accumulate;
  float slope;
  Precision precision;

  auto operator<=>(const Shape&) const = default;
};

memory::desc describe(std::size_t rows, std::size_t cols, std::size_t ld, Type type, bool transposed) {
  const auto r = static_cast<memory::dim>(rows), c = static_cast<memory::dim>(cols);
  const auto stride = static_cast<memory::dim>(ld);
  return {{r, c}, type, transposed ? memory::dims{1, stride} : memory::dims{stride, 1}};
}

// A primitive with the memory objects that its calls point at their operands.
class Prepared {
 public:
  explicit Prepared(const Shape& shape) : has_bias_(shape.bias) {
    const Type type = onednn::type_of(shape.precision);
    const auto a = describe(shape.m, shape.k, shape.ld_a, type, shape.transpose_a);
    const auto b = describe(shape.k, shape.n, shape.ld_b, type, shape.transpose_b);
    const auto c = describe(shape.m, shape.n, shape.ld_c, Type::f32, false);
    const auto bias = describe(1, shape.n, shape.n, Type::f32, false);
    const auto kind = make(shape, a, b, bias, c);
    primitive_ = dnnl::matmul(kind);
    scratch_bytes_ = kind.scratchpad_desc().get_size();
    a_ = memory(a, engine(), nullptr), b_ = memory(b, engine(), nullptr);
    c_ = memory(c, engine(), nullptr), bias_ = memory(bias, engine(), nullptr);
    scratch_ = memory(kind.scratchpad_desc(), engine(), nullptr);
  }

  void run(const void* a, const void* b, const float* bias, float* c) {
    thread_local Scratch pad;
    a_.set_data_handle(const_cast<void*>(a));
    b_.set_data_handle(const_cast<void*>(b));
    c_.set_data_handle(c);
    bias_.set_data_handle(const_cast<float*>(bias));
    scratch_.set_data_handle(pad.at_least(scratch_bytes_));
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, a_.get()},
                                         {DNNL_ARG_WEIGHTS, b_.get()},
                                         {DNNL_ARG_DST, c_.get()},
                                         {DNNL_ARG_SCRATCHPAD, scratch_.get()},
                                         {DNNL_ARG_BIAS, bias_.get()}};
    onednn::execute(primitive_, has_bias_ ? 5 : 4, arguments, "matrix product");
  }

 private:
  static dnnl::matmul::primitive_desc make(const Shape& shape, const memory::desc& a, const memory::desc& b,
                                           const memory::desc& bias, const memory::desc& c) {
    const auto attr = onednn::attributes(shape.accumulate, shape.rectify, shape.slope);
#if DNNL_VERSION_MAJOR < 3
    const auto operation = shape.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c);
    return {operation, attr, engine()};
#else
    return shape.bias ? dnnl::matmul::primitive_desc(engine(), a, b, bias, c, attr)
                      : dnnl::matmul::primitive_desc(engine(), a, b, c, attr);
#endif
  }

  bool has_bias_;
  dnnl::matmul primitive_;
  std::size_t scratch_bytes_ = 0;
  memory a_, b_, c_, bias_, scratch_;
};

Prepared& prepared(const Shape& shape) {
  thread_local std::map<Shape, Prepared> table;
  const auto found = table.find(shape);
  if (found != table.end()) return found->second;
  const std::lock_guard alone(onednn::making());
  onednn::require_room();
  return table.try_emplace(shape, shape).first->second;
}

// How C is cut: along its rows or its columns, at multiples of a vector.
struct Cut {
  bool by_rows;
  std::size_t length, parts;
  bool tiles = false;  // by our own kernel

  // Whole vectors but for the last part, which is no shorter: one row or column would be another algorithm.
  std::size_t begin(std::size_t i) const {
    return i == parts ? length : length * i / parts / kVector * kVector;
  }
};

// The operands as they are multiplied: float32, or rounded to bfloat16.
struct Operands {
  const void *a, *b;
  std::size_t element;  // bytes

  const void* a_at(std::size_t i) const { return static_cast<const char*>(a) + i * element; }
  const void* b_at(std::size_t i) const { return static_cast<const char*>(b) + i * element; }
};

// Whether each part's columns of a transposed A are rounded to a place of their own, one part after the
// other: for narrow strips of a wide matrix oneDNN has a slower algorithm, with other bits.
bool strips(const Shape& shape, const Cut& cut) {
  return shape.transpose_a && shape.precision == Precision::bf16 && cut.by_rows && cut.parts > 1;
}

template <class T>
const void* factor_in_strips(View<const float> a, const Cut& cut, Scratch& room) {
  T* const to = static_cast<T*>(room.at_least(a.size() * sizeof(T)));
  parallel_for(a.rows, 65536 / a.cols + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row)
      for (std::size_t i = 0; i < cut.parts; ++i) {
        const std::size_t first = cut.begin(i), width = cut.begin(i + 1) - first;
        round_to_bf16({a.row(row) + first, width}, to + first * a.rows + row * width);
      }
  });
  return to;
}

Operands operands_of(const Product& p, const Shape& shape, const Cut& cut) {
  thread_local Scratch a, b;
  Operands out{nullptr, onednn::factor(p.b, p.precision, b),
               memory::data_type_size(onednn::type_of(p.precision))};
  if (!strips(shape, cut))
    out.a = onednn::factor(p.a, p.precision, a);
  else
    out.a = bf16_is_native() ? factor_in_strips<std::uint16_t>(p.a, cut, a)
                             : factor_in_strips<float>(p.a, cut, a);
  return out;
}

Shape shape_of(const Product& p) {
  return {.m = p.transpose_a ? p.a.cols : p.a.rows,
          .n = p.transpose_b ? p.b.rows : p.b.cols,
          .k = p.transpose_a ? p.a.rows : p.a.cols,
          .ld_a = p.a.cols,
          .ld_b = p.b.cols,
          .ld_c = p.c.cols,
          .transpose_a = p.transpose_a,
          .transpose_b = p.transpose_b,
          .bias = p.bias != nullptr,
          .rectify = p.rectify,
          .accumulate = p.accumulate,
          .slope = p.slope,
          .precision = p.precision};
}

// Where a part of C lies in the operands.
struct Part {
  std::size_t a = 0, b = 0, c = 0;  // elements
};

// Most terms that oneDNN adds to an element of C in one chain whatever the size of C is. Longer sums it cuts
// by the size of C, too, so that the bits would depend on how C is cut among threads (float32 where A is
// transposed; bfloat16).
std::size_t longest_chain(const Shape& shape) {
  if (shape.transpose_a) return 384;
  return shape.precision == Precision::f32 ? SIZE_MAX : 896;
}

// One product after the other over pieces of K of about one length, each added to C. The bias comes with the
// first, the rectifier with the last.
void run_chains(const Operands& o, const Shape& whole, const Part& at, const float* bias, float* c) {
  constexpr std::size_t kUnit = 64;  // pieces are multiples of it
  const std::size_t count = (whole.k - 1) / longest_chain(whole) + 1;
  const std::size_t step = (whole.k + count * kUnit - 1) / (count * kUnit) * kUnit;
  for (std::size_t begin = 0; begin < whole.k; begin += step) {
    Shape shape = whole;
    const bool first = begin == 0, last = begin + step >= whole.k;
    shape.k = std::min(step, whole.k - begin);
    shape.accumulate |= !first, shape.bias &= first, shape.rectify &= last;
    prepared(shape).run(o.a_at(at.a + begin * (shape.transpose_a ? shape.ld_a : 1)),
                        o.b_at(at.b + begin * (shape.transpose_b ? 1 : shape.ld_b)), bias, c + at.c);
  }
}

// Columns of C, or, where C is tall, rows.
void run_part(const Product& p, const Operands& o, Shape shape, const Cut& cut, std::size_t i) {
  const OneThread one;
  const FlushSubnormals flush;
  const std::size_t begin = cut.begin(i);
  (cut.by_rows ? shape.m : shape.n) = cut.begin(i + 1) - begin;
  Part at = cut.by_rows ? Part{.a = begin * (p.transpose_a ? 1 : shape.ld_a), .c = begin * shape.ld_c}
                        : Part{.b = begin * (p.transpose_b ? shape.ld_b : 1), .c = begin};
  if (strips(shape, cut)) at.a = begin * shape.k, shape.ld_a = shape.m;
  const float* bias = p.bias && !cut.by_rows ? p.bias + begin : p.bias;
  if (cut.tiles)
    return multiply_by_tiles({.m = shape.m,
                              .n = shape.n,
                              .k = shape.k,
                              .ld_a = shape.ld_a,
                              .ld_b = shape.ld_b,
                              .ld_c = shape.ld_c,
                              .transpose_a = shape.transpose_a,
                              .transpose_b = shape.transpose_b,
                              .a = p.a.data + at.a,
                              .b = p.b.data + at.b,
                              .c = p.c.data + at.c,
                              .bias = bias,
                              .rectify = shape.rectify,
                              .slope = shape.slope,
                              .accumulate = shape.accumulate});
  if (shape.k > longest_chain(shape)) return run_chains(o, shape, at, bias, p.c.data);
  prepared(shape).run(o.a_at(at.a), o.b_at(at.b), bias, p.c.data + at.c);
}

void run_cut(const Product& p, const Shape& shape, const Cut& cut) {
  const Operands o = operands_of(p, shape, cut);
  if (cut.parts == 1) return run_part(p, o, shape, cut, 0);
  parallel_tasks(cut.parts, [&](std::size_t i) { run_part(p, o, shape, cut, i); });
}

// Numbers of many sizes, whose sum shows in its last bits in which order it was taken.
Tensor trial_numbers(View<const float> like, std::string_view name) {
  Tensor out(like.rows, like.cols);
  fill_normal(out.span(), Draw{}.on(name));
  for (float& v : out.span()) v *= v * v;
  return out;
}

// Whether 2, 4, … parts have the bits of the whole, found by trying.
bool try_parts(Product p, const Shape& shape, Cut cut, std::size_t most) {
  const Tensor a = trial_numbers(p.a, "product trial a"), b = trial_numbers(p.b, "product trial b");
  Tensor whole = trial_numbers(p.c, "product trial c"), parts(p.c.rows, p.c.cols);
  const Tensor before = whole;
  p.a = a.view(), p.b = b.view(), p.c = whole.view(), cut.parts = 1;
  run_cut(p, shape, cut);
  for (cut.parts = 2; cut.parts <= most; cut.parts *= 2) {
    std::ranges::copy(before.span(), parts.data());
    p.c = parts.view();
    run_cut(p, shape, cut);
    if (std::memcmp(whole.data(), parts.data(), whole.size() * sizeof(float)) != 0) return false;
  }
  return true;
}

bool has_wide_vectors() {
  constexpr auto kWide = static_cast<unsigned>(dnnl::cpu_isa::avx512_core);  // a set of bits
  static const bool wide = (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & kWide) == kWide;
  return wide;
}

// Where vectors hold eight numbers, our tiles are the faster ones for all but narrow matrices (the file's
// head).
bool better_by_tiles(const Shape& shape) {
  constexpr std::size_t kNarrow = 16;
  return shape.precision == Precision::f32 && std::min({shape.m, shape.n, shape.k}) >= kNarrow &&
         !has_wide_vectors() && has_product_tiles();
}

// oneDNN picks an algorithm by size, and does not promise the same bits for a part of C as for the whole. For
// float32 in tall parts on AVX-512 they are the same (SharedWork.Products holds it to that), and for tiles,
// whose sums do not depend on where C is cut (ProductTiles.GiveAPartTheBitsOfTheWhole).
bool known_alike(const Shape& shape, const Cut& cut) {
  return cut.tiles || (has_wide_vectors() && cut.by_rows && shape.precision == Precision::f32);
}

// In how many parts a product is taken. Where parts are like the whole, in one a thread; where that is not
// known, powers of two are tried when a shape is first seen (a memo of a pure function of the shape, as the
// table of primitives is); where they are not alike, the number follows from the size of the product alone.
std::size_t part_count(const Product& p, const Shape& shape, const Cut& cut) {
  constexpr std::size_t kMostTried = 8;
  constexpr double kTooLargeToTry = 1e9;  // multiplications and additions
  const double work =
      2.0 * static_cast<double>(shape.m) * static_cast<double>(shape.n) * static_cast<double>(shape.k);
  const auto worth = static_cast<std::size_t>(std::min(work / kWorthAThread, 1e6));
  const std::size_t most = std::min(worth, cut.length / kVector);
  if (most < 2) return 1;
  const auto wanted = static_cast<std::size_t>(threads());
  if (known_alike(shape, cut)) return std::min(wanted, most);
  const std::size_t by_size = std::min(most, std::clamp<std::size_t>(worth / 8, 2, kMostTried));
  if (!cut.by_rows || work > kTooLargeToTry) return by_size;
  thread_local std::map<Shape, bool> tried;
  auto found = tried.find(shape);
  if (found == tried.end())
    found = tried.emplace(shape, try_parts(p, shape, cut, std::min(most, kMostTried))).first;
  return found->second ? std::bit_floor(std::min({wanted, most, kMostTried})) : by_size;
}

// The product, shared among threads where that pays: C is cut along its rows or, where they are few, columns.
void run(const Product& p, const Shape& shape) {
  const bool by_rows = shape.m >= 64;
  Cut cut{by_rows, by_rows ? shape.m : shape.n, 1, better_by_tiles(shape)};
  cut.parts = part_count(p, shape, cut);
  run_cut(p, shape, cut);
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
  const Shape shape = shape_of(p);
  check(p, shape);
  if (shape.m > 0 && shape.n > 0) run(p, shape);
}

std::string product_library() {
  const dnnl_version_t* v = dnnl_version();
  return "oneDNN " + std::to_string(v->major) + "." + std::to_string(v->minor) + "." +
         std::to_string(v->patch);
}

bool bf16_is_native() {
  constexpr auto kWanted = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);  // a set of bits
  static const bool native = (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & kWanted) == kWanted;
  return native;
}

}  // namespace pushforward
