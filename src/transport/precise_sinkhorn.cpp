// SPDX-License-Identifier: Apache-2.0
//
// Sweeps of Sinkhorn's algorithm while far away, with ε going down by quarters where the start is a bad one;
// then Newton's steps.
#include "transport/precise_sinkhorn.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "pushforward/threads.hpp"
#include "transport/double_double_math.hpp"
#include "transport/newton_direction.hpp"

namespace pushforward::entropic {
namespace {

using transport::DoubleDouble;
using Numbers = std::vector<DoubleDouble>;

constexpr std::size_t kPieces = 16;  // of the rows, whatever the threads: sums are the same
constexpr double kNear = 0.1;        // marginal error from which Newton's steps lead on
constexpr double kBadStart = 0.5, kSmall = 1e-3;
constexpr double kWide = 2;  // K up to which the first level of ε takes no sweeps to speak of
constexpr double kFarthest = 300, kLeastStep = 1e-3;  // of a Newton step: the range of exponentials
constexpr int kSteps = 100, kLevelSteps = 30, kSweeps = 8;
constexpr double kLevelError = 0.01;
constexpr double kRounding = 0x1p-97;             // of exponents and exponentials
constexpr std::size_t kMostWork = 1'000'000'000;  // pairs that are visited: some 20 seconds
constexpr std::size_t kCostOfLooking = 4;         // visits of a sweep

DoubleDouble weighted_sum(const Numbers& weights, const Numbers& values) {
  DoubleDouble sum{};
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (weights[i].high > 0) sum = sum + weights[i] * values[i];
  return sum;
}

// Largest less smallest, where there is weight.
double range_of(const Numbers& weights, const Numbers& values) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (weights[i].high > 0) low = std::min(low, values[i].high), high = std::max(high, values[i].high);
  return std::max(0.0, high - low);
}

double largest_of(const Numbers& values) {
  double largest = 0;
  for (const DoubleDouble& value : values) largest = std::max(largest, std::abs(value.high));
  return largest;
}

class Solver {
 public:
  Solver(PreciseCosts costs, double epsilon, bool self, Numbers u, Numbers v)
      : n_(costs.n),
        m_(costs.m),
        self_(self),
        a_(std::move(costs.a)),
        b_(std::move(costs.b)),
        k_(std::move(costs.cost)),
        u_(std::move(u)),
        v_(std::move(v)) {
    parallel_for(k_.size(), 1 << 16, [&](std::size_t begin, std::size_t end) {
      for (std::size_t e = begin; e < end; ++e) k_[e] = k_[e] / epsilon;
    });
    largest_ = largest_of(k_);
    u_.resize(n_), v_.resize(m_);
    plan_.resize(n_, m_);
  }

  PreciseSolution solve() {
    // Where all exponents are small potentials of 0 are near, and what sweeps round would be large beside
    // them.
    if (largest_ < kSmall)
      u_.assign(n_, {}), v_.assign(m_, {});
    else
      sweep();
    look();
    if (!(error_ < kBadStart)) begin_anew();
    improve(0, kSteps);
    fill_weightless();
    return solution();
  }

 private:
  // The exponent of a pair at the present level of ε: scale_ is a power of four, so K loses nothing.
  DoubleDouble exponent(std::size_t i, std::size_t j) const {
    return u_[i] + v_[j] - k_[i * m_ + j] * scale_;
  }

  // −ln Σ_j w_j exp(p_j − K_·j) for what `at` gives, the largest term taken out: the potential of one point.
  template <class At>
  DoubleDouble soft_minimum(std::size_t count, const Numbers& weights, const At& at) const {
    Numbers exponents;
    exponents.reserve(count);
    std::size_t best = 0;
    for (std::size_t j = 0; j < count; ++j) {
      exponents.push_back(at(j));
      if (weights[j].high > 0 && !(weights[best].high > 0 && exponents[j].high <= exponents[best].high))
        best = j;
    }
    double sum = 0;
    for (std::size_t j = 0; j < count; ++j)
      if (weights[j].high > 0) sum += weights[j].high * std::exp((exponents[j] - exponents[best]).high);
    return -(exponents[best] + std::log(sum));
  }
  DoubleDouble row_potential(std::size_t i) const {
    return soft_minimum(m_, b_, [&](std::size_t j) { return v_[j] - k_[i * m_ + j] * scale_; });
  }
  DoubleDouble column_potential(std::size_t j) const {
    return soft_minimum(n_, a_, [&](std::size_t i) { return u_[i] - k_[i * m_ + j] * scale_; });
  }

  void sweep() {
    work_ += 2 * n_ * m_;
    Numbers rows(n_);
    parallel_for(n_, 1 + 4096 / m_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) rows[i] = row_potential(i);
    });
    if (self_) {
      for (std::size_t i = 0; i < n_; ++i) u_[i] = (u_[i] + rows[i]) * 0.5;
      v_ = u_;
      return;
    }
    u_ = rows;
    parallel_for(m_, 1 + 4096 / n_, [&](std::size_t begin, std::size_t end) {
      for (std::size_t j = begin; j < end; ++j) v_[j] = column_potential(j);
    });
  }

  // The plan, and how far its marginals are from a and b.
  void look() {
    work_ += kCostOfLooking * n_ * m_;
    rows_.assign(n_, {}), columns_.assign(m_, {});
    const std::size_t pieces = std::min(kPieces, n_);
    std::vector<Numbers> sums(pieces, Numbers(m_));
    parallel_for(pieces, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t piece = begin; piece < end; ++piece)
        for (std::size_t i = n_ * piece / pieces; i < n_ * (piece + 1) / pieces; ++i) look_at(i, sums[piece]);
    });
    for (const Numbers& part : sums)
      for (std::size_t j = 0; j < m_; ++j) columns_[j] = columns_[j] + part[j];
    for (std::size_t j = 0; j < m_; ++j) columns_[j] = columns_[j] * b_[j];
    row_error_ = column_error_ = 0;
    excess_ = {};
    for (const DoubleDouble& row : rows_) row_error_ += std::abs(row.high), excess_ = excess_ + row;
    for (const DoubleDouble& column : columns_) column_error_ += std::abs(column.high);
    error_ = row_error_ + column_error_;
  }
  void look_at(std::size_t i, Numbers& columns) {
    DoubleDouble row{};
    const DoubleDouble a = a_[i];
    for (std::size_t j = 0; j < m_; ++j) {
      const DoubleDouble less = exp_minus_one(exponent(i, j));  // e_ij − 1
      row = row + less * b_[j];
      if (a.high > 0) columns[j] = columns[j] + less * a;
      plan_(i, j) = a.high * b_[j].high * (1 + less.high);
    }
    rows_[i] = a.high > 0 ? row * a : DoubleDouble{};
  }

  void begin_anew() {
    u_.assign(n_, {}), v_.assign(m_, {});
    while (scale_ * largest_ > kWide) scale_ /= 4;
    for (; scale_ < 1; scale_ *= 4) {
      improve(kLevelError, kLevelSteps);
      for (DoubleDouble& value : u_) value = value * 4;
      for (DoubleDouble& value : v_) value = value * 4;
    }
    scale_ = 1;
  }

  // Until the marginals are right to `goal`, or get no better.
  void improve(double goal, int steps) {
    look();
    Numbers best_u = u_, best_v = v_;
    double best = error_;
    int idle = 0;
    for (int step = 0; step < steps && best > goal && idle < 4 && work_ < kMostWork; ++step) {
      bool damped = false;
      if (error_ < kNear && idle % 2 == 0)
        damped = !newton();
      else
        for (int k = 0; k < kSweeps; ++k) sweep();
      look();
      idle = error_ < 0.5 * best || damped ? 0 : idle + 1;
      if (error_ < best) best = error_, best_u = u_, best_v = v_;
      if (best < rounding()) break;
    }
    u_ = best_u, v_ = best_v;
    look();
  }

  // Returns whether the whole step was taken.
  bool newton() {
    const Direction to = newton_direction(plan_, rows_, columns_, self_);
    const double factor = to.largest > 1 ? damping(to) : 1;
    for (std::size_t i = 0; i < n_; ++i) u_[i] = u_[i] + factor * to.rows[i];
    for (std::size_t j = 0; j < m_; ++j) v_[j] = v_[j] + factor * to.columns[j];
    return factor == 1;
  }

  // Parts of the plan that hang together by little move far, and hang together by more then: exponentials
  // outgrow the model, and a step goes too far. The slope of the dual along it is
  //   s(t) = s(0) − Σ P_ij d_ij (exp(t d_ij) − 1),   d_ij = δu_i + δv_j,
  // a sum of positive terms. It may overshoot by half of what it began with.
  double damping(const Direction& to) {
    double slope = 0;
    for (std::size_t i = 0; i < n_; ++i) slope -= rows_[i].high * to.rows[i];
    for (std::size_t j = 0; j < m_; ++j) slope -= columns_[j].high * to.columns[j];
    double t = std::min(1.0, kFarthest / to.largest);
    while (t > kLeastStep && !(fall_of_slope(to, t) <= 1.5 * slope)) t /= 2;
    return t;
  }
  double fall_of_slope(const Direction& to, double t) {
    work_ += n_ * m_;
    double fall = 0;
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < m_; ++j) {
        const double d = to.rows[i] + to.columns[j];
        if (plan_(i, j) > 0) fall += plan_(i, j) * d * std::expm1(t * d);
      }
    return fall;
  }

  // Points without weight are in no sum; their potentials are those that rows and columns give them.
  void fill_weightless() {
    for (std::size_t i = 0; i < n_; ++i)
      if (!(a_[i].high > 0)) u_[i] = row_potential(i);
    for (std::size_t j = 0; j < m_; ++j)
      if (!(b_[j].high > 0)) v_[j] = self_ ? u_[j] : column_potential(j);
  }

  double rounding() const { return kRounding * (largest_ + largest_of(u_) + largest_of(v_)); }

  PreciseSolution solution() {
    PreciseSolution out;
    out.value = weighted_sum(a_, u_) + weighted_sum(b_, v_) - transport::log_plus_one(excess_);
    const double u_range = range_of(a_, u_), v_range = range_of(b_, v_);
    const double rest = std::abs(excess_.high) + rounding();
    out.bound = 0.5 * (row_error_ + rest) * (largest_ + u_range) +
                0.5 * (column_error_ + rest) * (largest_ + v_range) + rounding();
    if (!std::isfinite(out.bound)) out.bound = std::numeric_limits<double>::infinity();
    out.marginal_error = error_;
    out.u = std::move(u_), out.v = std::move(v_), out.plan = std::move(plan_);
    return out;
  }

  const std::size_t n_, m_;
  const bool self_;
  const Numbers a_, b_;
  Numbers k_, u_, v_, rows_{}, columns_{};  // rows_ and columns_: Σ_j P_ij − a_i and Σ_i P_ij − b_j
  DoubleDouble excess_{};                   // of the plan's mass over 1
  Matrix<double> plan_{};
  std::size_t work_ = 0;
  double largest_ = 0, scale_ = 1, error_ = 0, row_error_ = 0, column_error_ = 0;
};

// w / Σw to 32 digits.
Numbers precise_weights(const Sample& sample) {
  const std::size_t n = sample.n();
  if (sample.weights.empty()) return Numbers(n, DoubleDouble{1, 0} / static_cast<double>(n));
  DoubleDouble sum{};
  for (double weight : sample.weights) sum = sum + weight;
  const DoubleDouble first{1 / sum.high, 0}, reciprocal = first * (DoubleDouble{2, 0} - first * sum);
  Numbers out(n);
  for (std::size_t i = 0; i < n; ++i) out[i] = reciprocal * sample.weights[i];
  return out;
}

}  // namespace

PreciseCosts precise_costs(const Sample& x, const Sample& y, double p, double length) {
  PreciseCosts out;
  out.n = x.n(), out.m = y.n();
  out.cost.resize(out.n * out.m);
  parallel_for(out.n, 1 + 4096 / out.m, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      for (std::size_t j = 0; j < out.m; ++j) {
        DoubleDouble square{};
        for (std::size_t k = 0; k < x.d(); ++k) {
          const DoubleDouble step =
              transport::exact_sum(x.points.at(i, k) / length, -y.points.at(j, k) / length);
          square = square + step * step;
        }
        out.cost[i * out.m + j] = transport::power(square, p / 2);
      }
  });
  out.a = precise_weights(x), out.b = precise_weights(y);
  return out;
}

PreciseSolution precise_sinkhorn(PreciseCosts costs, double epsilon, bool self, Numbers u, Numbers v) {
  return Solver(std::move(costs), epsilon, self, std::move(u), std::move(v)).solve();
}

}  // namespace pushforward::entropic
