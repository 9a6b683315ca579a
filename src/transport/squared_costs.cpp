// SPDX-License-Identifier: Apache-2.0
//
// Squared distances of many features kept in float64, by one matrix product: what an assignment scans.
//
//   c̃_ij = ‖x_i‖² + ‖y_j‖² − 2 x_i·y_j   of points about their mean
//
// takes half the instructions that differences take. Its error is one of the norms, not of the distance: with
// ε = 2^-53 and R = ‖x_i‖ + ‖y_j‖, centring moves points by ε‖x_i‖ and ε‖y_j‖ (2εR² of the cost), each of the
// three sums of d products is off by (d + 8)ε times its own, all three by (d + 8)εR², and two additions by
// 3εR². Exact costs (`at`, themselves off by (d/4 + 8)ε of their own size) are therefore not below c̃ − δ_i,
// δ_i = 2(d + 16)ε max_j R². A row's minimum is that of c̃ and of whatever lies within 2δ_i, computed exactly.
//
// Where the δ are no longer small beside the costs (clusters far apart, points on top of one another), this
// is no good, and squared_costs says so.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "transport/squared_costs.cpp"
#include "hwy/foreach_target.h"
// after foreach_target.h
#include "hwy/highway.h"
#include "transport/cost_oracle.hpp"
#include "transport/row_scan-inl.hpp"

#ifndef PUSHFORWARD_TRANSPORT_SQUARED_COSTS_TYPES
#define PUSHFORWARD_TRANSPORT_SQUARED_COSTS_TYPES
namespace pushforward::transport {

constexpr std::size_t kTileRows = 6;  // with two vectors of columns: twelve sums in flight

/// Points about their centre, in groups: feature by feature, those of a group side by side.
struct Grouped {
  std::size_t group = 0, points = 0, d = 0;
  Matrix<double> values{};   // groups × (d · group); zero where there is no point
  Matrix<double> squares{};  // of norms; 1 × (groups · group)
};

}  // namespace pushforward::transport
#endif

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {

using Doubles = hn::ScalableTag<double>;

std::size_t TileColumns() { return 2 * hn::Lanes(Doubles()); }

// One point, about `centre` and times `factor`; returns the square of its norm.
double Centre(const double* point, const double* centre, double factor, std::size_t d, double* out) {
  const Doubles t;
  const std::size_t lanes = hn::Lanes(t);
  const auto unit = hn::Set(t, factor);
  auto s0 = hn::Zero(t), s1 = s0;
  const auto move = [&](std::size_t k, auto& sum) HWY_ATTR {
    const auto value = hn::Mul(hn::Sub(hn::LoadU(t, point + k), hn::LoadU(t, centre + k)), unit);
    hn::StoreU(value, t, out + k);
    sum = hn::MulAdd(value, value, sum);
  };
  std::size_t k = 0;
  for (; k + 2 * lanes <= d; k += 2 * lanes) move(k, s0), move(k + lanes, s1);
  double sum = hn::GetLane(hn::SumOfLanes(t, hn::Add(s0, s1)));
  for (; k < d; ++k) out[k] = (point[k] - centre[k]) * factor, sum += out[k] * out[k];
  return sum;
}

// Products of six rows and two vectors of columns over `depth` features, into rows of `out` that are `stride`
// apart; added to what is there unless `first`.
void AddTile(const double* HWY_RESTRICT x, const double* HWY_RESTRICT y, std::size_t depth, bool first,
             double* HWY_RESTRICT out, std::size_t stride) {
  const Doubles t;
  const std::size_t lanes = hn::Lanes(t);
  auto a0 = hn::Zero(t), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0, e0 = a0, e1 = a0,
       f0 = a0, f1 = a0;
  for (std::size_t k = 0; k < depth; ++k) {
    const auto y0 = hn::Load(t, y), y1 = hn::Load(t, y + lanes);
    const auto add = [&](double value, auto& s0, auto& s1) HWY_ATTR {
      const auto all = hn::Set(t, value);
      s0 = hn::MulAdd(all, y0, s0), s1 = hn::MulAdd(all, y1, s1);
    };
    add(x[0], a0, a1), add(x[1], b0, b1), add(x[2], c0, c1);
    add(x[3], d0, d1), add(x[4], e0, e1), add(x[5], f0, f1);
    x += kTileRows, y += 2 * lanes;
  }
  const auto put = [&](double* row, auto s0, auto s1) HWY_ATTR {
    if (!first) s0 = hn::Add(s0, hn::Load(t, row)), s1 = hn::Add(s1, hn::Load(t, row + lanes));
    hn::Store(s0, t, row), hn::Store(s1, t, row + lanes);
  };
  put(out, a0, a1), put(out + stride, b0, b1), put(out + 2 * stride, c0, c1);
  put(out + 3 * stride, d0, d1), put(out + 4 * stride, e0, e1), put(out + 5 * stride, f0, f1);
}

// Products become squared distances, in place; returns the smallest.
double Distances(double square, const double* squares, std::size_t columns, double* row) {
  const Doubles t;
  const auto own = hn::Set(t, square), twice = hn::Set(t, 2.0);
  auto least = hn::Set(t, std::numeric_limits<double>::infinity());
  for (std::size_t j = 0; j < columns; j += hn::Lanes(t)) {
    const auto cost = hn::Max(
        hn::NegMulAdd(twice, hn::Load(t, row + j), hn::Add(own, hn::Load(t, squares + j))), hn::Zero(t));
    hn::Store(cost, t, row + j);
    least = hn::Min(least, cost);
  }
  return hn::GetLane(hn::MinOfLanes(t, least));
}

// A row in float64 for scans in float32.
using Singles = hn::Rebind<float, Doubles>;
struct RoundedRow {
  Singles d;
  const double* HWY_RESTRICT costs;
  HWY_INLINE hn::Vec<Singles> operator()(std::size_t j) const {
    return hn::DemoteTo(d, hn::LoadU(Doubles(), costs + j));
  }
};

RowMinimum<double> SmallestKept(const double* row, const double* v, std::size_t columns) {
  const Doubles d;
  return ScanSmallest(d, LoadedRow<Doubles>{d, row}, v, columns);
}
std::size_t BelowKept(const double* row, const double* v, std::size_t columns, double threshold,
                      std::int32_t* out) {
  const Doubles d;
  return ScanBelow(d, LoadedRow<Doubles>{d, row}, v, columns, threshold, columns, out);
}
RowMinimum<float> SmallestRounded(const double* row, const float* v, std::size_t columns) {
  const Singles d;
  return ScanSmallest(d, RoundedRow{d, row}, v, columns);
}
TwoMinima TwoSmallestRounded(const double* row, const float* v, std::size_t columns) {
  const Singles d;
  return ScanTwoSmallest(d, RoundedRow{d, row}, v, columns);
}
std::size_t BelowRounded(const double* row, const float* v, std::size_t columns, float threshold,
                         std::size_t most, std::int32_t* out) {
  const Singles d;
  return ScanBelow(d, RoundedRow{d, row}, v, columns, threshold, most, out);
}

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cmath>

#include "pushforward/threads.hpp"
#include "transport/refinement.hpp"
#include "transport/squared_distance.hpp"

namespace pushforward::transport {
HWY_EXPORT(TileColumns);
HWY_EXPORT(Centre);
HWY_EXPORT(AddTile);
HWY_EXPORT(Distances);
HWY_EXPORT(SmallestKept);
HWY_EXPORT(BelowKept);
HWY_EXPORT(SmallestRounded);
HWY_EXPORT(TwoSmallestRounded);
HWY_EXPORT(BelowRounded);

namespace {

constexpr double kRoundoff = 0x1p-53;
constexpr double kFar = 1e300;       // a square in the padding: never the smallest
constexpr std::size_t kPart = 128;   // features that are centred before they change places
constexpr std::size_t kDepth = 256;  // features at a time: a tile's columns stay in the first cache
constexpr std::size_t kGroups = 16;  // of rows that columns are read for: they stay in the second

Grouped grouped(View<const double> points, const std::vector<double>& centre, double factor,
                std::size_t group) {
  const std::size_t d = points.cols, groups = (points.rows + group - 1) / group;
  Grouped out{.group = group, .points = points.rows, .d = d};
  out.values.resize(groups, d * group), out.squares.resize(1, groups * group);
  std::fill_n(out.squares.data(), out.squares.size(), kFar);
  Matrix<double> part(group, kPart);
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t here = std::min(group, points.rows - g * group);
    double* squares = out.squares.data() + g * group;
    std::fill_n(squares, here, 0.0);
    if (here < group) part.zero();
    for (std::size_t k = 0; k < d; k += kPart) {
      const std::size_t count = std::min(kPart, d - k);
      for (std::size_t r = 0; r < here; ++r)
        squares[r] += HWY_DYNAMIC_DISPATCH(Centre)(points.row(g * group + r) + k, centre.data() + k, factor,
                                                   count, part.row(r));
      double* to = out.values.row(g) + k * group;
      for (std::size_t c = 0; c < count; ++c)
        for (std::size_t r = 0; r < group; ++r) *to++ = part(r, c);
    }
  }
  return out;
}

class SquaredCosts final : public CostOracle {
 public:
  explicit SquaredCosts(const AtomView& atoms) : CostOracle(atoms.x.rows, atoms.y.rows), atoms_(atoms) {
    inverse_ = 1 / atoms.unit, scale_ = atoms.unit * atoms.unit;
    units_ = static_cast<double>(atoms.x.cols) / 4 + 8;
    const std::vector<double> centre = mean_point(atoms.x);
    const Grouped x = grouped(atoms.x, centre, inverse_, kTileRows);
    const Grouped y = grouped(atoms.y, centre, inverse_, HWY_DYNAMIC_DISPATCH(TileColumns)());
    set_slacks(x.squares, y.squares);
    multiply(x, y);
  }

  // Whether an optimum of c̃ is one of the costs to what counts as such: together, the errors are nothing
  // beside a lower bound of the value.
  bool good() const {
    double least = 0, slack = 0;
    for (std::size_t i = 0; i < rows(); ++i) least += least_[i], slack += slack_[i];
    return 4 * slack <= kRefineAbove * least;
  }

  View<const double> kept() const override { return {costs_.data(), rows(), costs_.cols()}; }
  double at(std::size_t i, std::size_t j) const override {
    return squared_distance(atoms_.x.row(i), atoms_.y.row(j), atoms_.x.cols, inverse_);
  }
  RowMinimum<double> smallest(std::size_t i, const double* v) const override {
    const double* row = costs_.row(i);
    const auto about = HWY_DYNAMIC_DISPATCH(SmallestKept)(row, v, costs_.cols());
    RowMinimum<double> best = {at(i, static_cast<std::size_t>(about.column)) - v[about.column], about.column};
    std::vector<std::int32_t> others(costs_.cols());
    const std::size_t count =
        HWY_DYNAMIC_DISPATCH(BelowKept)(row, v, costs_.cols(), best.value + slack_[i], others.data());
    for (std::size_t c = 0; c < count; ++c) {
      if (others[c] == about.column) continue;
      const double value = at(i, static_cast<std::size_t>(others[c])) - v[others[c]];
      if (value < best.value) best = {value, others[c]};
    }
    return best;
  }
  RowMinimum<float> smallest(std::size_t i, const float* v) const override {
    return HWY_DYNAMIC_DISPATCH(SmallestRounded)(costs_.row(i), v, costs_.cols());
  }
  TwoMinima two_smallest(std::size_t i, const float* v) const override {
    return HWY_DYNAMIC_DISPATCH(TwoSmallestRounded)(costs_.row(i), v, costs_.cols());
  }
  std::size_t below(std::size_t i, const float* v, float threshold, std::size_t most,
                    std::int32_t* columns) const override {
    return HWY_DYNAMIC_DISPATCH(BelowRounded)(costs_.row(i), v, costs_.cols(), threshold, most, columns);
  }

 private:
  // The essay's δ_i.
  void set_slacks(const Matrix<double>& x_squares, const Matrix<double>& y_squares) {
    double largest = 0;
    for (std::size_t j = 0; j < cols(); ++j) largest = std::max(largest, y_squares.data()[j]);
    const double factor = 2.02 * (static_cast<double>(atoms_.x.cols) + 16) * kRoundoff;
    slack_.resize(rows());
    for (std::size_t i = 0; i < rows(); ++i) {
      const double radii = std::sqrt(x_squares.data()[i]) + std::sqrt(largest);
      slack_[i] = factor * radii * radii + 1e-300;
    }
  }

  void multiply(const Grouped& x, const Grouped& y) {
    const std::size_t groups = x.values.rows();
    costs_.resize(groups * kTileRows, padded(cols()));
    Matrix<double> y_squares(1, costs_.cols());
    std::fill_n(y_squares.data(), y_squares.size(), kFar);
    std::copy_n(y.squares.data(), cols(), y_squares.data());
    least_.resize(rows());
    parallel_for((groups + kGroups - 1) / kGroups, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        const std::size_t first = part * kGroups, last = std::min(groups, first + kGroups);
        multiply_groups(x, y, first, last);
        for (std::size_t i = first * kTileRows; i < std::min(rows(), last * kTileRows); ++i)
          least_[i] = HWY_DYNAMIC_DISPATCH(Distances)(x.squares.data()[i], y_squares.data(), costs_.cols(),
                                                      costs_.row(i));
      }
    });
  }
  void multiply_groups(const Grouped& x, const Grouped& y, std::size_t first, std::size_t last) {
    const std::size_t d = x.d, parts = (d + kDepth - 1) / kDepth, depth = (d + parts - 1) / parts;
    for (std::size_t i = first * kTileRows; i < last * kTileRows; ++i)  // what no tile reaches
      std::fill(costs_.row(i) + y.values.rows() * y.group, costs_.row(i) + costs_.cols(), 0.0);
    for (std::size_t k = 0; k < d; k += depth)
      for (std::size_t c = 0; c < y.values.rows(); ++c)
        for (std::size_t g = first; g < last; ++g) HWY_DYNAMIC_DISPATCH(AddTile)
    (x.values.row(g) + k * kTileRows, y.values.row(c) + k * y.group, std::min(depth, d - k), k == 0,
     costs_.row(g * kTileRows) + c * y.group, costs_.cols());
  }

  AtomView atoms_;
  double inverse_ = 1;                     // one over the unit of length, a power of two
  std::vector<double> slack_{}, least_{};  // δ_i; the least of the row
  Matrix<double> costs_{};                 // whole groups of rows × padded m
};

}  // namespace

std::unique_ptr<CostOracle> squared_costs(const AtomView& atoms) {
  auto costs = std::make_unique<SquaredCosts>(atoms);
  if (!costs->good()) return nullptr;
  return costs;
}

}  // namespace pushforward::transport
#endif
