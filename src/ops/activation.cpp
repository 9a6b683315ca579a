// SPDX-License-Identifier: Apache-2.0
//
// Activations, one pass each way.
//
// Forward runs over the batch as one flat array. Backward walks strips of 64 columns down all rows: dy and y
// are read once, da written once, and the strip's column sums, the gradient of the bias, stay in registers
// meanwhile. A strip belongs to one thread, so the sums do not depend on how many threads there are.
// Where the derivative is a function of the output (σ′ = y(1−y), tanh′ = 1−y², elu′ = y+s below 0,
// softplus′ = 1−e^−y) nothing else is kept; gelu′ = Φ(a)+aφ(a) and silu′ need a.
//
// Sources: gelu [Hendrycks & Gimpel 2016, the exact form with Φ], silu [Elfwing et al. 2017], elu [Clevert et
// al. 2015]. relu′(0) = 0.
#include "ops/activation.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

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

// Each: value(a), and derivative(at) with `at` as activate_backward has it.
struct Linear {
  FloatVector value(FloatVector a) const { return a; }
  FloatVector derivative(FloatVector) const { return Constant(1.0f); }
};
struct SigmoidF {
  FloatVector value(FloatVector a) const { return Sigmoid(a); }
  FloatVector derivative(FloatVector y) const { return hn::NegMulAdd(y, y, y); }
};
struct TanhF {
  FloatVector value(FloatVector a) const { return Tanh(a); }
  FloatVector derivative(FloatVector y) const { return hn::NegMulAdd(y, y, Constant(1.0f)); }
};
struct Relu {
  FloatVector value(FloatVector a) const { return hn::Max(hn::Zero(FloatTag()), a); }
  FloatVector derivative(FloatVector y) const {
    return hn::IfThenElseZero(hn::Gt(y, hn::Zero(FloatTag())), Constant(1.0f));
  }
};
struct LeakyRelu {
  FloatVector s;
  FloatVector value(FloatVector a) const {
    return hn::IfThenElse(hn::Gt(a, hn::Zero(FloatTag())), a, hn::Mul(s, a));
  }
  FloatVector derivative(FloatVector y) const {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(FloatTag())), Constant(1.0f), s);
  }
};
struct Elu {
  FloatVector s;
  FloatVector value(FloatVector a) const {
    const auto zero = hn::Zero(FloatTag());
    return hn::IfThenElse(hn::Gt(a, zero), a, hn::Mul(s, Expm1(hn::Min(zero, a))));
  }
  FloatVector derivative(FloatVector y) const {
    return hn::IfThenElse(hn::Gt(y, hn::Zero(FloatTag())), Constant(1.0f), hn::Add(y, s));
  }
};
struct Gelu {
  FloatVector value(FloatVector a) const { return hn::Mul(a, NormalCdfPdf(a).cdf); }
  FloatVector derivative(FloatVector a) const {
    const NormalCdfAndPdf normal = NormalCdfPdf(a);
    return hn::MulAdd(a, normal.pdf, normal.cdf);
  }
};
struct Silu {
  FloatVector value(FloatVector a) const { return hn::Mul(a, Sigmoid(a)); }
  FloatVector derivative(FloatVector a) const {
    const SigmoidPair s = SigmoidBothWays(a);
    return hn::MulAdd(hn::Mul(a, s.plus), s.minus, s.plus);
  }
};
struct Softplus {
  FloatVector value(FloatVector a) const { return SoftplusSigmoid(a).softplus; }
  FloatVector derivative(FloatVector y) const { return hn::Neg(Expm1(hn::Neg(y))); }
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
      return body(LeakyRelu{Constant(static_cast<float>(f.slope))});
    case Kind::elu:
      return body(Elu{Constant(static_cast<float>(f.slope))});
    case Kind::gelu:
      return body(Gelu{});
    case Kind::silu:
      return body(Silu{});
    case Kind::softplus:
      return body(Softplus{});
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

// da of `count` ≤ lanes columns from column j, all rows; returns nothing, adds the sums.
template <class F>
void NarrowStrip(const F& f, const BackwardArguments& at, std::size_t j, std::size_t count) {
  FloatVector sum = hn::Zero(FloatTag());
  for (std::size_t i = 0; i < at.rows; ++i) {
    const std::size_t k = i * at.cols + j;
    const FloatVector v = hn::Mul(LoadFirst(at.dy + k, count), f.derivative(LoadFirst(at.at + k, count)));
    if (at.da) StoreFirst(v, at.da + k, count);
    sum = hn::Add(sum, v);
  }
  if (at.bias) StoreFirst(hn::Add(sum, LoadFirst(at.bias + j, count)), at.bias + j, count);
}

// The same for four vectors of columns.
template <class F>
void WideStrip(const F& f, const BackwardArguments& at, std::size_t j) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  FloatVector s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  for (std::size_t i = 0; i < at.rows; ++i) {
    const std::size_t k = i * at.cols + j;
    const auto one = [&](std::size_t offset) HWY_ATTR {
      const FloatVector v =
          hn::Mul(hn::LoadU(d, at.dy + k + offset), f.derivative(hn::LoadU(d, at.at + k + offset)));
      if (at.da) hn::StoreU(v, d, at.da + k + offset);
      return v;
    };
    s0 = hn::Add(s0, one(0)), s1 = hn::Add(s1, one(lanes));
    s2 = hn::Add(s2, one(2 * lanes)), s3 = hn::Add(s3, one(3 * lanes));
  }
  if (!at.bias) return;
  float* b = at.bias + j;
  hn::StoreU(hn::Add(hn::LoadU(d, b), s0), d, b);
  hn::StoreU(hn::Add(hn::LoadU(d, b + lanes), s1), d, b + lanes);
  hn::StoreU(hn::Add(hn::LoadU(d, b + 2 * lanes), s2), d, b + 2 * lanes);
  hn::StoreU(hn::Add(hn::LoadU(d, b + 3 * lanes), s3), d, b + 3 * lanes);
}

void BackwardColumns(const Activation& activation, const BackwardArguments& at, std::size_t begin,
                     std::size_t end) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  WithKind(activation, [&](auto f) HWY_ATTR {
    std::size_t j = begin;
    for (; j + 4 * lanes <= end; j += 4 * lanes) WideStrip(f, at, j);
    for (; j < end; j += lanes) NarrowStrip(f, at, j, std::min(lanes, end - j));
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

constexpr std::size_t kGrain = 16384;      // elements that are worth a thread
constexpr std::size_t kStripColumns = 64;  // a thread gets whole strips

double default_slope(Activation::Kind kind) {
  if (kind == Activation::Kind::leaky_relu) return 0.01;
  return kind == Activation::Kind::elu ? 1.0 : 0.0;
}

double normal_cdf(double a) { return 0.5 * std::erfc(-a / std::numbers::sqrt2); }
double normal_pdf(double a) { return std::exp(-0.5 * a * a) / std::sqrt(2 * std::numbers::pi); }
double sigmoid(double a) { return 1 / (1 + std::exp(-a)); }

}  // namespace

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = {"linear", "sigmoid", "tanh", "relu",    "leaky-relu",
                                                 "elu",    "gelu",    "silu", "softplus"};
  return names;
}

Activation parse_activation(std::string_view name, double slope) {
  const auto& names = activation_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw unknown_word("activation", name, names);
  Activation activation;
  activation.kind = static_cast<Activation::Kind>(found - names.begin());
  activation.slope = slope < 0 ? default_slope(activation.kind) : slope;
  return activation;
}

std::string activation_name(const Activation& activation) {
  return activation_names()[static_cast<std::size_t>(activation.kind)];
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
  const std::size_t strips = (dy.cols + kStripColumns - 1) / kStripColumns;
  const std::size_t grain =
      std::max<std::size_t>(1, kGrain / (kStripColumns * std::max<std::size_t>(1, dy.rows)));
  parallel_for(strips, grain, [&](std::size_t begin, std::size_t end) {
    HWY_DYNAMIC_DISPATCH(BackwardColumns)
    (activation, arguments, begin * kStripColumns, std::min(end * kStripColumns, dy.cols));
  });
}

double activation_value(const Activation& f, double a) {
  using Kind = Activation::Kind;
  const double s = f.slope;
  switch (f.kind) {
    case Kind::linear:
      return a;
    case Kind::sigmoid:
      return sigmoid(a);
    case Kind::tanh:
      return std::tanh(a);
    case Kind::relu:
      return a > 0 ? a : 0;
    case Kind::leaky_relu:
      return a > 0 ? a : s * a;
    case Kind::elu:
      return a > 0 ? a : s * std::expm1(a);
    case Kind::gelu:
      return a * normal_cdf(a);
    case Kind::silu:
      return a * sigmoid(a);
    case Kind::softplus:
      return std::max(a, 0.0) + std::log1p(std::exp(-std::abs(a)));
  }
  return 0;
}

double activation_slope(const Activation& f, double a) {
  using Kind = Activation::Kind;
  const double s = f.slope;
  switch (f.kind) {
    case Kind::linear:
      return 1;
    case Kind::sigmoid:
      return sigmoid(a) * sigmoid(-a);
    case Kind::tanh:
      return 1 - std::tanh(a) * std::tanh(a);
    case Kind::relu:
      return a > 0 ? 1 : 0;
    case Kind::leaky_relu:
      return a > 0 ? 1 : s;
    case Kind::elu:
      return a > 0 ? 1 : s * std::exp(a);
    case Kind::gelu:
      return normal_cdf(a) + a * normal_pdf(a);
    case Kind::silu:
      return sigmoid(a) * (1 + a * sigmoid(-a));
    case Kind::softplus:
      return sigmoid(a);
  }
  return 0;
}

}  // namespace pushforward
#endif  // HWY_ONCE
