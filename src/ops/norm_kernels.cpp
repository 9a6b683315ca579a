// SPDX-License-Identifier: Apache-2.0
//
// Means, variances and what follows from them.
//
// Moments are taken in two passes, the mean first: one pass with Σx² would lose what a large mean hides. A
// lane sums at most 64 terms in float and then goes into a double. Columns are walked in strips of 64, whose
// sums stay in the first-level cache; a strip belongs to one thread, and so does a row, so sums do not depend
// on how many threads there are.
//
// Rows, n features: with P = r(I − 11ᵀ/n − x̂x̂ᵀ/n), which is symmetric, u = dty ⊙ γ, and bars for means over
// the row,
//   L = uᵀP·tx = r·A,  A = Σ u·tx − n·ū·t̄ − n·m_u·m_t,  m_u = mean(u x̂), m_t = mean(tx x̂),
//   dtx = P·u,  dx = r·P·w − (A r²/n)·x̂,  w = −(m_t·u + m_u·tx),
// the second term because ∂r/∂x = −r²·x̂/n; and P·(dy ⊙ γ) is added for the ordinary gradient.
#include "ops/norm_kernels.hpp"

#include <algorithm>
#include <cmath>

#include "pushforward/threads.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/norm_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace {

double Dot(const float* a, const float* b, std::size_t n) {
  return SumOver(n, [&](std::size_t i, std::size_t count)
                        HWY_ATTR { return hn::Mul(LoadUpTo(a + i, count), LoadUpTo(b + i, count)); });
}

void Scale(const float* x, float factor, float* y, std::size_t n) {
  ForVectors(n, [&](std::size_t i, std::size_t count)
                    HWY_ATTR { StoreUpTo(hn::Mul(LoadUpTo(x + i, count), Constant(factor)), y + i, count); });
}

void AddTwo(const float* a, float f, const float* b, float g, float* y, std::size_t n) {
  ForVectors(n, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const FloatVector v = hn::MulAdd(LoadUpTo(a + i, count), Constant(f), LoadUpTo(y + i, count));
    StoreUpTo(hn::MulAdd(LoadUpTo(b + i, count), Constant(g), v), y + i, count);
  });
}

constexpr std::size_t kStrip = 64, kChunk = 64;

// Sums over rows of first(i·cols + j) and second(…), columns begin … begin+width−1, width ≤ 64.
template <class Terms>
HWY_INLINE void StripSums(std::size_t rows, std::size_t cols, std::size_t begin, std::size_t width,
                          double* first, double* second, const Terms& terms) {
  HWY_ALIGN float a[kStrip], b[kStrip];
  std::fill_n(first, width, 0.0), std::fill_n(second, width, 0.0);
  for (std::size_t from = 0; from < rows; from += kChunk) {
    std::fill_n(a, kStrip, 0.0f), std::fill_n(b, kStrip, 0.0f);
    for (std::size_t i = from; i < std::min(rows, from + kChunk); ++i)
      ForVectors(width, [&](std::size_t j, std::size_t count) HWY_ATTR {
        FloatVector s = LoadUpTo(a + j, count), t = LoadUpTo(b + j, count);
        terms(i * cols + begin + j, begin + j, count, s, t);
        StoreUpTo(s, a + j, count), StoreUpTo(t, b + j, count);
      });
    for (std::size_t j = 0; j < width; ++j)
      first[j] += static_cast<double>(a[j]), second[j] += static_cast<double>(b[j]);
  }
}

void ColumnMoments(View<const float> x, std::size_t begin, std::size_t width, float* mean, float* variance) {
  double sum[kStrip], square[kStrip];
  const auto n = static_cast<double>(x.rows);
  StripSums(x.rows, x.cols, begin, width, sum, square,
            [&](std::size_t k, std::size_t, std::size_t count, FloatVector& s, FloatVector&)
                HWY_ATTR { s = hn::Add(s, LoadUpTo(x.data + k, count)); });
  for (std::size_t j = 0; j < width; ++j) mean[begin + j] = static_cast<float>(sum[j] / n);
  // About the rounded mean: what the rounding took off comes back as the first sum's square.
  StripSums(x.rows, x.cols, begin, width, sum, square,
            [&](std::size_t k, std::size_t j, std::size_t count, FloatVector& s, FloatVector& t) HWY_ATTR {
              const FloatVector d = hn::Sub(LoadUpTo(x.data + k, count), LoadUpTo(mean + j, count));
              s = hn::Add(s, d), t = hn::MulAdd(d, d, t);
            });
  for (std::size_t j = 0; j < width; ++j)
    variance[begin + j] = static_cast<float>(std::max(0.0, square[j] / n - (sum[j] / n) * (sum[j] / n)));
}

void ColumnSums(View<const float> x, const float* mean, const float* inverse, const float* dy,
                std::size_t begin, std::size_t width, float* first, float* second) {
  double sum[kStrip], product[kStrip];
  StripSums(x.rows, x.cols, begin, width, sum, product,
            [&](std::size_t k, std::size_t j, std::size_t count, FloatVector& s, FloatVector& t) HWY_ATTR {
              const FloatVector g = LoadUpTo(dy + k, count);
              const FloatVector d = hn::Sub(LoadUpTo(x.data + k, count), LoadUpTo(mean + j, count));
              s = hn::Add(s, g), t = hn::MulAdd(g, hn::Mul(d, LoadUpTo(inverse + j, count)), t);
            });
  for (std::size_t j = 0; j < width; ++j)
    first[begin + j] = static_cast<float>(sum[j]), second[begin + j] = static_cast<float>(product[j]);
}

// One row each, of `cols` columns.
void ScaleColumns(const float* x, const float* mean, const float* scale, const float* shift, float* y,
                  std::size_t cols) {
  ForVectors(cols, [&](std::size_t j, std::size_t count) HWY_ATTR {
    const FloatVector d = hn::Sub(LoadUpTo(x + j, count), LoadUpTo(mean + j, count));
    StoreUpTo(hn::MulAdd(d, LoadUpTo(scale + j, count), LoadUpTo(shift + j, count)), y + j, count);
  });
}

void ColumnsBackward(const float* x, const vectors::ColumnFactors& f, const float* dy, float* dx,
                     std::size_t cols) {
  ForVectors(cols, [&](std::size_t j, std::size_t count) HWY_ATTR {
    const FloatVector hat =
        hn::Mul(hn::Sub(LoadUpTo(x + j, count), LoadUpTo(f.mean + j, count)), LoadUpTo(f.inverse + j, count));
    const FloatVector g = hn::Sub(LoadUpTo(dy + j, count), LoadUpTo(f.first + j, count));
    const FloatVector v = hn::NegMulAdd(hat, LoadUpTo(f.second + j, count), g);
    StoreUpTo(hn::Mul(v, LoadUpTo(f.scale + j, count)), dx + j, count);
  });
}

// A row's x̂.
struct Hat {
  const float* x;
  FloatVector mean, inverse;
  HWY_INLINE FloatVector operator()(std::size_t j, std::size_t count) const {
    return hn::Mul(hn::Sub(LoadUpTo(x + j, count), mean), inverse);
  }
};
HWY_INLINE Hat HatOf(const vectors::RowNorm& at, std::size_t i) {
  return {at.x.row(i), Constant(at.rows(i, 0)), Constant(at.rows(i, 1))};
}

void NormaliseRow(const vectors::RowNorm& at, std::size_t i, const float* beta, float epsilon, float* y) {
  const float* x = at.x.row(i);
  const std::size_t n = at.x.cols;
  const auto size = static_cast<double>(n);
  const double mean =
      SumOver(n, [&](std::size_t j, std::size_t count) HWY_ATTR { return LoadUpTo(x + j, count); }) / size;
  const FloatVector m = Constant(static_cast<float>(mean));
  const double square = SumOver(n, [&](std::size_t j, std::size_t count) HWY_ATTR {
    const FloatVector d = hn::Sub(LoadUpTo(x + j, count), m);
    return hn::Mul(d, d);
  });
  at.rows(i, 0) = static_cast<float>(mean);
  at.rows(i, 1) = static_cast<float>(1 / std::sqrt(square / size + static_cast<double>(epsilon)));
  const Hat hat = HatOf(at, i);
  ForVectors(n, [&](std::size_t j, std::size_t count) HWY_ATTR {
    StoreUpTo(hn::MulAdd(hat(j, count), LoadUpTo(at.gamma + j, count), LoadUpTo(beta + j, count)), y + j,
              count);
  });
}

struct Means {
  double plain, hat;  // mean(v), mean(v ⊙ x̂)
};

template <class Vector>
HWY_INLINE Means MeansOf(const Hat& hat, std::size_t n, const Vector& v) {
  const auto size = static_cast<double>(n);
  return {SumOver(n, v) / size, SumOver(n, [&](std::size_t j, std::size_t count) HWY_ATTR {
                                  return hn::Mul(v(j, count), hat(j, count));
                                }) / size};
}

// out = P·v, then ⊙ gamma where there is one.
template <class Vector>
HWY_INLINE void Project(const Hat& hat, std::size_t n, const Means& means, const Vector& v,
                        const float* gamma, float* out) {
  const FloatVector a = Constant(static_cast<float>(means.plain)),
                    b = Constant(static_cast<float>(means.hat));
  ForVectors(n, [&](std::size_t j, std::size_t count) HWY_ATTR {
    FloatVector p = hn::NegMulAdd(hat(j, count), b, hn::Sub(v(j, count), a));
    p = hn::Mul(p, hat.inverse);
    if (gamma) p = hn::Mul(p, LoadUpTo(gamma + j, count));
    StoreUpTo(p, out + j, count);
  });
}

void RowBackward(const vectors::RowNorm& at, std::size_t i, const float* dy, float* dx) {
  const Hat hat = HatOf(at, i);
  const auto g = [&](std::size_t j, std::size_t count)
                     HWY_ATTR { return hn::Mul(LoadUpTo(dy + j, count), LoadUpTo(at.gamma + j, count)); };
  Project(hat, at.x.cols, MeansOf(hat, at.x.cols, g), g, nullptr, dx);
}

void RowTangent(const vectors::RowNorm& at, std::size_t i, const float* tx, float* means, float* ty) {
  const Hat hat = HatOf(at, i);
  const auto t = [&](std::size_t j, std::size_t count) HWY_ATTR { return LoadUpTo(tx + j, count); };
  const Means m = MeansOf(hat, at.x.cols, t);
  means[0] = static_cast<float>(m.plain), means[1] = static_cast<float>(m.hat);
  Project(hat, at.x.cols, m, t, at.gamma, ty);
}

void RowTangentBackward(const vectors::RowNorm& at, std::size_t i, const vectors::TangentRows& row) {
  const Hat hat = HatOf(at, i);
  const std::size_t n = at.x.cols;
  const auto u = [&](std::size_t j, std::size_t count) HWY_ATTR {
    return hn::Mul(LoadUpTo(row.dty + j, count), LoadUpTo(at.gamma + j, count));
  };
  const Means mu = MeansOf(hat, n, u);
  if (row.dtx) Project(hat, n, mu, u, nullptr, row.dtx);
  if (!row.dx) return;
  const double size = static_cast<double>(n), t_mean = static_cast<double>(row.means[0]),
               t_hat = static_cast<double>(row.means[1]), r = static_cast<double>(at.rows(i, 1));
  const double product = SumOver(n, [&](std::size_t j, std::size_t count) HWY_ATTR {
    return hn::Mul(u(j, count), LoadUpTo(row.tx + j, count));
  });
  const double a = product - size * (mu.plain * t_mean + mu.hat * t_hat);
  const FloatVector by_u = Constant(static_cast<float>(-r * t_hat)),
                    by_t = Constant(static_cast<float>(-r * mu.hat));
  // dy ⊙ γ + r·w, to be projected.
  const auto v = [&](std::size_t j, std::size_t count) HWY_ATTR {
    FloatVector sum = hn::MulAdd(u(j, count), by_u, hn::Mul(LoadUpTo(row.tx + j, count), by_t));
    if (row.dy) sum = hn::MulAdd(LoadUpTo(row.dy + j, count), LoadUpTo(at.gamma + j, count), sum);
    return sum;
  };
  Project(hat, n, MeansOf(hat, n, v), v, nullptr, row.dx);
  const FloatVector along = Constant(static_cast<float>(-a * r * r / size));
  ForVectors(n, [&](std::size_t j, std::size_t count) HWY_ATTR {
    StoreUpTo(hn::MulAdd(hat(j, count), along, LoadUpTo(row.dx + j, count)), row.dx + j, count);
  });
}

void RowScaleGradients(const vectors::RowNorm& at, std::size_t i, const float* dy, float* dgamma,
                       float* dbeta) {
  const Hat hat = HatOf(at, i);
  ForVectors(at.x.cols, [&](std::size_t j, std::size_t count) HWY_ATTR {
    const FloatVector g = LoadUpTo(dy + j, count);
    StoreUpTo(hn::MulAdd(g, hat(j, count), LoadUpTo(dgamma + j, count)), dgamma + j, count);
    StoreUpTo(hn::Add(g, LoadUpTo(dbeta + j, count)), dbeta + j, count);
  });
}

void RowTangentScaleGradients(const vectors::RowNorm& at, std::size_t i, const float* tx, const float* means,
                              const float* dty, float* dgamma) {
  const Hat hat = HatOf(at, i);
  const FloatVector a = Constant(means[0]), b = Constant(means[1]);
  ForVectors(at.x.cols, [&](std::size_t j, std::size_t count) HWY_ATTR {
    const FloatVector p = hn::NegMulAdd(hat(j, count), b, hn::Sub(LoadUpTo(tx + j, count), a));
    const FloatVector g = hn::Mul(hn::Mul(p, hat.inverse), LoadUpTo(dty + j, count));
    StoreUpTo(hn::Add(g, LoadUpTo(dgamma + j, count)), dgamma + j, count);
  });
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward {
namespace {
HWY_EXPORT(Dot);
HWY_EXPORT(Scale);
HWY_EXPORT(AddTwo);
HWY_EXPORT(ColumnMoments);
HWY_EXPORT(ColumnSums);
HWY_EXPORT(ScaleColumns);
HWY_EXPORT(ColumnsBackward);
HWY_EXPORT(NormaliseRow);
HWY_EXPORT(RowBackward);
HWY_EXPORT(RowTangent);
HWY_EXPORT(RowTangentBackward);
HWY_EXPORT(RowScaleGradients);
HWY_EXPORT(RowTangentScaleGradients);

constexpr std::size_t kGrain = 16384;  // elements that are worth a thread
constexpr std::size_t kStripColumns = 64;

std::size_t grain_of(std::size_t elements) {
  return std::max<std::size_t>(1, kGrain / std::max<std::size_t>(1, elements));
}

template <class Body>
void by_rows(View<const float> x, const Body& body) {
  parallel_for(x.rows, grain_of(x.cols), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) body(i);
  });
}

template <class Body>
void by_strips(View<const float> x, const Body& body) {
  const std::size_t strips = (x.cols + kStripColumns - 1) / kStripColumns;
  parallel_for(strips, grain_of(kStripColumns * x.rows), [&](std::size_t begin, std::size_t end) {
    for (std::size_t s = begin; s < end; ++s)
      body(s * kStripColumns, std::min(kStripColumns, x.cols - s * kStripColumns));
  });
}

}  // namespace

namespace vectors {

double dot(std::span<const float> a, std::span<const float> b) {
  return HWY_DYNAMIC_DISPATCH(Dot)(a.data(), b.data(), a.size());
}
void scale(std::span<const float> x, float factor, std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(Scale)(x.data(), factor, y.data(), x.size());
}
void add_two(std::span<const float> a, float f, std::span<const float> b, float g, std::span<float> y) {
  HWY_DYNAMIC_DISPATCH(AddTwo)(a.data(), f, b.data(), g, y.data(), y.size());
}

void column_moments(View<const float> x, float* mean, float* variance) {
  by_strips(x, [&](std::size_t begin, std::size_t width) {
    HWY_DYNAMIC_DISPATCH(ColumnMoments)(x, begin, width, mean, variance);
  });
}
void column_sums(View<const float> x, const float* mean, const float* inverse, View<const float> dy,
                 float* first, float* second) {
  by_strips(x, [&](std::size_t begin, std::size_t width) {
    HWY_DYNAMIC_DISPATCH(ColumnSums)(x, mean, inverse, dy.data, begin, width, first, second);
  });
}
void scale_columns(View<const float> x, const float* mean, const float* scale, const float* shift,
                   View<float> y) {
  by_rows(x, [&](std::size_t i) {
    HWY_DYNAMIC_DISPATCH(ScaleColumns)(x.row(i), mean, scale, shift, y.row(i), x.cols);
  });
}
void columns_backward(View<const float> x, const float* mean, const float* inverse, const float* scale,
                      const float* first, const float* second, View<const float> dy, View<float> dx) {
  const auto run = HWY_DYNAMIC_DISPATCH(ColumnsBackward);
  by_rows(x, [&](std::size_t i) {
    run(x.row(i), {mean, inverse, scale, first, second}, dy.row(i), dx.row(i), x.cols);
  });
}

void normalise_rows(const RowNorm& at, const float* beta, float epsilon, View<float> y) {
  by_rows(at.x, [&](std::size_t i) { HWY_DYNAMIC_DISPATCH(NormaliseRow)(at, i, beta, epsilon, y.row(i)); });
}
void rows_backward(const RowNorm& at, View<const float> dy, View<float> dx) {
  by_rows(at.x, [&](std::size_t i) { HWY_DYNAMIC_DISPATCH(RowBackward)(at, i, dy.row(i), dx.row(i)); });
}
void rows_tangent(const RowNorm& at, View<const float> tx, View<float> means, View<float> ty) {
  by_rows(at.x, [&](std::size_t i) {
    HWY_DYNAMIC_DISPATCH(RowTangent)(at, i, tx.row(i), means.row(i), ty.row(i));
  });
}
void rows_tangent_backward(const RowNorm& at, View<const float> tx, View<const float> means,
                           View<const float> dy, View<const float> dty, View<float> dx, View<float> dtx) {
  const auto run = HWY_DYNAMIC_DISPATCH(RowTangentBackward);
  by_rows(at.x, [&](std::size_t i) {
    run(at, i,
        {tx.row(i), means.row(i), dy.wanted() ? dy.row(i) : nullptr, dty.row(i),
         dx.wanted() ? dx.row(i) : nullptr, dtx.wanted() ? dtx.row(i) : nullptr});
  });
}
// Sums over rows belong to one thread: they are few, and their order must not depend on threads.
void row_scale_gradients(const RowNorm& at, View<const float> dy, float* dgamma, float* dbeta) {
  for (std::size_t i = 0; i < dy.rows; ++i)
    HWY_DYNAMIC_DISPATCH(RowScaleGradients)(at, i, dy.row(i), dgamma, dbeta);
}
void row_tangent_scale_gradients(const RowNorm& at, View<const float> tx, View<const float> means,
                                 View<const float> dty, float* dgamma) {
  for (std::size_t i = 0; i < dty.rows; ++i)
    HWY_DYNAMIC_DISPATCH(RowTangentScaleGradients)(at, i, tx.row(i), means.row(i), dty.row(i), dgamma);
}

}  // namespace vectors
}  // namespace pushforward
#endif  // HWY_ONCE
