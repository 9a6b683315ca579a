// SPDX-License-Identifier: Apache-2.0
//
// A cost matrix of the caller's own, borrowed, with a float32 copy beside it for the scans that only steer.
//
// The caller's rows are not padded. Reading past a row's end gives the next row's costs, which do no harm
// since v is −∞ there; only the last few rows would run past the end of the matrix, so those are copied.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "transport/matrix_costs.cpp"
#include "hwy/foreach_target.h"
// after foreach_target.h
#include "hwy/highway.h"
#include "transport/cost_oracle.hpp"
#include "transport/row_scan-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {

template <class D>
struct ScaledRow {
  D d;
  const double* HWY_RESTRICT costs;
  double factor;
  HWY_INLINE hn::Vec<D> operator()(std::size_t j) const {
    return hn::Mul(hn::LoadU(d, costs + j), hn::Set(d, factor));
  }
};

RowMinimum<double> SmallestScaled(const double* row, double factor, std::size_t columns, const double* v) {
  const hn::ScalableTag<double> d;
  return ScanSmallest(d, ScaledRow<decltype(d)>{d, row, factor}, v, columns);
}
RowMinimum<float> SmallestLoaded(const float* row, std::size_t columns, const float* v) {
  const hn::ScalableTag<float> d;
  return ScanSmallest(d, LoadedRow<decltype(d)>{d, row}, v, columns);
}
TwoMinima TwoSmallestLoaded(const float* row, std::size_t columns, const float* v) {
  const hn::ScalableTag<float> d;
  return ScanTwoSmallest(d, LoadedRow<decltype(d)>{d, row}, v, columns);
}
std::size_t BelowLoaded(const float* row, std::size_t columns, const float* v, float threshold,
                        std::size_t most, std::int32_t* out) {
  const hn::ScalableTag<float> d;
  return ScanBelow(d, LoadedRow<decltype(d)>{d, row}, v, columns, threshold, most, out);
}

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cmath>

namespace pushforward::transport {
HWY_EXPORT(SmallestScaled);
HWY_EXPORT(SmallestLoaded);
HWY_EXPORT(TwoSmallestLoaded);
HWY_EXPORT(BelowLoaded);

namespace {

// A power of two at least as large as every |c|.
double largest_power(std::span<const double> costs) {
  double largest = 0;
  for (double cost : costs) largest = std::max(largest, std::abs(cost));
  return largest > 0 ? std::ldexp(1.0, std::min(std::ilogb(largest) + 1, 1023)) : 1;
}

class MatrixCosts final : public CostOracle {
 public:
  explicit MatrixCosts(View<const double> costs)
      : CostOracle(costs.rows, costs.cols), costs_(costs), single_(costs.rows, padded(costs.cols)) {
    scale_ = largest_power(costs.span());
    factor_ = 1 / scale_;
    non_negative_ = std::all_of(costs.span().begin(), costs.span().end(), [](double c) { return c >= 0; });
    for (std::size_t i = 0; i < rows(); ++i)
      for (std::size_t j = 0; j < cols(); ++j) single_(i, j) = static_cast<float>(costs(i, j) * factor_);
    const std::size_t tail = std::min(rows(), (padded(cols()) - cols() + cols() - 1) / cols() + 1);
    first_copied_ = rows() - tail;
    tail_ = Matrix<double>(tail + 1, padded(cols()));
    for (std::size_t i = first_copied_; i < rows(); ++i)
      std::copy_n(costs.row(i), cols(), tail_.row(i - first_copied_));
  }

  double at(std::size_t i, std::size_t j) const override { return costs_(i, j) * factor_; }
  RowMinimum<double> smallest(std::size_t i, const double* v) const override {
    const double* row = i < first_copied_ ? costs_.row(i) : tail_.row(i - first_copied_);
    return HWY_DYNAMIC_DISPATCH(SmallestScaled)(row, factor_, padded(cols()), v);
  }
  RowMinimum<float> smallest(std::size_t i, const float* v) const override {
    return HWY_DYNAMIC_DISPATCH(SmallestLoaded)(single_.row(i), padded(cols()), v);
  }
  TwoMinima two_smallest(std::size_t i, const float* v) const override {
    return HWY_DYNAMIC_DISPATCH(TwoSmallestLoaded)(single_.row(i), padded(cols()), v);
  }
  std::size_t below(std::size_t i, const float* v, float threshold, std::size_t most,
                    std::int32_t* columns) const override {
    return HWY_DYNAMIC_DISPATCH(BelowLoaded)(single_.row(i), padded(cols()), v, threshold, most, columns);
  }

 private:
  View<const double> costs_;
  Matrix<float> single_;  // n × padded m
  Matrix<double> tail_;   // the rows that may not be read past their end
  std::size_t first_copied_ = 0;
  double factor_ = 1;
};

}  // namespace

std::unique_ptr<CostOracle> matrix_costs(View<const double> costs) {
  return std::make_unique<MatrixCosts>(costs);
}

}  // namespace pushforward::transport
#endif
