// SPDX-License-Identifier: Apache-2.0
// Scans of whole rows in float64; numbers of columns ride along as doubles.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "transport/assignment.cpp"
#include "hwy/foreach_target.h"
// after foreach_target.h
#include "hwy/highway.h"
#include "transport/assignment.hpp"

#ifndef PUSHFORWARD_TRANSPORT_ASSIGNMENT_TYPES
#define PUSHFORWARD_TRANSPORT_ASSIGNMENT_TYPES
namespace pushforward::transport {

struct TwoColumns {
  double first, second;  ///< the smallest and the second smallest cost − v
  std::size_t column, other;
};
struct NearestColumn {
  double distance;
  std::size_t column;
};

}  // namespace pushforward::transport
#endif

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using Doubles = hn::ScalableTag<double>;
constexpr double kNever = 1e300;

void SquaredRow(const double* x, const double* y, std::size_t d, std::size_t columns, double* out) {
  const Doubles t;
  for (std::size_t j = 0; j < columns; j += hn::Lanes(t)) {
    auto sum = hn::Zero(t);
    for (std::size_t k = 0; k < d; ++k) {
      const auto difference = hn::Sub(hn::Set(t, x[k]), hn::Load(t, y + k * columns + j));
      sum = hn::MulAdd(difference, difference, sum);
    }
    hn::Store(sum, t, out + j);
  }
}

void Smaller(const double* row, std::size_t columns, double* least) {
  const Doubles t;
  for (std::size_t j = 0; j < columns; j += hn::Lanes(t))
    hn::Store(hn::Min(hn::Load(t, least + j), hn::Load(t, row + j)), t, least + j);
}

TwoColumns TwoSmallestColumns(const double* row, const double* v, std::size_t columns) {
  const Doubles t;
  const std::size_t lanes = hn::Lanes(t);
  auto first = hn::Set(t, kNever), second = first;
  auto at = hn::Zero(t), other = at, here = hn::Iota(t, 0);
  const auto step = hn::Set(t, static_cast<double>(lanes));
  for (std::size_t j = 0; j < columns; j += lanes) {
    const auto value = hn::Sub(hn::Load(t, row + j), hn::Load(t, v + j));
    const auto best = hn::Lt(value, first), next = hn::Lt(value, second);
    second = hn::IfThenElse(best, first, hn::IfThenElse(next, value, second));
    other = hn::IfThenElse(best, at, hn::IfThenElse(next, here, other));
    first = hn::IfThenElse(best, value, first), at = hn::IfThenElse(best, here, at);
    here = hn::Add(here, step);
  }
  HWY_ALIGN double values[4][HWY_MAX_BYTES / sizeof(double)];
  hn::Store(first, t, values[0]), hn::Store(second, t, values[1]);
  hn::Store(at, t, values[2]), hn::Store(other, t, values[3]);
  std::size_t lane = 0;
  for (std::size_t k = 1; k < lanes; ++k)
    if (values[0][k] < values[0][lane]) lane = k;
  TwoColumns out{values[0][lane], values[1][lane], static_cast<std::size_t>(values[2][lane]),
                 static_cast<std::size_t>(values[3][lane])};
  for (std::size_t k = 0; k < lanes; ++k)
    if (k != lane && values[0][k] < out.second)
      out.second = values[0][k], out.other = static_cast<std::size_t>(values[2][k]);
  return out;
}

// Distances of columns by way of a row, `base` + cost − v, where that is nearer; settled columns are at
// kNever and stay there. The nearest column that is not settled.
NearestColumn Relax(const double* row, const double* v, double base, double from, std::size_t columns,
                    double* distance, double* before) {
  const Doubles t;
  const std::size_t lanes = hn::Lanes(t);
  const auto never = hn::Set(t, kNever), shift = hn::Set(t, base), source = hn::Set(t, from);
  auto nearest = never, at = hn::Zero(t), here = hn::Iota(t, 0);
  const auto step = hn::Set(t, static_cast<double>(lanes));
  for (std::size_t j = 0; j < columns; j += lanes) {
    auto known = hn::Load(t, distance + j);
    const auto way = hn::Add(hn::Sub(hn::Load(t, row + j), hn::Load(t, v + j)), shift);
    const auto better = hn::And(hn::Lt(known, never), hn::Lt(way, known));
    known = hn::IfThenElse(better, way, known);
    hn::Store(known, t, distance + j);
    hn::Store(hn::IfThenElse(better, source, hn::Load(t, before + j)), t, before + j);
    const auto closer = hn::Lt(known, nearest);
    nearest = hn::IfThenElse(closer, known, nearest), at = hn::IfThenElse(closer, here, at);
    here = hn::Add(here, step);
  }
  const auto least = hn::MinOfLanes(t, nearest);
  HWY_ALIGN double columns_at[HWY_MAX_BYTES / sizeof(double)];
  hn::Store(at, t, columns_at);
  const std::size_t lane = hn::FindKnownFirstTrue(t, hn::Eq(nearest, least));
  return {hn::GetLane(least), static_cast<std::size_t>(columns_at[lane])};
}

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <limits>
#include <numeric>

namespace pushforward::transport {
HWY_EXPORT(SquaredRow);
HWY_EXPORT(Smaller);
HWY_EXPORT(TwoSmallestColumns);
HWY_EXPORT(Relax);

namespace {

constexpr double kSettled = 1e300;                                     // HWY_NAMESPACE::kNever
constexpr std::size_t kVector = 8;                                     // doubles of the widest vector
constexpr std::size_t kBidsARow = 3;                                   // before paths are searched
constexpr double kNothing = -std::numeric_limits<double>::infinity();  // the price of padding

constexpr std::size_t whole_vectors(std::size_t n) { return (n + kVector - 1) / kVector * kVector; }

}  // namespace

void DenseAssignment::resize(std::size_t n, std::size_t columns) {
  n_ = n, columns_ = columns;
  for (Matrix<double>* each : {&v_, &distance_, &settled_, &before_}) each->resize(1, columns_);
  sink_of_.assign(n, -1), source_of_.assign(columns_, -1);
}

void DenseAssignment::set_squared_costs(View<const double> x, View<const double> y) {
  resize(x.rows, whole_vectors(x.rows));
  own_.resize(n_, columns_), costs_ = own_;
  sinks_.resize(x.cols, columns_), sinks_.zero();
  for (std::size_t j = 0; j < n_; ++j)
    for (std::size_t k = 0; k < y.cols; ++k) sinks_(k, j) = y(j, k);
  for (std::size_t i = 0; i < n_; ++i)
    HWY_DYNAMIC_DISPATCH(SquaredRow)(x.row(i), sinks_.data(), x.cols, columns_, own_.row(i));
}

void DenseAssignment::set_costs(View<const double> costs) {
  resize(costs.rows, whole_vectors(costs.rows));
  own_.resize(n_, columns_), costs_ = own_;
  for (std::size_t i = 0; i < n_; ++i) {
    std::copy_n(costs.row(i), n_, own_.row(i));
    std::fill(own_.row(i) + n_, own_.row(i) + columns_, 0.0);
  }
}

void DenseAssignment::borrow_costs(View<const double> costs) {
  resize(costs.rows, costs.cols);
  costs_ = costs;
}

void DenseAssignment::reduce_columns() {
  std::copy_n(costs_.row(0), columns_, v_.data());
  for (std::size_t i = 1; i < n_; ++i) HWY_DYNAMIC_DISPATCH(Smaller)(costs_.row(i), columns_, v_.data());
  std::fill(v_.data() + n_, v_.data() + columns_, kNothing);
}

// Rows that are left over when each of `rows`, and whoever it drives out, has bid; kBidsARow a row in all.
std::vector<std::int32_t> DenseAssignment::place_by_bids(std::vector<std::int32_t> rows) {
  std::vector<std::int32_t> left;
  std::size_t budget = kBidsARow * n_;
  for (std::int32_t row : rows)
    while (row >= 0) {
      const TwoColumns best = HWY_DYNAMIC_DISPATCH(TwoSmallestColumns)(this->row(row), v_.data(), columns_);
      const bool strict = best.first < best.second;
      std::size_t j = best.column;
      if (strict && best.second < kSettled)
        v_.data()[j] -= best.second - best.first;
      else if (!strict && source_of_[j] >= 0)
        j = best.other;  // a tie: rather a sink that may be free
      const std::int32_t out = source_of_[j];
      source_of_[j] = row, sink_of_[static_cast<std::size_t>(row)] = static_cast<std::int32_t>(j);
      row = -1;
      if (out < 0) continue;
      sink_of_[static_cast<std::size_t>(out)] = -1;
      if (strict && budget > 0)
        --budget, row = out;
      else
        left.push_back(out);
    }
  return left;
}

// Dijkstra from a free row: the nearest free sink, by sinks whose sources would have to move on; prices of
// those that were passed rise to what the way costs.
void DenseAssignment::place_by_path(std::int32_t row) {
  std::fill_n(distance_.data(), columns_, kSettled / 2), scanned_.clear();
  const auto relax = [&](std::int32_t i, double base) {
    return HWY_DYNAMIC_DISPATCH(Relax)(this->row(i), v_.data(), base, static_cast<double>(i), columns_,
                                       distance_.data(), before_.data());
  };
  NearestColumn nearest = relax(row, 0);
  while (source_of_[nearest.column] >= 0) {
    const std::size_t j = nearest.column;
    settled_.data()[j] = nearest.distance, distance_.data()[j] = kSettled, scanned_.push_back(j);
    const std::int32_t i = source_of_[j];
    nearest = relax(i, nearest.distance - (costs_(static_cast<std::size_t>(i), j) - v_.data()[j]));
  }
  for (const std::size_t j : scanned_) v_.data()[j] += settled_.data()[j] - nearest.distance;
  for (auto j = static_cast<std::int32_t>(nearest.column); j >= 0;) {
    const auto i = static_cast<std::int32_t>(before_.data()[j]);
    source_of_[static_cast<std::size_t>(j)] = i;
    std::swap(sink_of_[static_cast<std::size_t>(i)], j);
    if (i == row) break;
  }
}

void DenseAssignment::solve() {
  reduce_columns();
  std::vector<std::int32_t> rows(n_);
  std::iota(rows.begin(), rows.end(), 0);
  for (const std::int32_t row : place_by_bids(std::move(rows))) place_by_path(row);
}

}  // namespace pushforward::transport
#endif
