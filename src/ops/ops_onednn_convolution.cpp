// SPDX-License-Identifier: Apache-2.0
//
// Direct convolutions by oneDNN, in both of its dialects (2.x and 3.x), on the calling thread.
//
// Images and results stay channels last, as everything else here has them: measured on a Sapphire Rapids core
// (batch 128, 4×4 stride 2, 32→64 and 64→128 channels at 14×14), a layout of oneDNN's own choice gains
// nothing (179–182 GF/s against 166–194) and would cost two reorders. Weights are another matter: their best
// layout differs from direction to direction, is blocked by vectors, and a plain one is several times slower.
// So a weight is put into oneDNN's layout at every call (6 to 60 µs, where the convolution takes 2 to 11 ms)
// and its gradient is brought back.
//
// As in ops_onednn.cpp: primitives are memoised by shape, a thread each its own; scratch memory is the
// thread's, as large as the largest shape wanted; bfloat16 factors are rounded by a vector kernel, weights by
// the reorder.
#include <array>
#include <compare>
#include <map>

#include "ops/bfloat16.hpp"
#include "ops/direct_convolution.hpp"
#include "ops/ops_onednn.hpp"

namespace pushforward::direct {
namespace {

using dnnl::memory;
using onednn::engine;
using onednn::factor;
using onednn::OneThread;
using onednn::Scratch;
using Type = memory::data_type;
using Dims = memory::dims;

enum class Direction { forward, transposed, weights };

// All that a primitive depends on.
struct Shape {
  Direction direction;
  std::size_t images;
  std::array<std::size_t, 15> sizes;
  bool bias, rectify;
  float slope;
  Precision precision;

  auto operator<=>(const Shape&) const = default;
};

Shape shape_of(Direction direction, const Convolution& g, std::size_t images, const Epilogue& after,
               Precision precision) {
  return {direction,
          images,
          {g.image.height, g.image.width, g.image.channels, g.result.height, g.result.width,
           g.result.channels, g.kernel.height, g.kernel.width, g.stride.height, g.stride.width,
           g.dilation.height, g.dilation.width, g.before.height, g.before.width, g.groups},
          after.bias != nullptr,
          after.rectify,
          after.slope,
          precision};
}

memory::dim dim(std::size_t n) { return static_cast<memory::dim>(n); }

memory::desc images_of(std::size_t images, const RowShape& s, Type type) {
  const auto h = dim(s.height), w = dim(s.width), c = dim(s.channels);
  return {Dims{dim(images), c, h, w}, type, Dims{h * w * c, 1, w * c, c}};
}

Dims weight_dims(const Convolution& g) {
  const auto o = dim(g.result.channels / g.groups), i = dim(g.image.channels / g.groups);
  Dims dims{o, i, dim(g.kernel.height), dim(g.kernel.width)};
  if (g.groups > 1) dims.insert(dims.begin(), dim(g.groups));
  return dims;
}

// As layers store it: a filter a row, kernel rows, kernel columns, channels.
memory::desc plain_weight(const Convolution& g) {
  const auto i = dim(g.image.channels / g.groups), filter = dim(g.filter());
  Dims strides{filter, 1, dim(g.kernel.width) * i, i};
  if (g.groups > 1) strides.insert(strides.begin(), dim(g.result.channels / g.groups) * filter);
  return {weight_dims(g), Type::f32, strides};
}

memory::desc any_weight(const Convolution& g, Type type) {
  return {weight_dims(g), type, memory::format_tag::any};
}

// Zeros below or right that the size of the result asks for; rows that no patch reaches count as none.
memory::dim after_edge(std::size_t result, std::size_t stride, std::size_t kernel, std::size_t dilation,
                       std::size_t image, std::size_t before) {
  const auto reach = dim((result - 1) * stride + (kernel - 1) * dilation + 1);
  return std::max<memory::dim>(0, reach - dim(image + before));
}

struct Geometry {
  Dims strides, dilates, before, after;
};

Geometry geometry_of(const Convolution& g) {
  return {{dim(g.stride.height), dim(g.stride.width)},
          {dim(g.dilation.height) - 1, dim(g.dilation.width) - 1},
          {dim(g.before.height), dim(g.before.width)},
          {after_edge(g.result.height, g.stride.height, g.kernel.height, g.dilation.height, g.image.height,
                      g.before.height),
           after_edge(g.result.width, g.stride.width, g.kernel.width, g.dilation.width, g.image.width,
                      g.before.width)}};
}

// The three primitives; oneDNN asks for the forward one as a hint for the other two.
struct Maker {
  memory::desc x, w, y, bias;
  Geometry g;
  bool has_bias;
  dnnl::primitive_attr attr;

  static constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;
#if DNNL_VERSION_MAJOR < 3
  dnnl::convolution_forward::primitive_desc forward() const {
    const auto kind = dnnl::prop_kind::forward_training;
    using Desc = dnnl::convolution_forward::desc;
    const Desc d = has_bias ? Desc(kind, kAlgorithm, x, w, bias, y, g.strides, g.dilates, g.before, g.after)
                            : Desc(kind, kAlgorithm, x, w, y, g.strides, g.dilates, g.before, g.after);
    return {d, attr, engine()};
  }
  dnnl::convolution_backward_data::primitive_desc transposed(
      const dnnl::convolution_forward::primitive_desc& hint) const {
    return {
        dnnl::convolution_backward_data::desc(kAlgorithm, x, w, y, g.strides, g.dilates, g.before, g.after),
        attr, engine(), hint};
  }
  dnnl::convolution_backward_weights::primitive_desc weights(
      const dnnl::convolution_forward::primitive_desc& hint) const {
    return {dnnl::convolution_backward_weights::desc(kAlgorithm, x, w, y, g.strides, g.dilates, g.before,
                                                     g.after),
            attr, engine(), hint};
  }
#else
  dnnl::convolution_forward::primitive_desc forward() const {
    const auto kind = dnnl::prop_kind::forward_training;
    using Desc = dnnl::convolution_forward::primitive_desc;
    return has_bias
               ? Desc(engine(), kind, kAlgorithm, x, w, bias, y, g.strides, g.dilates, g.before, g.after,
                      attr)
               : Desc(engine(), kind, kAlgorithm, x, w, y, g.strides, g.dilates, g.before, g.after, attr);
  }
  dnnl::convolution_backward_data::primitive_desc transposed(
      const dnnl::convolution_forward::primitive_desc& hint) const {
    return {engine(), kAlgorithm, x, w, y, g.strides, g.dilates, g.before, g.after, hint, attr};
  }
  dnnl::convolution_backward_weights::primitive_desc weights(
      const dnnl::convolution_forward::primitive_desc& hint) const {
    return {engine(), kAlgorithm, x, w, y, g.strides, g.dilates, g.before, g.after, hint, attr};
  }
#endif
};

Maker maker(const Convolution& g, std::size_t images, const Epilogue& after, Type x, Type w, Type y) {
  const auto channels = dim(g.result.channels);
  return {images_of(images, g.image, x),
          any_weight(g, w),
          images_of(images, g.result, y),
          memory::desc(Dims{channels}, Type::f32, Dims{1}),
          geometry_of(g),
          after.bias != nullptr,
          onednn::attributes(false, after.rectify, after.slope)};
}

// A primitive with the memory objects that its calls point at their operands, and the reorder between a plain
// weight and the layout that the primitive wants.
class Prepared {
 public:
  Prepared(const Convolution& g, const Shape& shape, const Epilogue& after) : direction_(shape.direction) {
    const Type in = onednn::type_of(shape.precision);
    const auto hint = maker(g, shape.images, after, in, in, Type::f32).forward();
    if (direction_ == Direction::forward) {
      adopt(hint, hint.src_desc(), hint.weights_desc(), hint.dst_desc());
      primitive_ = dnnl::convolution_forward(hint);
      has_bias_ = after.bias != nullptr;
    } else if (direction_ == Direction::transposed) {
      const auto same = maker(g, shape.images, after, in, in, in).forward();
      const auto kind = maker(g, shape.images, after, Type::f32, in, in).transposed(same);
      adopt(kind, kind.diff_src_desc(), kind.weights_desc(), kind.diff_dst_desc());
      primitive_ = dnnl::convolution_backward_data(kind);
    } else {
      const auto same = maker(g, shape.images, after, in, in, in).forward();
      const auto kind = maker(g, shape.images, after, in, Type::f32, in).weights(same);
      adopt(kind, kind.src_desc(), kind.diff_weights_desc(), kind.diff_dst_desc());
      primitive_ = dnnl::convolution_backward_weights(kind);
    }
    bias_ = memory(memory::desc(Dims{dim(g.result.channels)}, Type::f32, Dims{1}), engine(), nullptr);
    make_reorder(plain_weight(g));
  }

  // Operands are float32 or rounded already; `plain` is the weight or, in Direction::weights, its gradient.
  void run(const void* x, const float* plain, const void* y, const float* bias) {
    thread_local Scratch pad, weight;
    x_.set_data_handle(const_cast<void*>(x)), y_.set_data_handle(const_cast<void*>(y));
    w_.set_data_handle(weight.at_least(weight_bytes_));
    plain_.set_data_handle(const_cast<float*>(plain));
    bias_.set_data_handle(const_cast<float*>(bias));
    scratch_.set_data_handle(pad.at_least(scratch_bytes_));
    const bool gradient = direction_ == Direction::weights;
    if (!gradient) put_in_order(plain_, w_);
    execute();
    if (gradient) put_in_order(w_, plain_);
  }

 private:
  template <class Kind>
  void adopt(const Kind& kind, const memory::desc& x, const memory::desc& w, const memory::desc& y) {
    x_ = memory(x, engine(), nullptr), y_ = memory(y, engine(), nullptr);
    w_ = memory(w, engine(), nullptr), weight_bytes_ = w.get_size();
    scratch_ = memory(kind.scratchpad_desc(), engine(), nullptr);
    scratch_bytes_ = kind.scratchpad_desc().get_size();
  }

  void make_reorder(const memory::desc& plain) {
    plain_ = memory(plain, engine(), nullptr);
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const bool gradient = direction_ == Direction::weights;
    const auto w = w_.get_desc();
    const dnnl::reorder::primitive_desc kind(engine(), gradient ? w : plain, engine(), gradient ? plain : w,
                                             attr);
    reorder_ = dnnl::reorder(kind);
    reorder_scratch_ = memory(kind.scratchpad_desc(), engine(), nullptr);
    scratch_bytes_ = std::max(scratch_bytes_, kind.scratchpad_desc().get_size());
  }

  void put_in_order(const memory& from, const memory& to) {
    reorder_scratch_.set_data_handle(scratch_.get_data_handle());
    const dnnl_exec_arg_t arguments[] = {
        {DNNL_ARG_FROM, from.get()}, {DNNL_ARG_TO, to.get()}, {DNNL_ARG_SCRATCHPAD, reorder_scratch_.get()}};
    onednn::execute(reorder_, 3, arguments, "reorder of a weight");
  }

  void execute() {
    const bool forward = direction_ == Direction::forward, weights = direction_ == Direction::weights;
    const int x = direction_ == Direction::transposed ? DNNL_ARG_DIFF_SRC : DNNL_ARG_SRC;
    const dnnl_exec_arg_t arguments[] = {{x, x_.get()},
                                         {weights ? DNNL_ARG_DIFF_WEIGHTS : DNNL_ARG_WEIGHTS, w_.get()},
                                         {forward ? DNNL_ARG_DST : DNNL_ARG_DIFF_DST, y_.get()},
                                         {DNNL_ARG_SCRATCHPAD, scratch_.get()},
                                         {DNNL_ARG_BIAS, bias_.get()}};
    onednn::execute(primitive_, has_bias_ ? 5 : 4, arguments, "convolution");
  }

  Direction direction_;
  bool has_bias_ = false;
  dnnl::primitive primitive_, reorder_;
  std::size_t scratch_bytes_ = 0, weight_bytes_ = 0;
  memory x_, w_, y_, plain_, bias_, scratch_, reorder_scratch_;
};

Prepared& prepared(const Convolution& g, const Shape& shape, const Epilogue& after) {
  thread_local std::map<Shape, Prepared> table;
  const auto found = table.find(shape);
  if (found != table.end()) return found->second;
  const std::lock_guard alone(onednn::making());
  onednn::require_room();
  return table.try_emplace(shape, g, shape, after).first->second;
}

// A weight stays float32 until it is put in order, which rounds it; where bfloat16 is multiplied as float32
// nothing does.
const float* plain_factor(View<const float> w, Precision precision, Scratch& room) {
  if (onednn::type_of(precision) == Type::bf16) return w.data;
  return static_cast<const float*>(onednn::factor(w, precision, room));
}

}  // namespace

void convolve(const Convolution& g, View<const float> x, View<const float> w, View<float> y,
              const Epilogue& after, Precision precision) {
  thread_local Scratch room_x, room_w;
  const OneThread one;
  prepared(g, shape_of(Direction::forward, g, x.rows, after, precision), after)
      .run(factor(x, precision, room_x), plain_factor(w, precision, room_w), y.data, after.bias);
}

void convolve_transposed(const Convolution& g, View<const float> y, View<const float> w, View<float> x,
                         Precision precision) {
  thread_local Scratch room_y, room_w;
  const OneThread one;
  prepared(g, shape_of(Direction::transposed, g, x.rows, {}, precision), {})
      .run(x.data, plain_factor(w, precision, room_w), factor(y, precision, room_y), nullptr);
}

void convolve_weights(const Convolution& g, View<const float> x, View<const float> y, View<float> dw,
                      Precision precision) {
  thread_local Scratch room_x, room_y;
  const OneThread one;
  prepared(g, shape_of(Direction::weights, g, x.rows, {}, precision), {})
      .run(factor(x, precision, room_x), dw.data, factor(y, precision, room_y), nullptr);
}

}  // namespace pushforward::direct
