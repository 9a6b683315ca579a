// SPDX-License-Identifier: Apache-2.0
//
// Elementary functions on vectors of floats, a few ulp from the truth, for every target that Highway
// compiles.
//
// exp and expm1 reduce x to r = x − n ln 2, |r| ≤ ½ ln 2 (Cody & Waite's two-part ln 2, so that r is exact to
// rounding), and use a degree-6 polynomial; 2^n is put in by exponent bits, in two halves, so that results
// below the smallest normal number come out right. Logarithms use log(1+u) = 2 artanh(u/(2+u)), whose odd
// series in s = u/(2+u) is short because |s| is small. The coefficients are minimax fits (Lawson's weighted
// least squares, in double precision) to the functions named beside them; the largest relative error of each
// polynomial is given there and lies below a quarter of an ulp (6e-8). NaN goes in and NaN comes out: a
// diverged loss must be seen.
//
// Rejected: Highway's own contrib/math, which is as accurate but twice as slow for what is wanted most here,
// softplus and sigmoid of the same number: they share one exponential and one division (SoftplusSigmoid).
//
// Names are in Highway's manner, capitalised, to tell vectors' functions from numbers'.
//
// Include this inside a foreach_target file (see activation.cpp); the guard below is toggled per target.

#if defined(PUSHFORWARD_CORE_VECTOR_MATH_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PUSHFORWARD_CORE_VECTOR_MATH_INL
#undef PUSHFORWARD_CORE_VECTOR_MATH_INL
#else
#define PUSHFORWARD_CORE_VECTOR_MATH_INL
#endif

#include <cstddef>
#include <cstring>

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using FloatTag = hn::ScalableTag<float>;
using FloatVector = hn::Vec<FloatTag>;
using IntTag = hn::RebindToSigned<FloatTag>;
using IntVector = hn::Vec<IntTag>;

HWY_INLINE FloatVector Constant(float value) { return hn::Set(FloatTag(), value); }

// c0 + c1·x + c2·x² + …, by Horner's rule.
HWY_INLINE FloatVector Polynomial(FloatVector /*x*/, float c) { return Constant(c); }
template <class... More>
HWY_INLINE FloatVector Polynomial(FloatVector x, float c, More... more) {
  return hn::MulAdd(Polynomial(x, more...), x, Constant(c));
}

// 2^n for −126 ≤ n ≤ 127.
HWY_INLINE FloatVector PowerOfTwo(IntVector n) {
  return hn::BitCast(FloatTag(), hn::ShiftLeft<23>(hn::Add(n, hn::Set(IntTag(), 127))));
}

struct Reduced {
  FloatVector r;  // x − n ln 2
  IntVector n;
};

HWY_INLINE Reduced ReduceByLn2(FloatVector x) {
  const IntVector n = hn::NearestInt(hn::Mul(x, Constant(1.44269504f)));
  const FloatVector f = hn::ConvertTo(FloatTag(), n);
  // ln 2 = 0.693359375 (11 bits: n times it is exact) − 0.000212194440.
  const FloatVector high = hn::NegMulAdd(f, Constant(0.693359375f), x);
  return {hn::NegMulAdd(f, Constant(-2.12194440e-4f), high), n};
}

// e^r − 1 for |r| ≤ ½ ln 2: r + r² P(r), relative error 1.4e-8.
HWY_INLINE FloatVector Expm1Reduced(FloatVector r) {
  const FloatVector p =
      Polynomial(r, 0.500000007f, 0.16666538f, 0.0416662666f, 0.00836724692f, 0.00139475955f);
  return hn::MulAdd(hn::Mul(r, r), p, r);
}

// e^x: 0 below −104, +∞ above 88.73.
HWY_INLINE FloatVector Exp(FloatVector x) {
  // The bound stands first: x86's minimum and maximum return their second operand where one is NaN.
  const FloatVector bounded = hn::Min(Constant(88.8f), hn::Max(Constant(-104.0f), x));
  const Reduced a = ReduceByLn2(bounded);
  const FloatVector p = hn::Add(Constant(1.0f), Expm1Reduced(a.r));
  const IntVector half = hn::ShiftRight<1>(a.n);
  return hn::Mul(hn::Mul(p, PowerOfTwo(half)), PowerOfTwo(hn::Sub(a.n, half)));
}

// e^x for x ≤ 0 where results below 1e-38 do not matter: one multiplication less.
HWY_INLINE FloatVector ExpNonPositive(FloatVector x) {
  const Reduced a = ReduceByLn2(hn::Max(Constant(-87.0f), x));
  const FloatVector scale = PowerOfTwo(a.n);
  return hn::MulAdd(Expm1Reduced(a.r), scale, scale);
}

// e^x − 1, to a few ulp also near 0.
HWY_INLINE FloatVector Expm1(FloatVector x) {
  const FloatVector bounded = hn::Min(Constant(88.0f), hn::Max(Constant(-87.0f), x));
  const Reduced a = ReduceByLn2(bounded);
  const FloatVector scale = PowerOfTwo(a.n);
  const FloatVector inside = hn::MulAdd(Expm1Reduced(a.r), scale, hn::Sub(scale, Constant(1.0f)));
  // Above 88, infinity.
  const FloatVector beyond = hn::Max(hn::Zero(FloatTag()), hn::Sub(x, bounded));
  return hn::MulAdd(beyond, Constant(3e38f), inside);
}

// 2 artanh(s) = 2s + s·w·Q(w), w = s²; Q to relative error 1e-10 (of the whole) for w ≤ 1/9.
HWY_INLINE FloatVector TwiceArtanh(FloatVector s) {
  const FloatVector w = hn::Mul(s, s);
  const FloatVector q = Polynomial(w, 0.666666757f, 0.399988729f, 0.286170354f, 0.214258506f, 0.243083253f);
  return hn::MulAdd(hn::Mul(s, w), q, hn::Add(s, s));
}

// ln x for x > 0 and normal.
HWY_INLINE FloatVector LogPositive(FloatVector x) {
  const FloatTag d;
  const IntTag di;
  // x = 2^e · m with m in [√½, √2): adding the difference of 1 and √½ to the bits carries into the exponent.
  const IntVector root = hn::Set(di, 0x3f3504f3);
  const IntVector bits = hn::Sub(hn::BitCast(di, x), root);
  const IntVector e = hn::ShiftRight<23>(bits);
  const FloatVector m = hn::BitCast(d, hn::Add(hn::And(bits, hn::Set(di, 0x007fffff)), root));
  const FloatVector one = Constant(1.0f);
  const FloatVector s = hn::Div(hn::Sub(m, one), hn::Add(m, one));
  const FloatVector w = hn::Mul(s, s);
  const FloatVector q = Polynomial(w, 0.666667798f, 0.399770792f, 0.298851906f);  // relative error 8e-10
  const FloatVector log_m = hn::MulAdd(hn::Mul(s, w), q, hn::Add(s, s));
  const FloatVector f = hn::ConvertTo(d, e);
  return hn::MulAdd(f, Constant(0.693359375f), hn::MulAdd(f, Constant(-2.12194440e-4f), log_m));
}

struct SoftplusAndSigmoid {
  FloatVector softplus, sigmoid;
};

// ln(1+e^x) = max(x,0) + ln(1+t) and 1/(1+e^−x), with t = e^−|x| in (0, 1]. Both need a division, by 1+t and
// by 2+t; one reciprocal of their product serves both.
HWY_INLINE SoftplusAndSigmoid SoftplusSigmoid(FloatVector x) {
  const FloatVector one = Constant(1.0f);
  const FloatVector t = ExpNonPositive(hn::Neg(hn::Abs(x)));
  const FloatVector one_t = hn::Add(one, t), two_t = hn::Add(Constant(2.0f), t);
  const FloatVector reciprocal = hn::Div(one, hn::Mul(one_t, two_t));
  const FloatVector above = hn::Mul(two_t, reciprocal);  // 1/(1+t), the sigmoid of |x|
  const FloatVector log1p = TwiceArtanh(hn::Mul(hn::Mul(t, one_t), reciprocal));
  const auto negative = hn::Lt(x, hn::Zero(FloatTag()));
  return {hn::Add(hn::Max(hn::Zero(FloatTag()), x), log1p),
          hn::IfThenElse(negative, hn::Mul(t, above), above)};
}

struct SigmoidPair {
  FloatVector plus, minus;
};

// 1/(1+e^−x) and 1/(1+e^x), each to a few ulp: the second is not 1 minus the first.
HWY_INLINE SigmoidPair SigmoidBothWays(FloatVector x) {
  const FloatVector one = Constant(1.0f);
  const FloatVector t = ExpNonPositive(hn::Neg(hn::Abs(x)));
  const FloatVector above = hn::Div(one, hn::Add(one, t)), below = hn::Mul(t, above);
  const auto negative = hn::Lt(x, hn::Zero(FloatTag()));
  return {hn::IfThenElse(negative, below, above), hn::IfThenElse(negative, above, below)};
}

HWY_INLINE FloatVector Sigmoid(FloatVector x) { return SigmoidBothWays(x).plus; }

// tanh: x + x³T(x²) below 0.6 (relative error 3e-9), (1−u)/(1+u) with u = e^−2|x| above.
HWY_INLINE FloatVector Tanh(FloatVector x) {
  const FloatVector one = Constant(1.0f), size = hn::Abs(x), z = hn::Mul(x, x);
  const FloatVector t =
      Polynomial(z, -0.33333298f, 0.133319241f, -0.053783828f, 0.0207959646f, -0.00589515029f);
  const FloatVector near = hn::MulAdd(hn::Mul(x, z), t, x);
  const FloatVector u = ExpNonPositive(hn::Mul(Constant(-2.0f), size));
  const FloatVector far = hn::CopySign(hn::Div(hn::Sub(one, u), hn::Add(one, u)), x);
  return hn::IfThenElse(hn::Lt(size, Constant(0.6f)), near, far);
}

struct NormalCdfAndPdf {
  FloatVector cdf, pdf;
};

// Φ(x) and φ(x). Φ(−|x|) = e^(−x²/2) g(1/(1+0.35|x|)) with g a degree-9 polynomial (relative error 3e-8 up to
// |x| = 14, where Φ leaves float's range), the form of Abramowitz & Stegun 7.1.26 with coefficients of our
// own.
HWY_INLINE NormalCdfAndPdf NormalCdfPdf(FloatVector x) {
  const FloatVector one = Constant(1.0f), size = hn::Abs(x);
  const FloatVector e = ExpNonPositive(hn::Mul(Constant(-0.5f), hn::Mul(x, x)));
  const FloatVector t = hn::Div(one, hn::MulAdd(Constant(0.35f), size, one));
  const FloatVector g =
      Polynomial(t, -1.88661416e-06f, 0.139662853f, 0.139477559f, 0.121809476f, 0.0992786026f, -0.0105973509f,
                 0.143103683f, -0.242945507f, 0.138258208f, -0.0280456507f);
  const FloatVector below = hn::Mul(e, g);
  const auto negative = hn::Lt(x, hn::Zero(FloatTag()));
  return {hn::IfThenElse(negative, below, hn::Sub(one, below)), hn::Mul(Constant(0.398942280f), e)};
}

struct SinAndCos {
  FloatVector sin, cos;
};

// sin and cos of 2π·w/2³² for whole w: the angle as 32 bits of a turn, so that reduction is exact. The top
// two bits, rounded, name the quadrant; the rest is an angle within ±π/4.
HWY_INLINE SinAndCos SinCosOfTurn(hn::Vec<hn::RebindToUnsigned<FloatTag>> w) {
  const FloatTag d;
  const IntTag di;
  const hn::RebindToUnsigned<FloatTag> du;
  const auto quadrant = hn::ShiftRight<30>(hn::Add(w, hn::Set(du, 1u << 29)));
  const IntVector rest = hn::BitCast(di, hn::Sub(w, hn::ShiftLeft<30>(quadrant)));
  const FloatVector x = hn::Mul(hn::ConvertTo(d, rest), Constant(1.46291808e-9f));  // 2π/2³²
  const FloatVector z = hn::Mul(x, x);
  const FloatVector s =
      hn::MulAdd(hn::Mul(x, z), Polynomial(z, -0.166666549f, 0.00833217353f, -0.000195166547f), x);
  const FloatVector c =
      hn::MulAdd(hn::Mul(z, z), Polynomial(z, 0.0416666467f, -0.00138873614f, 2.44377282e-05f),
                 hn::NegMulAdd(Constant(0.5f), z, Constant(1.0f)));
  const auto odd = hn::Ne(hn::And(quadrant, hn::Set(du, 1u)), hn::Zero(du));
  const auto odd_mask = hn::RebindMask(d, odd);
  const auto sign_sin = hn::BitCast(d, hn::ShiftLeft<30>(hn::And(quadrant, hn::Set(du, 2u))));
  const auto sign_cos =
      hn::BitCast(d, hn::ShiftLeft<30>(hn::And(hn::Add(quadrant, hn::Set(du, 1u)), hn::Set(du, 2u))));
  return {hn::Xor(hn::IfThenElse(odd_mask, c, s), sign_sin),
          hn::Xor(hn::IfThenElse(odd_mask, s, c), sign_cos)};
}

// The first `count` elements at p, zeros after them: for the end of a row. Masked loads of AVX2 and later
// touch no memory beyond; elsewhere a small copy sees to that.
HWY_INLINE FloatVector LoadFirst(const float* p, std::size_t count) {
  const FloatTag d;
#if HWY_TARGET <= HWY_AVX2
  return hn::MaskedLoad(hn::FirstN(d, count), d, p);
#else
  HWY_ALIGN float buffer[HWY_MAX_BYTES / sizeof(float)] = {};
  std::memcpy(buffer, p, count * sizeof(float));
  return hn::Load(d, buffer);
#endif
}

HWY_INLINE void StoreFirst(FloatVector v, float* p, std::size_t count) {
  const FloatTag d;
#if HWY_TARGET <= HWY_AVX2
  hn::BlendedStore(v, hn::FirstN(d, count), d, p);
#else
  HWY_ALIGN float buffer[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(v, d, buffer);
  std::memcpy(p, buffer, count * sizeof(float));
#endif
}

// Whole vectors where they fit, the first `count` elements otherwise.
HWY_INLINE FloatVector LoadUpTo(const float* p, std::size_t count) {
  return count == hn::Lanes(FloatTag()) ? hn::LoadU(FloatTag(), p) : LoadFirst(p, count);
}

HWY_INLINE void StoreUpTo(FloatVector v, float* p, std::size_t count) {
  if (count == hn::Lanes(FloatTag()))
    hn::StoreU(v, FloatTag(), p);
  else
    StoreFirst(v, p, count);
}

// The sum of the lanes, in double precision and in a fixed order.
HWY_INLINE double SumInDouble(FloatVector v) {
  HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(v, FloatTag(), lanes);
  double sum = 0;
  for (std::size_t i = 0; i < hn::Lanes(FloatTag()); ++i) sum += static_cast<double>(lanes[i]);
  return sum;
}

// body(i, count) for vectors of `lanes` elements from i on, the last one of the count that is left.
template <class Body>
HWY_INLINE void ForVectors(std::size_t n, const Body& body) {
  const std::size_t lanes = hn::Lanes(FloatTag());
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) body(i, lanes);
  if (i < n) body(i, n - i);
}

// Σ over vectors of body(i, count), which handles elements i … i+count−1 (count = lanes, but at the end) and
// returns their terms; what it returns beyond `count` is not added. A lane takes at most 64 terms in float,
// then goes into a double: the error of the sum stays that of its terms, at a sixty-fourth of the cost of
// adding in double throughout. The order depends on n alone.
template <class Body>
HWY_INLINE double SumOver(std::size_t n, const Body& body) {
  constexpr std::size_t kTermsPerLane = 64;
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  double total = 0;
  std::size_t i = 0;
  while (i + lanes <= n) {
    const std::size_t stop = i + lanes * (n - i < kTermsPerLane * lanes ? (n - i) / lanes : kTermsPerLane);
    FloatVector sum = hn::Zero(d);
    for (; i < stop; i += lanes) sum = hn::Add(sum, body(i, lanes));
    total += SumInDouble(sum);
  }
  if (i < n) total += SumInDouble(hn::IfThenElseZero(hn::FirstN(d, n - i), body(i, n - i)));
  return total;
}

}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#endif  // per-target guard
