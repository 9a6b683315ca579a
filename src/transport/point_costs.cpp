// SPDX-License-Identifier: Apache-2.0
//
// Costs of few dimensions, recomputed whenever they are looked at.
//
// For d ≤ 8 a row of ‖x_i − y_j‖^p costs 2d + 2 vector instructions per 16 float32 columns, fewer cycles than
// loading the row from beyond the second cache would take; and the memory is O((n+m)d), so ten thousand
// points a side take megabytes where a matrix takes hundreds. The coordinates of the sinks are stored feature
// by feature, padded, in float64 (scaled, else as given: differences x − y are then as exact as float64 makes
// them) and in float32 (centred first, since the spread is what matters and an offset would eat its digits).
//
// p = 1 and p = 2 are a root and nothing; other powers are exp(p/2 · log s) with 0 kept apart.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "transport/point_costs.cpp"
#include "hwy/foreach_target.h"
// after foreach_target.h
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"
#include "transport/cost_oracle.hpp"
#include "transport/row_scan-inl.hpp"

#ifndef PUSHFORWARD_TRANSPORT_POINT_VIEW
#define PUSHFORWARD_TRANSPORT_POINT_VIEW
namespace pushforward::transport {

/// What a scan needs: points as rows, sinks as columns.
template <class Real>
struct PointView {
  const Real* x;  // n × d
  const Real* y;  // d × columns
  std::size_t d, columns;
  double p;
};

}  // namespace pushforward::transport
#endif

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {

enum class Power { square, root, general };

template <class D, std::size_t kDim, Power kPower>
struct PointRow {
  using Real = hn::TFromD<D>;
  D d;
  const Real* HWY_RESTRICT x;
  const Real* HWY_RESTRICT y;
  std::size_t dim, columns;
  Real half_power;

  HWY_INLINE hn::Vec<D> operator()(std::size_t j) const {
    const std::size_t dims = kDim > 0 ? kDim : dim;
    auto difference = hn::Sub(hn::Set(d, x[0]), hn::Load(d, y + j));
    auto sum = hn::Mul(difference, difference);
    for (std::size_t k = 1; k < dims; ++k) {
      difference = hn::Sub(hn::Set(d, x[k]), hn::Load(d, y + k * columns + j));
      sum = hn::MulAdd(difference, difference, sum);
    }
    if constexpr (kPower == Power::root) return FastRoot(d, sum);
    if constexpr (kPower == Power::general) {
      const auto positive = hn::Gt(sum, hn::Zero(d));
      const auto base = hn::IfThenElse(positive, sum, hn::Set(d, Real{1}));
      const auto power = hn::Exp(d, hn::Mul(hn::Set(d, half_power), hn::Log(d, base)));
      return hn::IfThenElseZero(positive, power);
    }
    return sum;
  }
};

template <std::size_t kDim, class D, class Use>
HWY_INLINE auto WithPower(D d, const PointView<hn::TFromD<D>>& view, std::size_t i, const Use& use) {
  using Real = hn::TFromD<D>;
  const Real* x = view.x + i * view.d;
  const Real half = static_cast<Real>(view.p / 2);
  if (view.p == 2) return use(PointRow<D, kDim, Power::square>{d, x, view.y, view.d, view.columns, half});
  if (view.p == 1) return use(PointRow<D, kDim, Power::root>{d, x, view.y, view.d, view.columns, half});
  return use(PointRow<D, kDim, Power::general>{d, x, view.y, view.d, view.columns, half});
}

template <class D, class Use>
HWY_INLINE auto WithRow(D d, const PointView<hn::TFromD<D>>& view, std::size_t i, const Use& use) {
  if (view.d == 2) return WithPower<2>(d, view, i, use);
  if (view.d == 3) return WithPower<3>(d, view, i, use);
  return WithPower<0>(d, view, i, use);
}

RowMinimum<double> SmallestDouble(const PointView<double>& view, std::size_t i, const double* v) {
  const hn::ScalableTag<double> d;
  return WithRow(d, view, i, [&](const auto& row) HWY_ATTR { return ScanSmallest(d, row, v, view.columns); });
}
RowMinimum<float> SmallestFloat(const PointView<float>& view, std::size_t i, const float* v) {
  const hn::ScalableTag<float> d;
  return WithRow(d, view, i, [&](const auto& row) HWY_ATTR { return ScanSmallest(d, row, v, view.columns); });
}
TwoMinima TwoSmallest(const PointView<float>& view, std::size_t i, const float* v) {
  const hn::ScalableTag<float> d;
  return WithRow(d, view, i,
                 [&](const auto& row) HWY_ATTR { return ScanTwoSmallest(d, row, v, view.columns); });
}
std::size_t Below(const PointView<float>& view, std::size_t i, const float* v, float threshold,
                  std::size_t most, std::int32_t* out) {
  const hn::ScalableTag<float> d;
  return WithRow(d, view, i, [&](const auto& row) HWY_ATTR {
    return ScanBelow(d, row, v, view.columns, threshold, most, out);
  });
}

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <cmath>

namespace pushforward::transport {
HWY_EXPORT(SmallestDouble);
HWY_EXPORT(SmallestFloat);
HWY_EXPORT(TwoSmallest);
HWY_EXPORT(Below);

namespace {

class PointCosts final : public CostOracle {
 public:
  PointCosts(const AtomView& atoms, double p)
      : CostOracle(atoms.x.rows, atoms.y.rows), p_(p), d_(atoms.x.cols), columns_(padded(atoms.y.rows)) {
    const double unit = atoms.unit;
    scale_ = std::pow(unit, p);
    // exp(p/2 · log s) loses as many units as its exponent is large: up to 709.
    units_ = (static_cast<double>(d_) + 4) * std::max(1.0, p / 2) + (p == 1 || p == 2 ? 4 : 709);
    const std::vector<double> centre = mean_point(atoms.x);
    x_.resize(rows(), d_), xf_.resize(rows(), d_);
    for (std::size_t i = 0; i < rows(); ++i)
      for (std::size_t k = 0; k < d_; ++k) {
        x_(i, k) = atoms.x(i, k) / unit;
        xf_(i, k) = static_cast<float>((atoms.x(i, k) - centre[k]) / unit);
      }
    y_ = Matrix<double>(d_, columns_), yf_ = Matrix<float>(d_, columns_);
    for (std::size_t j = 0; j < cols(); ++j)
      for (std::size_t k = 0; k < d_; ++k) {
        y_(k, j) = atoms.y(j, k) / unit;
        yf_(k, j) = static_cast<float>((atoms.y(j, k) - centre[k]) / unit);
      }
  }

  double at(std::size_t i, std::size_t j) const override {
    double sum = 0;
    for (std::size_t k = 0; k < d_; ++k) {
      const double difference = x_(i, k) - y_(k, j);
      sum += difference * difference;
    }
    return p_ == 2 ? sum : p_ == 1 ? std::sqrt(sum) : std::pow(sum, p_ / 2);
  }
  RowMinimum<double> smallest(std::size_t i, const double* v) const override {
    return HWY_DYNAMIC_DISPATCH(SmallestDouble)({x_.data(), y_.data(), d_, columns_, p_}, i, v);
  }
  RowMinimum<float> smallest(std::size_t i, const float* v) const override {
    return HWY_DYNAMIC_DISPATCH(SmallestFloat)(single(), i, v);
  }
  TwoMinima two_smallest(std::size_t i, const float* v) const override {
    return HWY_DYNAMIC_DISPATCH(TwoSmallest)(single(), i, v);
  }
  std::size_t below(std::size_t i, const float* v, float threshold, std::size_t most,
                    std::int32_t* columns) const override {
    return HWY_DYNAMIC_DISPATCH(Below)(single(), i, v, threshold, most, columns);
  }

 private:
  PointView<float> single() const { return {xf_.data(), yf_.data(), d_, columns_, p_}; }

  double p_;
  std::size_t d_, columns_;
  Matrix<double> x_, y_;  // n × d, d × columns
  Matrix<float> xf_, yf_;
};

}  // namespace

std::unique_ptr<CostOracle> point_costs(const AtomView& atoms, double p) {
  return std::make_unique<PointCosts>(atoms, p);
}

std::vector<double> mean_point(View<const double> points) {
  std::vector<double> apart(points.cols, 0.0);
  const double* first = points.row(0);
  const double share = 1 / static_cast<double>(points.rows);
  for (std::size_t i = 0; i < points.rows; ++i)
    for (std::size_t k = 0; k < points.cols; ++k) apart[k] += (points(i, k) - first[k]) * share;
  for (std::size_t k = 0; k < points.cols; ++k) apart[k] += first[k];
  return apart;
}

double distance_scale(View<const double> x, View<const double> y) {
  std::vector<double> low(x.row(0), x.row(0) + x.cols), high = low;
  for (const View<const double>& points : {x, y})
    for (std::size_t i = 0; i < points.rows; ++i) {
      const double* row = points.row(i);
      for (std::size_t k = 0; k < points.cols; ++k) {
        low[k] = std::min(low[k], row[k]);
        high[k] = std::max(high[k], row[k]);
      }
    }
  double longest = 0;
  for (std::size_t k = 0; k < low.size(); ++k) longest = std::hypot(longest, high[k] - low[k]);
  if (!(longest > 0)) return 1;
  if (!std::isfinite(longest)) return longest;
  return std::ldexp(1.0, std::ilogb(longest) + 1);
}

}  // namespace pushforward::transport
#endif
