// SPDX-License-Identifier: Apache-2.0
//
// Activations, one pass each way.
//
// Forward runs over the batch as one flat array. Backward walks strips of 64 columns down all rows: dy and y
// are read once, da written once, and the strip's column sums, the gradient of the bias, stay in registers
// meanwhile. A strip belongs to one thread, so the sums do not depend on how many threads there are.
// Where the derivative is a function of the output (σ′ = y(1−y), tanh′ = 1−y², elu′ = y+s below 0,
// selu′ = y+λα below 0, softplus′ = 1−e^−y) nothing else is kept; gelu′ = Φ(a)+aφ(a) and silu′ need a.
//
// The backward of a tangent pass, ty = f′(a)·ta, needs f″ too: σ″ = σ′(1−2y), tanh″ = −2y·tanh′, elu″ = y+s
// below 0, softplus″ = (1−e^−y)e^−y, gelu″ = φ(a)(2−a²), silu″ = σ′(2+a(1−2σ)) with σ at a. Rectifiers have
// none.
//
// Sources: gelu [Hendrycks & Gimpel 2016, the exact form with Φ], silu [Elfwing et al. 2017], elu [Clevert et
// al. 2015], selu [Klambauer et al. 2017]. relu′(0) = 0.
#include "ops/activation.hpp"

#include <algorithm>
#include <cmath>

#include "core/synonyms.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/activation.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace {

struct Straight {  // piecewise linear: f″ = 0
  static constexpr bool kCurved = false;
  FloatVector curvature(FloatVector) const { return hn::Zero(FloatTag()); }
};
struct Curved {
  static constexpr bool kCurved = true;
};

// Each: value(a), and derivative(at) and curvature(at), f″, with `at` as activate_backward has it.
struct Linear : Straight {
  FloatVector value(FloatVector a) const { return a; }
  FloatVector derivative(FloatVector) const { return Constant(1.0f); }
};
struct SigmoidF : Curved {
  FloatVector value(FloatVector a) const { return Sigmoid(a); }
  FloatVector derivative(FloatVector y) const { return hn::NegMulAdd(y, y, y); }
  FloatVector curvature(FloatVector y) const {
    return hn::Mul(derivative(y), hn::NegMulAdd(Constant(2.0f), y, Constant(1.0f)));
  }
};
struct TanhF : Curved {
  FloatVector value(FloatVector a) const { return Tanh(a); }
  FloatVector derivative(FloatVector y) const { return hn::NegMulAdd(y, y, Constant(1.0f)); }
  FloatVector curvature(FloatVector y) const { return hn::Mul(hn::Mul(Constant(-2.0f), y), derivative(y)); }
};
struct Relu : Straight {
  FloatVector value(FloatVector a) const { return hn::Max(hn::Zero(FloatTag()), a); }
  FloatVector derivative(FloatVector y) const {
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(FloatTag())), Constant(1.0f));
  }
};
struct LeakyRelu : Straight {
  explicit LeakyRelu(FloatVector slope) : s(slope) {}
  FloatVector s;
  FloatVector value(FloatVector a) const {
    return hn::IfThenElse(hn::Gt(a, hn::Zero(FloatTag())), a, hn::Mul(s, a));
  }
  FloatVector derivative(FloatVector y) const {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(FloatTag())), Constant(1.0f), s);
  }
};
struct Elu : Curved {
  explicit Elu(FloatVector slope) : s(slope) {}
  FloatVector s;
  FloatVector value(FloatVector a) const {
    const auto zero = hn::Zero(FloatTag());
    return hn::IfThenElse(hn::Gt(a, zero), a, hn::Mul(s, Expm1(hn::Min(zero, a))));
  }
  FloatVector derivative(FloatVector y) const {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(FloatTag())), Constant(1.0f), hn::Add(y, s));
  }
  FloatVector curvature(FloatVector y) const {
    return hn::IfThenZeroElse(hn::Gt(y, hn::Zero(FloatTag())), hn::Add(y, s));
  }
};
struct Selu : Curved {
  FloatVector scale = Constant(static_cast<float>(kSeluScale));
  FloatVector slope = Constant(static_cast<float>(kSeluScale * kSeluAlpha));  // at 0 from below
  FloatVector value(FloatVector a) const {
    const auto zero = hn::Zero(FloatTag());
    return hn::IfThenElse(hn::Gt(a, zero), hn::Mul(scale, a), hn::Mul(slope, Expm1(hn::Min(zero, a))));
  }
  FloatVector derivative(FloatVector y) const {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(FloatTag())), scale, hn::Add(y, slope));
  }
  FloatVector curvature(FloatVector y) const {
    return hn::IfThenZeroElse(hn::Gt(y, hn::Zero(FloatTag())), hn::Add(y, slope));
  }
};
struct Gelu : Curved {
  FloatVector value(FloatVector a) const { return hn::Mul(a, NormalCdfPdf(a).cdf); }
  FloatVector derivative(FloatVector a) const {
    const NormalCdfAndPdf normal = NormalCdfPdf(a);
    return hn::MulAdd(a, normal.pdf, normal.cdf);
  }
  FloatVector curvature(FloatVector a) const {
    return hn::Mul(NormalCdfPdf(a).pdf, hn::NegMulAdd(a, a, Constant(2.0f)));
  }
};
struct Silu : Curved {
  FloatVector value(FloatVector a) const { return hn::Mul(a, Sigmoid(a)); }
  FloatVector derivative(FloatVector a) const {
    const SigmoidPair s = SigmoidBothWays(a);
    return hn::MulAdd(hn::Mul(a, s.plus), s.minus, s.plus);
  }
  FloatVector curvature(FloatVector a) const {
    const SigmoidPair s = SigmoidBothWays(a);
    return hn::Mul(hn::Mul(s.plus, s.minus), hn::MulAdd(a, hn::Sub(s.minus, s.plus), Constant(2.0f)));
  }
};
struct Softplus : Curved {
  FloatVector value(FloatVector a) const { return SoftplusSigmoid(a).softplus; }
  FloatVector derivative(FloatVector y) const { return hn::Neg(Expm1(hn::Neg(y))); }
  FloatVector curvature(FloatVector y) const {
    const FloatVector below = Expm1(hn::Neg(y));  // e^−y − 1
    return hn::Neg(hn::MulAdd(below, below, below));
  }
};

template <class Body>
void WithKind(const Activation& f, const Body& body) {
  using Kind = Activation::Kind;
  switch (f.kind) {
    case Kind::linear:
      return body(Linear{});
    case Kind::sigmoid:
      return body(SigmoidF{});
    case Kind::tanh:
      return body(TanhF{});
    case Kind::relu:
      return body(Relu{});
    case Kind::leaky_relu:
      return body(LeakyRelu(Constant(static_cast<float>(f.slope))));
    case Kind::elu:
      return body(Elu(Constant(static_cast<float>(f.slope))));
    case Kind::gelu:
      return body(Gelu{});
    case Kind::silu:
      return body(Silu{});
    case Kind::softplus:
      return body(Softplus{});
    case Kind::selu:
      return body(Selu{});
  }
}

void ActivatePiece(const Activation& activation, const float* a, float* y, std::size_t n) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  WithKind(activation, [&](auto f) HWY_ATTR {
    std::size_t i = 0;
    for (; i + lanes <= n; i += lanes) hn::StoreU(f.value(hn::LoadU(d, a + i)), d, y + i);
    if (i < n) StoreFirst(f.value(LoadFirst(a + i, n - i)), y + i, n - i);
  });
}

// Walks columns begin … end−1 of all rows: body(k, count) handles the `count` elements from place k of the
// row-major arrays and returns a vector whose sums by column are added to `bias`, where that is wanted. One
// strip is four vectors wide, the rest one.
struct Columns {
  std::size_t rows, cols, begin, end;
  float* bias;
};

template <class Body>
HWY_INLINE void NarrowStrip(const Columns& at, std::size_t j, std::size_t count, const Body& body) {
  FloatVector sum = hn::Zero(FloatTag());
  for (std::size_t i = 0; i < at.rows; ++i) sum = hn::Add(sum, body(i * at.cols + j, count));
  if (at.bias) StoreFirst(hn::Add(sum, LoadFirst(at.bias + j, count)), at.bias + j, count);
}

template <class Body>
HWY_INLINE void WideStrip(const Columns& at, std::size_t j, const Body& body) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  FloatVector s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  for (std::size_t i = 0; i < at.rows; ++i) {
    const std::size_t k = i * at.cols + j;
    s0 = hn::Add(s0, body(k, lanes)), s1 = hn::Add(s1, body(k + lanes, lanes));
    s2 = hn::Add(s2, body(k + 2 * lanes, lanes)), s3 = hn::Add(s3, body(k + 3 * lanes, lanes));
  }
  if (!at.bias) return;
  float* b = at.bias + j;
  hn::StoreU(hn::Add(hn::LoadU(d, b), s0), d, b);
  hn::StoreU(hn::Add(hn::LoadU(d, b + lanes), s1), d, b + lanes);
  hn::StoreU(hn::Add(hn::LoadU(d, b + 2 * lanes), s2), d, b + 2 * lanes);
  hn::StoreU(hn::Add(hn::LoadU(d, b + 3 * lanes), s3), d, b + 3 * lanes);
}

template <class Body>
HWY_INLINE void WalkColumns(const Columns& at, const Body& body) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  std::size_t j = at.begin;
  for (; j + 4 * lanes <= at.end; j += 4 * lanes) WideStrip(at, j, body);
  for (; j < at.end; j += lanes) NarrowStrip(at, j, std::min(lanes, at.end - j), body);
}

void BackwardColumns(const Activation& activation, const BackwardArguments& at, std::size_t begin,
                     std::size_t end) {
  WithKind(activation, [&](auto f) HWY_ATTR {
    WalkColumns({at.rows, at.cols, begin, end, at.bias}, [&](std::size_t k, std::size_t count) HWY_ATTR {
      const FloatVector v = hn::Mul(LoadUpTo(at.dy + k, count), f.derivative(LoadUpTo(at.at + k, count)));
      if (at.da) StoreUpTo(v, at.da + k, count);
      return v;
    });
  });
}

void TangentBackwardColumns(const Activation& activation, const TangentBackwardArguments& at,
                            std::size_t begin, std::size_t end) {
  WithKind(activation, [&](auto f) HWY_ATTR {
    WalkColumns({at.rows, at.cols, begin, end, at.bias}, [&](std::size_t k, std::size_t count) HWY_ATTR {
      const FloatVector v = LoadUpTo(at.at + k, count), slope = f.derivative(v);
      const FloatVector dty = LoadUpTo(at.dty + k, count);
      FloatVector da = hn::Zero(FloatTag());
      if (at.dy) da = hn::Mul(LoadUpTo(at.dy + k, count), slope);
      if (f.kCurved) da = hn::MulAdd(hn::Mul(dty, LoadUpTo(at.ta + k, count)), f.curvature(v), da);
      if (at.dta) StoreUpTo(hn::Mul(dty, slope), at.dta + k, count);
      if (at.da) StoreUpTo(da, at.da + k, count);
      return da;
    });
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward {
namespace {
HWY_EXPORT(ActivatePiece);
HWY_EXPORT(BackwardColumns);
HWY_EXPORT(TangentBackwardColumns);

constexpr std::size_t kGrain = 16384;      // elements that are worth a thread
constexpr std::size_t kStripColumns = 64;  // a thread gets whole strips

// Shares strips of columns among threads: body(begin, end) of columns.
template <class Body>
void by_strips(std::size_t rows, std::size_t cols, const Body& body) {
  const std::size_t strips = (cols + kStripColumns - 1) / kStripColumns;
  const std::size_t grain =
      std::max<std::size_t>(1, kGrain / (kStripColumns * std::max<std::size_t>(1, rows)));
  parallel_for(strips, grain, [&](std::size_t begin, std::size_t end) {
    body(begin * kStripColumns, std::min(end * kStripColumns, cols));
  });
}

double default_slope(Activation::Kind kind) {
  if (kind == Activation::Kind::leaky_relu) return 0.01;
  return kind == Activation::Kind::elu ? 1.0 : 0.0;
}

}  // namespace

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = {"linear", "sigmoid", "tanh", "relu",     "leaky-relu",
                                                 "elu",    "gelu",    "silu", "softplus", "selu"};
  return names;
}

std::string activation_name(Activation::Kind kind) {
  return activation_names()[static_cast<std::size_t>(kind)];
}
std::string activation_name(const Activation& activation) { return activation_name(activation.kind); }

Activation::Kind parse_activation_kind(std::string_view name) {
  return static_cast<Activation::Kind>(find_word("activation", name, activation_names()));
}

Activation make_activation(Activation::Kind kind, std::optional<double> slope) {
  return {kind, slope.value_or(default_slope(kind))};
}
Activation parse_activation(std::string_view name) { return make_activation(parse_activation_kind(name)); }

double steepest(const Activation& activation) {
  using Kind = Activation::Kind;
  switch (activation.kind) {
    case Kind::sigmoid:
      return 0.25;
    case Kind::gelu:
      return 1.1289042;
    case Kind::silu:
      return 1.0998394;
    case Kind::selu:
      return kSeluScale * kSeluAlpha;
    case Kind::leaky_relu:
    case Kind::elu:
      return std::max(1.0, std::abs(activation.slope));
    default:
      return 1;
  }
}

void activate(const Activation& activation, std::span<const float> a, std::span<float> y) {
  if (activation.linear() && a.data() == y.data()) return;
  parallel_for(y.size(), kGrain, [&](std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(ActivatePiece)(activation, a.data() + begin, y.data() + begin, end - begin);
  });
}

void activate_backward(const Activation& activation, View<const float> dy, View<const float> at,
                       View<float> da, float* bias_gradient) {
  const BackwardArguments arguments{dy.data, at.data, da.data, bias_gradient, dy.rows, dy.cols};
  by_strips(dy.rows, dy.cols, [&](std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(BackwardColumns)(activation, arguments, begin, end);
  });
}

void activate_tangent_backward(const Activation& activation, const TangentBackwardArguments& arguments) {
  by_strips(arguments.rows, arguments.cols, [&](std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(TangentBackwardColumns)(activation, arguments, begin, end);
  });
}

}  // namespace pushforward
#endif  // HWY_ONCE
