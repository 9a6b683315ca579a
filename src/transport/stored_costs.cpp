// SPDX-License-Identifier: Apache-2.0
//
// Costs of many dimensions, computed once and kept in float32: half of float64's memory and bandwidth.
//
// The matrix is filled from differences, not from ‖x‖² + ‖y‖² − 2x·y: twice the instructions of a matrix
// product, still small beside the solver's, and each entry is then right to a small multiple of *its own*
// size, however far the cluster that it lies in is from the origin. That makes float64 answers cheap. With
// unit roundoff ε, distance r in exact arithmetic and r′ after the coordinates were rounded to float32, |r −
// r′| ≤ e = ε(max‖x‖ + max‖y‖), and the stored c′ is r′^p up to a factor 1 ± γ, so for every t > 0 (Young's
// inequality on the term p·e·r′^(p−1))
//
//   r^p ≥ c′(1−γ)(1−t) − a,   a = (1/p)(p·e/α)^p,   α = (t·p/(p−1))^((p−1)/p);   for p = 1: t = 0, a = e.
//
// A row's exact minimum is found by scanning that bound in float64, computing the exact cost at its smallest,
// and computing exactly every other column whose bound lies below what that gave: mostly none.
//
// Rejected: float64 storage (800 MB at 10000 points a side), and float32 alone (prices that cannot tell costs
// apart beyond the seventh digit stop short of the optimum when the data have heavy tails).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "transport/stored_costs.cpp"
#include "hwy/foreach_target.h"
// after foreach_target.h
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"
#include "transport/cost_oracle.hpp"
#include "transport/row_scan-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {

// Lower bounds of exact costs, in float64, from a float32 row.
template <class D>
struct LowerBoundRow {
  D d;
  const float* HWY_RESTRICT costs;
  double shrink;
  HWY_INLINE hn::Vec<D> operator()(std::size_t j) const {
    const hn::Rebind<float, D> single;
    return hn::Mul(hn::PromoteTo(d, hn::LoadU(single, costs + j)), hn::Set(d, shrink));
  }
};

RowMinimum<double> SmallestBound(const float* row, double shrink, std::size_t columns, const double* v) {
  const hn::ScalableTag<double> d;
  return ScanSmallest(d, LowerBoundRow<decltype(d)>{d, row, shrink}, v, columns);
}
std::size_t BelowBound(const float* row, double shrink, std::size_t columns, const double* v,
                       double threshold, std::int32_t* out) {
  const hn::ScalableTag<double> d;
  return ScanBelow(d, LowerBoundRow<decltype(d)>{d, row, shrink}, v, columns, threshold, columns, out);
}
RowMinimum<float> SmallestStored(const float* row, std::size_t columns, const float* v) {
  const hn::ScalableTag<float> d;
  return ScanSmallest(d, LoadedRow<decltype(d)>{d, row}, v, columns);
}
TwoMinima TwoSmallestStored(const float* row, std::size_t columns, const float* v) {
  const hn::ScalableTag<float> d;
  return ScanTwoSmallest(d, LoadedRow<decltype(d)>{d, row}, v, columns);
}
std::size_t BelowStored(const float* row, std::size_t columns, const float* v, float threshold,
                        std::size_t most, std::int32_t* out) {
  const hn::ScalableTag<float> d;
  return ScanBelow(d, LoadedRow<decltype(d)>{d, row}, v, columns, threshold, most, out);
}

template <class D, class V>
HWY_INLINE V PowerOf(D d, V square, float p) {
  if (p == 2.0f) return square;
  if (p == 1.0f) return hn::Sqrt(square);
  const auto positive = hn::Gt(square, hn::Zero(d));
  const auto base = hn::IfThenElse(positive, square, hn::Set(d, 1.0f));
  return hn::IfThenElseZero(positive, hn::Exp(d, hn::Mul(hn::Set(d, p / 2), hn::Log(d, base))));
}

// Four rows of x against one panel of 64 columns of y (panel: d × 64), two vectors at a time: eight sums in
// flight.
void FillPanel(const float* const* x, const float* panel, std::size_t dims, float p, float* const* out) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  for (std::size_t j = 0; j < kBlock; j += 2 * lanes) {
    auto a0 = hn::Zero(d), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, e0 = a0, e1 = a0;
    for (std::size_t k = 0; k < dims; ++k) {
      const auto y0 = hn::Load(d, panel + k * kBlock + j), y1 = hn::Load(d, panel + k * kBlock + j + lanes);
      const auto add = [&](const float* row, auto& s0, auto& s1) HWY_ATTR {
        const auto value = hn::Set(d, row[k]);
        const auto d0 = hn::Sub(value, y0), d1 = hn::Sub(value, y1);
        s0 = hn::MulAdd(d0, d0, s0), s1 = hn::MulAdd(d1, d1, s1);
      };
      add(x[0], a0, a1), add(x[1], b0, b1), add(x[2], c0, c1), add(x[3], e0, e1);
    }
    const auto put = [&](float* row, auto s0, auto s1) HWY_ATTR {
      hn::Store(PowerOf(d, s0, p), d, row + j), hn::Store(PowerOf(d, s1, p), d, row + j + lanes);
    };
    put(out[0], a0, a1), put(out[1], b0, b1), put(out[2], c0, c1), put(out[3], e0, e1);
  }
}

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cmath>

#include "pushforward/threads.hpp"
#include "transport/squared_distance.hpp"

namespace pushforward::transport {
HWY_EXPORT(SmallestBound);
HWY_EXPORT(BelowBound);
HWY_EXPORT(SmallestStored);
HWY_EXPORT(TwoSmallestStored);
HWY_EXPORT(BelowStored);
HWY_EXPORT(FillPanel);

namespace {

constexpr double kRoundoff = 0x1p-24;  // of float32

// Coordinates in float32, centred and scaled, and the largest norm among them.
struct SinglePoints {
  Matrix<float> values;
  double radius = 0;

  SinglePoints(View<const double> points, const std::vector<double>& centre, double unit)
      : values(points.rows, points.cols) {
    for (std::size_t i = 0; i < points.rows; ++i) {
      double square = 0;
      for (std::size_t k = 0; k < points.cols; ++k) {
        const double value = (points(i, k) - centre[k]) / unit;
        values(i, k) = static_cast<float>(value);
        square += value * value;
      }
      radius = std::max(radius, std::sqrt(square));
    }
  }
};

// Sinks in panels of 64 columns, each d × 64, so that the fill reads contiguous memory.
Matrix<float> panels_of(const Matrix<float>& y) {
  Matrix<float> panels(padded(y.rows()) / kBlock, y.cols() * kBlock);
  for (std::size_t j = 0; j < y.rows(); ++j)
    for (std::size_t k = 0; k < y.cols(); ++k) panels(j / kBlock, k * kBlock + j % kBlock) = y(j, k);
  return panels;
}

// Rows in float32, and exact costs (`at`) that are not below shrink·c′ − slack.
class BoundedRows : public CostOracle {
 public:
  using CostOracle::CostOracle;

  RowMinimum<double> smallest(std::size_t i, const double* v) const override {
    const float* row = costs_.row(i);
    const auto bound = HWY_DYNAMIC_DISPATCH(SmallestBound)(row, shrink_, padded(cols()), v);
    RowMinimum<double> best = {at(i, static_cast<std::size_t>(bound.column)) - v[bound.column], bound.column};
    std::vector<std::int32_t> others(padded(cols()));
    const double threshold = best.value + slack_;
    const std::size_t count =
        HWY_DYNAMIC_DISPATCH(BelowBound)(row, shrink_, padded(cols()), v, threshold, others.data());
    for (std::size_t c = 0; c < count; ++c) {
      const double value = at(i, static_cast<std::size_t>(others[c])) - v[others[c]];
      if (value < best.value) best = {value, others[c]};
    }
    return best;
  }
  RowMinimum<float> smallest(std::size_t i, const float* v) const override {
    return HWY_DYNAMIC_DISPATCH(SmallestStored)(costs_.row(i), padded(cols()), v);
  }
  TwoMinima two_smallest(std::size_t i, const float* v) const override {
    return HWY_DYNAMIC_DISPATCH(TwoSmallestStored)(costs_.row(i), padded(cols()), v);
  }
  std::size_t below(std::size_t i, const float* v, float threshold, std::size_t most,
                    std::int32_t* columns) const override {
    return HWY_DYNAMIC_DISPATCH(BelowStored)(costs_.row(i), padded(cols()), v, threshold, most, columns);
  }

 protected:
  double shrink_ = 1, slack_ = 0;
  Matrix<float> costs_{};  // n × padded m
};

class StoredCosts final : public BoundedRows {
 public:
  StoredCosts(const AtomView& atoms, double p)
      : BoundedRows(atoms.x.rows, atoms.y.rows), atoms_(atoms), p_(p) {
    const double unit = atoms.unit;
    inverse_ = 1 / unit, scale_ = std::pow(unit, p);
    units_ = (static_cast<double>(atoms.x.cols) / 4 + 8) * std::max(1.0, p / 2);
    const std::vector<double> centre = mean_point(atoms.x);
    const SinglePoints x(atoms.x, centre, unit), y(atoms.y, centre, unit);
    set_bounds(x.radius + y.radius);
    costs_.resize(rows(), padded(cols()));
    fill(x.values, panels_of(y.values));
  }

  double at(std::size_t i, std::size_t j) const override {
    const double sum = squared_distance(atoms_.x.row(i), atoms_.y.row(j), atoms_.x.cols, inverse_);
    return p_ == 2 ? sum : p_ == 1 ? std::sqrt(sum) : std::pow(sum, p_ / 2);
  }

 private:
  // The essay's (1−γ)(1−t) and a.
  void set_bounds(double radii) {
    const double power = p_ == 1 || p_ == 2 ? 8 : 8 + 200 * p_;
    const double gamma = kRoundoff * (static_cast<double>(atoms_.x.cols + 4) * std::max(1.0, p_ / 2) + power);
    const double e = 1.01 * kRoundoff * radii;
    const double t = p_ == 1 ? 0 : std::max(gamma, 1e-6);
    const double alpha = p_ == 1 ? 1 : std::pow(t * p_ / (p_ - 1), (p_ - 1) / p_);
    shrink_ = (1 - gamma) * (1 - t);
    slack_ = std::pow(p_ * e / alpha, p_) / p_ + 1e-37;
  }

  void fill(const Matrix<float>& x, const Matrix<float>& panels) {
    constexpr std::size_t kRows = 32;  // that share a panel while it is in the first cache
    const std::size_t blocks = (rows() + kRows - 1) / kRows;
    parallel_for(blocks, 8, [&](std::size_t begin, std::size_t end) {
      for (std::size_t block = begin; block < end; ++block)
        for (std::size_t panel = 0; panel < panels.rows(); ++panel)
          for (std::size_t i = block * kRows; i < std::min(rows(), (block + 1) * kRows); i += 4)
            fill_four(x, panels, i, panel);
    });
  }
  void fill_four(const Matrix<float>& x, const Matrix<float>& panels, std::size_t i, std::size_t panel) {
    const float* from[4];
    float* to[4];
    for (std::size_t r = 0; r < 4; ++r) {  // beyond the last row, the last row again
      const std::size_t row = std::min(i + r, rows() - 1);
      from[r] = x.row(row), to[r] = costs_.row(row) + panel * kBlock;
    }
    HWY_DYNAMIC_DISPATCH(FillPanel)(from, panels.row(panel), x.cols(), static_cast<float>(p_), to);
  }

  AtomView atoms_;
  double p_, inverse_ = 1;  // one over the unit of length, a power of two
};

class ResidualCosts final : public BoundedRows {
 public:
  ResidualCosts(const CostOracle& costs, std::vector<DoubleDouble> u, std::vector<DoubleDouble> v, double cap)
      : BoundedRows(costs.rows(), costs.cols()), of_(costs), u_(std::move(u)), v_(std::move(v)), cap_(cap) {
    scale_ = std::ldexp(1.0, std::ilogb(cap) + 1);
    inverse_ = 1 / scale_;
    shrink_ = 1 - 2 * kRoundoff, slack_ = 1e-37;  // float32's own rounding, and its subnormal numbers
    costs_.resize(rows(), padded(cols()));
    parallel_for(rows(), 16, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        for (std::size_t j = 0; j < cols(); ++j) costs_(i, j) = static_cast<float>(at(i, j));
        std::fill(costs_.row(i) + cols(), costs_.row(i) + costs_.cols(), 0.0f);  // no NaN in the padding
      }
    });
  }

  double at(std::size_t i, std::size_t j) const override {
    const double rest = (DoubleDouble{of_.at(i, j), 0} - u_[i] - v_[j]).value();
    return std::clamp(rest, 0.0, cap_) * inverse_;
  }

 private:
  const CostOracle& of_;
  std::vector<DoubleDouble> u_, v_;
  double cap_, inverse_ = 1;
};

}  // namespace

std::unique_ptr<CostOracle> residual_costs(const CostOracle& costs, std::vector<DoubleDouble> u,
                                           std::vector<DoubleDouble> v, double cap) {
  return std::make_unique<ResidualCosts>(costs, std::move(u), std::move(v), cap);
}

std::unique_ptr<CostOracle> stored_costs(const AtomView& atoms, double p) {
  return std::make_unique<StoredCosts>(atoms, p);
}

}  // namespace pushforward::transport
#endif
