// SPDX-License-Identifier: Apache-2.0
//
// The exponential is 2^x = 2^n · 2^f with n = round(x), f in [−½, ½]: adding 1.5·2^23 (float32) or 1.5·2^52
// (float64) rounds to a whole number whose bits can be added to the exponent of 2^f. float32 takes 2^f from a
// degree-5 polynomial fitted for relative error (7.5·10⁻⁸, one unit in the last place); float64 from one of
// degree 11 (Remez' exchange; 3·10⁻¹⁸). Exponents are clamped below (2^−125, 2^−1020), far under what a sum
// of a row can notice; the caller keeps them below 120.
//
// Sums are folded from twelve or fewer vector accumulators per call, and callers add calls in double
// precision.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "transport/sinkhorn_kernels.cpp"
#include <hwy/foreach_target.h>
// clang-format off: the order matters
#include <hwy/cache_control.h>
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>
// clang-format on

#include <iterator>
#include <limits>

#include "transport/sinkhorn_kernels.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::entropic {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Capped, so that a panel is a whole number of triples of registers on every machine.
template <class T>
using Tag = hn::CappedTag<T, 64 / sizeof(T)>;

template <class T>
struct Exp2;

template <>
struct Exp2<float> {
  static constexpr float kLow = -125.0f, kHigh = 125.0f, kMagic = 12582912.0f;
  static constexpr int kShift = 23;
  using Bits = std::uint32_t;
  template <class D, class V>
  static HWY_INLINE V polynomial(D d, V f) {
    V p = hn::Set(d, 1.3276471873699693e-03f);
    p = hn::MulAdd(p, f, hn::Set(d, 9.675541333500336e-03f));
    p = hn::MulAdd(p, f, hn::Set(d, 5.550713273865524e-02f));
    p = hn::MulAdd(p, f, hn::Set(d, 2.4022119723863672e-01f));
    p = hn::MulAdd(p, f, hn::Set(d, 6.931469670645354e-01f));
    return hn::MulAdd(p, f, hn::Set(d, 1.0000000716546769f));
  }
};

template <>
struct Exp2<double> {
  static constexpr double kLow = -1020.0, kHigh = 1020.0, kMagic = 6755399441055744.0;
  static constexpr int kShift = 52;
  using Bits = std::uint64_t;
  template <class D, class V>
  static HWY_INLINE V polynomial(D d, V f) {
    constexpr double c[] = {4.435286654096647e-10,  7.074105289494229e-09,  1.0178197993829931e-07,
                            1.3215433091637288e-06, 1.5252733490060489e-05, 1.540353046251038e-04,
                            1.333355814678984e-03,  9.618129107588339e-03,  5.5504108664819925e-02,
                            2.4022650695910155e-01, 6.931471805599453e-01,  1.0};
    V p = hn::Set(d, c[0]);
    for (std::size_t k = 1; k < std::size(c); ++k) p = hn::MulAdd(p, f, hn::Set(d, c[k]));
    return p;
  }
};

template <class T, class D, class V>
HWY_INLINE V exp2(D d, V x) {
  using E = Exp2<T>;
  const hn::RebindToUnsigned<D> du;
  x = hn::Max(x, hn::Set(d, E::kLow));
  if (sizeof(T) == 8)
    x = hn::Min(x, hn::Set(d, E::kHigh));  // float32 callers bound their exponents; saves 5 %
  const V shifted = hn::Add(x, hn::Set(d, E::kMagic));
  const V f = hn::Sub(x, hn::Sub(shifted, hn::Set(d, E::kMagic)));
  const auto exponent = hn::ShiftLeft<E::kShift>(hn::BitCast(du, shifted));
  return hn::BitCast(d, hn::Add(hn::BitCast(du, E::polynomial(d, f)), exponent));
}

// A stored table streams through; its lines are fetched this many bytes ahead, as the hardware's own
// prefetcher stalls behind the long chains of an exponential.
constexpr std::size_t kAhead = 2048;

template <class T>
double exponentials(const T* t, std::size_t cols, T scale, T offset, const T* HWY_RESTRICT h, T* e) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto vs = hn::Set(d, scale), vo = hn::Set(d, offset);
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0;
  double total = 0;
  const std::size_t chunk = 20 * kPanel<T>;  // short sums stay accurate in float32
  for (std::size_t begin = 0; begin < cols; begin += chunk) {
    const std::size_t end = begin + chunk < cols ? begin + chunk : cols;
    for (std::size_t j = begin; j < end; j += 3 * lanes) {
      for (std::size_t line = 0; line < 3; ++line) hwy::Prefetch(t + j + (kAhead + 64 * line) / sizeof(T));
      const auto e0 = exp2<T>(d, hn::MulAdd(vs, hn::Load(d, t + j), hn::Add(vo, hn::Load(d, h + j))));
      const auto e1 =
          exp2<T>(d, hn::MulAdd(vs, hn::Load(d, t + j + lanes), hn::Add(vo, hn::Load(d, h + j + lanes))));
      const auto e2 = exp2<T>(
          d, hn::MulAdd(vs, hn::Load(d, t + j + 2 * lanes), hn::Add(vo, hn::Load(d, h + j + 2 * lanes))));
      hn::Store(e0, d, e + j);
      hn::Store(e1, d, e + j + lanes);
      hn::Store(e2, d, e + j + 2 * lanes);
      s0 = hn::Add(s0, e0), s1 = hn::Add(s1, e1), s2 = hn::Add(s2, e2);
    }
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, hn::Add(s1, s2)))));
    s0 = s1 = s2 = hn::Zero(d);
  }
  return total;
}

template <class T>
double largest(const T* HWY_RESTRICT t, std::size_t cols, T scale, const T* HWY_RESTRICT h) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto vs = hn::Set(d, scale);
  auto m0 = hn::Set(d, std::numeric_limits<T>::lowest()), m1 = m0, m2 = m0;
  for (std::size_t j = 0; j < cols; j += 3 * lanes) {
    m0 = hn::Max(m0, hn::MulAdd(vs, hn::Load(d, t + j), hn::Load(d, h + j)));
    m1 = hn::Max(m1, hn::MulAdd(vs, hn::Load(d, t + j + lanes), hn::Load(d, h + j + lanes)));
    m2 = hn::Max(m2, hn::MulAdd(vs, hn::Load(d, t + j + 2 * lanes), hn::Load(d, h + j + 2 * lanes)));
  }
  return static_cast<double>(hn::GetLane(hn::MaxOfLanes(d, hn::Max(m0, hn::Max(m1, m2)))));
}

template <class T>
void add_rows(const T* HWY_RESTRICT e, std::size_t stride, std::size_t cols, const T* weight,
              T* HWY_RESTRICT sum) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto w0 = hn::Set(d, weight[0]), w1 = hn::Set(d, weight[1]), w2 = hn::Set(d, weight[2]),
             w3 = hn::Set(d, weight[3]);
  for (std::size_t j = 0; j < cols; j += lanes) {
    const auto a = hn::MulAdd(w0, hn::Load(d, e + j), hn::Load(d, sum + j));
    const auto b = hn::MulAdd(w1, hn::Load(d, e + stride + j), a);
    const auto c = hn::MulAdd(w2, hn::Load(d, e + 2 * stride + j), b);
    hn::Store(hn::MulAdd(w3, hn::Load(d, e + 3 * stride + j), c), d, sum + j);
  }
}

template <class T>
double dot(const T* HWY_RESTRICT k, const T* HWY_RESTRICT v, std::size_t cols) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0;
  double total = 0;
  const std::size_t chunk = 20 * kPanel<T>;
  for (std::size_t begin = 0; begin < cols; begin += chunk) {
    const std::size_t end = begin + chunk < cols ? begin + chunk : cols;
    for (std::size_t j = begin; j < end; j += 3 * lanes) {
      s0 = hn::MulAdd(hn::Load(d, k + j), hn::Load(d, v + j), s0);
      s1 = hn::MulAdd(hn::Load(d, k + j + lanes), hn::Load(d, v + j + lanes), s1);
      s2 = hn::MulAdd(hn::Load(d, k + j + 2 * lanes), hn::Load(d, v + j + 2 * lanes), s2);
    }
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, hn::Add(s1, s2)))));
    s0 = s1 = s2 = hn::Zero(d);
  }
  return total;
}

template <class T>
void dot_rows(const T* HWY_RESTRICT k, std::size_t stride, std::size_t cols, const T* HWY_RESTRICT v,
              double* out) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const T *ka = k, *kb = k + stride, *kc = k + 2 * stride, *kd = k + 3 * stride;
  for (std::size_t r = 0; r < kRows; ++r) out[r] = 0;
  const std::size_t chunk = 20 * kPanel<T>;
  for (std::size_t begin = 0; begin < cols; begin += chunk) {
    const std::size_t end = begin + chunk < cols ? begin + chunk : cols;
    auto a0 = hn::Zero(d), a1 = a0, a2 = a0, b0 = a0, b1 = a0, b2 = a0;
    auto c0 = a0, c1 = a0, c2 = a0, d0 = a0, d1 = a0, d2 = a0;
    for (std::size_t j = begin; j < end; j += 3 * lanes) {
      const std::size_t l = j + lanes, m = l + lanes;
      const auto v0 = hn::Load(d, v + j), v1 = hn::Load(d, v + l), v2 = hn::Load(d, v + m);
      a0 = hn::MulAdd(hn::Load(d, ka + j), v0, a0), b0 = hn::MulAdd(hn::Load(d, kb + j), v0, b0);
      c0 = hn::MulAdd(hn::Load(d, kc + j), v0, c0), d0 = hn::MulAdd(hn::Load(d, kd + j), v0, d0);
      a1 = hn::MulAdd(hn::Load(d, ka + l), v1, a1), b1 = hn::MulAdd(hn::Load(d, kb + l), v1, b1);
      c1 = hn::MulAdd(hn::Load(d, kc + l), v1, c1), d1 = hn::MulAdd(hn::Load(d, kd + l), v1, d1);
      a2 = hn::MulAdd(hn::Load(d, ka + m), v2, a2), b2 = hn::MulAdd(hn::Load(d, kb + m), v2, b2);
      c2 = hn::MulAdd(hn::Load(d, kc + m), v2, c2), d2 = hn::MulAdd(hn::Load(d, kd + m), v2, d2);
    }
    const auto total = [&](auto p, auto q, auto r) {
      return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(p, hn::Add(q, r)))));
    };
    out[0] += total(a0, a1, a2), out[1] += total(b0, b1, b2);
    out[2] += total(c0, c1, c2), out[3] += total(d0, d1, d2);
  }
}

template <class T>
double scaled(const T* HWY_RESTRICT k, std::size_t cols, T u, const T* HWY_RESTRICT v, T* HWY_RESTRICT e) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto vu = hn::Set(d, u);
  double total = 0;
  const std::size_t chunk = 20 * kPanel<T>;
  for (std::size_t begin = 0; begin < cols; begin += chunk) {
    const std::size_t end = begin + chunk < cols ? begin + chunk : cols;
    auto s0 = hn::Zero(d), s1 = s0, s2 = s0;
    for (std::size_t j = begin; j < end; j += 3 * lanes) {
      for (std::size_t line = 0; line < 3; ++line) hwy::Prefetch(k + j + (kAhead + 64 * line) / sizeof(T));
      const auto e0 = hn::Mul(hn::Mul(vu, hn::Load(d, v + j)), hn::Load(d, k + j));
      const auto e1 = hn::Mul(hn::Mul(vu, hn::Load(d, v + j + lanes)), hn::Load(d, k + j + lanes));
      const auto e2 = hn::Mul(hn::Mul(vu, hn::Load(d, v + j + 2 * lanes)), hn::Load(d, k + j + 2 * lanes));
      hn::Store(e0, d, e + j);
      hn::Store(e1, d, e + j + lanes);
      hn::Store(e2, d, e + j + 2 * lanes);
      s0 = hn::Add(s0, e0), s1 = hn::Add(s1, e1), s2 = hn::Add(s2, e2);
    }
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, hn::Add(s1, s2)))));
  }
  return total;
}

// Four rows times three registers of columns: twelve accumulators.
template <class T, class Step, class Finish>
HWY_INLINE void tiles(const T* HWY_RESTRICT x, std::size_t d, const T* HWY_RESTRICT y, std::size_t panels,
                      T* HWY_RESTRICT out, std::size_t stride, const Step& step, const Finish& finish) {
  const Tag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  for (std::size_t panel = 0; panel < panels; ++panel) {
    const T* block = y + panel * d * kPanel<T>;
    for (std::size_t c = 0; c < kPanel<T>; c += 3 * lanes) {
      auto a0 = hn::Zero(tag), a1 = a0, a2 = a0, b0 = a0, b1 = a0, b2 = a0;
      auto c0 = a0, c1 = a0, c2 = a0, d0 = a0, d1 = a0, d2 = a0;
      for (std::size_t k = 0; k < d; ++k) {
        const T* yk = block + k * kPanel<T> + c;
        const auto y0 = hn::Load(tag, yk), y1 = hn::Load(tag, yk + lanes), y2 = hn::Load(tag, yk + 2 * lanes);
        auto xk = hn::Set(tag, x[k]);
        a0 = step(xk, y0, a0), a1 = step(xk, y1, a1), a2 = step(xk, y2, a2);
        xk = hn::Set(tag, x[d + k]);
        b0 = step(xk, y0, b0), b1 = step(xk, y1, b1), b2 = step(xk, y2, b2);
        xk = hn::Set(tag, x[2 * d + k]);
        c0 = step(xk, y0, c0), c1 = step(xk, y1, c1), c2 = step(xk, y2, c2);
        xk = hn::Set(tag, x[3 * d + k]);
        d0 = step(xk, y0, d0), d1 = step(xk, y1, d1), d2 = step(xk, y2, d2);
      }
      T* o = out + panel * kPanel<T> + c;
      const auto store = [&](auto p, auto q, auto r) {
        hn::Store(finish(p), tag, o);
        hn::Store(finish(q), tag, o + lanes);
        hn::Store(finish(r), tag, o + 2 * lanes);
        o += stride;
      };
      store(a0, a1, a2), store(b0, b1, b2), store(c0, c1, c2), store(d0, d1, d2);
    }
  }
}

template <class T>
void products(const T* x, std::size_t d, const T* y, std::size_t panels, T* out, std::size_t stride) {
  tiles(
      x, d, y, panels, out, stride, [](auto a, auto b, auto s) { return hn::MulAdd(a, b, s); },
      [](auto s) { return s; });
}

template <class T>
void distances(const T* x, std::size_t d, const T* y, std::size_t panels, double p, T* out,
               std::size_t stride) {
  const auto step = [](auto a, auto b, auto s) {
    const auto difference = hn::Sub(a, b);
    return hn::MulAdd(difference, difference, s);
  };
  if (p == 2) return tiles(x, d, y, panels, out, stride, step, [](auto s) { return s; });
  if (p == 1) return tiles(x, d, y, panels, out, stride, step, [](auto s) { return hn::Sqrt(s); });
  tiles(x, d, y, panels, out, stride, step, [p](auto s) {
    const Tag<T> tag;
    const auto power = hn::Exp(tag, hn::Mul(hn::Set(tag, static_cast<T>(p / 2)), hn::Log(tag, s)));
    return hn::IfThenElseZero(hn::Gt(s, hn::Zero(tag)), power);
  });
}

template <class T>
double slopes(const T* HWY_RESTRICT c, std::size_t cols, double p, const T* e, T* w) {
  const Tag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto vp = hn::Set(d, static_cast<T>(p)), exponent = hn::Set(d, static_cast<T>((p - 2) / p));
  auto sum = hn::Zero(d);
  for (std::size_t j = 0; j < cols; j += lanes) {
    const auto cost = hn::Load(d, c + j), pe = hn::Mul(vp, hn::Load(d, e + j));
    const auto slope =
        p == 1 ? hn::Div(pe, cost) : hn::Mul(pe, hn::Exp(d, hn::Mul(exponent, hn::Log(d, cost))));
    const auto wj = hn::IfThenElseZero(hn::Gt(cost, hn::Zero(d)), slope);
    sum = hn::Add(sum, wj);
    hn::Store(wj, d, w + j);
  }
  return static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)));
}

template <class T>
void pull_back(const T* w, std::size_t stride, const T* y, std::size_t d, std::size_t panels, double* out) {
  const Tag<T> tag;
  const std::size_t lanes = hn::Lanes(tag);
  for (std::size_t k = 0; k < d; ++k) {
    auto s0 = hn::Zero(tag), s1 = s0, s2 = s0, s3 = s0;
    for (std::size_t panel = 0; panel < panels; ++panel) {
      const T* yk = y + (panel * d + k) * kPanel<T>;
      const T* e = w + panel * kPanel<T>;
      for (std::size_t c = 0; c < kPanel<T>; c += lanes) {
        const auto v = hn::Load(tag, yk + c);
        s0 = hn::MulAdd(v, hn::Load(tag, e + c), s0);
        s1 = hn::MulAdd(v, hn::Load(tag, e + stride + c), s1);
        s2 = hn::MulAdd(v, hn::Load(tag, e + 2 * stride + c), s2);
        s3 = hn::MulAdd(v, hn::Load(tag, e + 3 * stride + c), s3);
      }
    }
    out[k] += static_cast<double>(hn::GetLane(hn::SumOfLanes(tag, s0)));
    out[d + k] += static_cast<double>(hn::GetLane(hn::SumOfLanes(tag, s1)));
    out[2 * d + k] += static_cast<double>(hn::GetLane(hn::SumOfLanes(tag, s2)));
    out[3 * d + k] += static_cast<double>(hn::GetLane(hn::SumOfLanes(tag, s3)));
  }
}

// A name each: HWY_EXPORT takes functions, not templates.
#define PUSHFORWARD_SINKHORN_NAMES(T, NAME)                                                                \
  void products_##NAME(const T* x, std::size_t d, const T* y, std::size_t n, T* o, std::size_t s) {        \
    products(x, d, y, n, o, s);                                                                            \
  }                                                                                                        \
  void distances_##NAME(const T* x, std::size_t d, const T* y, std::size_t n, double p, T* o,              \
                        std::size_t s) {                                                                   \
    distances(x, d, y, n, p, o, s);                                                                        \
  }                                                                                                        \
  double exponentials_##NAME(const T* t, std::size_t n, T s, T o, const T* h, T* e) {                      \
    return exponentials(t, n, s, o, h, e);                                                                 \
  }                                                                                                        \
  double largest_##NAME(const T* t, std::size_t n, T s, const T* h) { return largest(t, n, s, h); }        \
  void add_rows_##NAME(const T* e, std::size_t s, std::size_t n, const T* w, T* sum) {                     \
    add_rows(e, s, n, w, sum);                                                                             \
  }                                                                                                        \
  double dot_##NAME(const T* k, const T* v, std::size_t n) { return dot(k, v, n); }                        \
  void dot_rows_##NAME(const T* k, std::size_t s, std::size_t n, const T* v, double* o) {                  \
    dot_rows(k, s, n, v, o);                                                                               \
  }                                                                                                        \
  double scaled_##NAME(const T* k, std::size_t n, T u, const T* v, T* e) { return scaled(k, n, u, v, e); } \
  double slopes_##NAME(const T* c, std::size_t n, double p, const T* e, T* w) {                            \
    return slopes(c, n, p, e, w);                                                                          \
  }                                                                                                        \
  void pull_back_##NAME(const T* w, std::size_t s, const T* y, std::size_t d, std::size_t n, double* o) {  \
    pull_back(w, s, y, d, n, o);                                                                           \
  }

PUSHFORWARD_SINKHORN_NAMES(float, float)
PUSHFORWARD_SINKHORN_NAMES(double, double)
#undef PUSHFORWARD_SINKHORN_NAMES

}  // namespace HWY_NAMESPACE
}  // namespace pushforward::entropic
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward::entropic {

#define PUSHFORWARD_SINKHORN_DISPATCH(T, NAME)                                                          \
  HWY_EXPORT(products_##NAME);                                                                          \
  HWY_EXPORT(distances_##NAME);                                                                         \
  HWY_EXPORT(exponentials_##NAME);                                                                      \
  HWY_EXPORT(largest_##NAME);                                                                           \
  HWY_EXPORT(add_rows_##NAME);                                                                          \
  HWY_EXPORT(dot_##NAME);                                                                               \
  HWY_EXPORT(dot_rows_##NAME);                                                                          \
  HWY_EXPORT(scaled_##NAME);                                                                            \
  HWY_EXPORT(slopes_##NAME);                                                                            \
  HWY_EXPORT(pull_back_##NAME);                                                                         \
  template <>                                                                                           \
  void products(const T* x, std::size_t d, const T* y, std::size_t n, T* o, std::size_t s) {            \
    HWY_DYNAMIC_DISPATCH(products_##NAME)(x, d, y, n, o, s);                                            \
  }                                                                                                     \
  template <>                                                                                           \
  void distances(const T* x, std::size_t d, const T* y, std::size_t n, double p, T* o, std::size_t s) { \
    HWY_DYNAMIC_DISPATCH(distances_##NAME)(x, d, y, n, p, o, s);                                        \
  }                                                                                                     \
  template <>                                                                                           \
  double exponentials(const T* t, std::size_t n, T s, T o, const T* h, T* e) {                          \
    return HWY_DYNAMIC_DISPATCH(exponentials_##NAME)(t, n, s, o, h, e);                                 \
  }                                                                                                     \
  template <>                                                                                           \
  double largest(const T* t, std::size_t n, T s, const T* h) {                                          \
    return HWY_DYNAMIC_DISPATCH(largest_##NAME)(t, n, s, h);                                            \
  }                                                                                                     \
  template <>                                                                                           \
  void add_rows(const T* e, std::size_t s, std::size_t n, const T* w, T* sum) {                         \
    HWY_DYNAMIC_DISPATCH(add_rows_##NAME)(e, s, n, w, sum);                                             \
  }                                                                                                     \
  template <>                                                                                           \
  double dot(const T* k, const T* v, std::size_t n) {                                                   \
    return HWY_DYNAMIC_DISPATCH(dot_##NAME)(k, v, n);                                                   \
  }                                                                                                     \
  template <>                                                                                           \
  void dot_rows(const T* k, std::size_t s, std::size_t n, const T* v, double* o) {                      \
    HWY_DYNAMIC_DISPATCH(dot_rows_##NAME)(k, s, n, v, o);                                               \
  }                                                                                                     \
  template <>                                                                                           \
  double scaled(const T* k, std::size_t n, T u, const T* v, T* e) {                                     \
    return HWY_DYNAMIC_DISPATCH(scaled_##NAME)(k, n, u, v, e);                                          \
  }                                                                                                     \
  template <>                                                                                           \
  double slopes(const T* c, std::size_t n, double p, const T* e, T* w) {                                \
    return HWY_DYNAMIC_DISPATCH(slopes_##NAME)(c, n, p, e, w);                                          \
  }                                                                                                     \
  template <>                                                                                           \
  void pull_back(const T* w, std::size_t s, const T* y, std::size_t d, std::size_t n, double* o) {      \
    HWY_DYNAMIC_DISPATCH(pull_back_##NAME)(w, s, y, d, n, o);                                           \
  }

PUSHFORWARD_SINKHORN_DISPATCH(float, float)
PUSHFORWARD_SINKHORN_DISPATCH(double, double)
#undef PUSHFORWARD_SINKHORN_DISPATCH

}  // namespace pushforward::entropic
#endif
