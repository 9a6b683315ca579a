// SPDX-License-Identifier: Apache-2.0
//
// Right-hand sides are scaled to 1, so that squares of the smallest stay numbers.
#include "transport/newton_direction.hpp"

#include <algorithm>
#include <cmath>

#include "pushforward/threads.hpp"
#include "transport/laplacian.hpp"

namespace pushforward::entropic {
namespace {

using Numbers = std::vector<double>;

constexpr std::size_t kMostDirect = 768;  // points: its cube is 0.45 G multiply-adds
constexpr int kMostIterations = 200;
constexpr double kEnough = 1e-12;       // of the residual at the beginning
constexpr double kNoCurvature = 1e-14;  // relative to diag r: rounding decides on it

double over(double a, double b) { return b > 0 ? a / b : 0; }

double product(const Numbers& a, const Numbers& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double largest_of(const Numbers& values) {
  double largest = 0;
  for (double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

class System {
 public:
  System(const Matrix<double>& plan, bool self) : plan_(plan), self_(self) {
    r_.assign(plan.rows(), 0), c_.assign(plan.cols(), 0);
    for (std::size_t i = 0; i < plan.rows(); ++i)
      for (std::size_t j = 0; j < plan.cols(); ++j) r_[i] += plan(i, j), c_[j] += plan(i, j);
  }

  Numbers times(const Numbers& v) const {  // P v
    Numbers out(plan_.rows(), 0);
    for (std::size_t i = 0; i < out.size(); ++i)
      for (std::size_t j = 0; j < v.size(); ++j) out[i] += plan_(i, j) * v[j];
    return out;
  }
  Numbers transposed(const Numbers& u) const {  // Pᵀ u
    Numbers out(plan_.cols(), 0);
    for (std::size_t i = 0; i < u.size(); ++i)
      for (std::size_t j = 0; j < out.size(); ++j) out[j] += plan_(i, j) * u[i];
    return out;
  }
  Numbers by_columns(Numbers v) const {
    for (std::size_t j = 0; j < v.size(); ++j) v[j] = over(v[j], c_[j]);
    return v;
  }

  Numbers solve(Numbers right) const {
    const double scale = largest_of(right);
    if (!(scale > 0)) return right;
    for (double& value : right) value /= scale;
    Numbers out = !self_ && r_.size() <= kMostDirect ? by_elimination(std::move(right))
                                                     : by_gradients(std::move(right));
    for (double& value : out) value *= scale;
    return out;
  }

 private:
  Numbers by_elimination(Numbers right) const {
    Matrix<double> weights(r_.size(), r_.size());
    parallel_for(r_.size(), 1 + 10'000'000 / (r_.size() * c_.size()),
                 [&](std::size_t begin, std::size_t end) {
                   for (std::size_t i = begin; i < end; ++i) {
                     const Numbers row = by_columns(Numbers(plan_.row(i), plan_.row(i) + c_.size()));
                     for (std::size_t k = 0; k < i; ++k) weights(i, k) = dot(row.data(), plan_.row(k));
                   }
                 });
    return solve_laplacian(weights, std::move(right));
  }
  // In four sums, which the compiler may keep in registers side by side.
  double dot(const double* a, const double* b) const {
    double sums[4] = {0, 0, 0, 0};
    std::size_t j = 0;
    for (; j + 4 <= c_.size(); j += 4)
      for (std::size_t q = 0; q < 4; ++q) sums[q] += a[j + q] * b[j + q];
    for (; j < c_.size(); ++j) sums[0] += a[j] * b[j];
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
  }

  Numbers preconditioned(Numbers u) const {
    for (std::size_t i = 0; i < u.size(); ++i) u[i] = over(u[i], r_[i]);
    return u;
  }
  Numbers apply(const Numbers& u) const {
    Numbers out = self_ ? times(u) : times(by_columns(transposed(u)));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = r_[i] * u[i] + (self_ ? out[i] : -out[i]);
    return out;
  }
  Numbers by_gradients(Numbers residual) const {
    Numbers x(residual.size(), 0), z = preconditioned(residual), p = z;
    double rz = product(residual, z);
    const double enough = rz * kEnough * kEnough;
    for (int k = 0; k < kMostIterations && rz > enough; ++k) {
      const Numbers ap = apply(p);
      const double curvature = product(p, ap);
      double size = 0;
      for (std::size_t i = 0; i < p.size(); ++i) size += r_[i] * p[i] * p[i];
      if (!(curvature > kNoCurvature * size)) break;
      const double step = rz / curvature;
      for (std::size_t i = 0; i < p.size(); ++i) x[i] += step * p[i], residual[i] -= step * ap[i];
      z = preconditioned(residual);
      const double next = product(residual, z), ratio = next / rz;
      rz = next;
      for (std::size_t i = 0; i < p.size(); ++i) p[i] = z[i] + ratio * p[i];
    }
    return x;
  }

  const Matrix<double>& plan_;
  const bool self_;
  Numbers r_{}, c_{};
};

Numbers heads(const std::vector<transport::DoubleDouble>& values, double factor) {
  Numbers out;
  for (const auto& value : values) out.push_back(factor * value.high);
  return out;
}

}  // namespace

Direction newton_direction(const Matrix<double>& plan, const std::vector<transport::DoubleDouble>& row_excess,
                           const std::vector<transport::DoubleDouble>& column_excess, bool self) {
  const System system(plan, self);
  Direction out;
  if (self) {
    out.rows = out.columns = system.solve(heads(row_excess, -1));
  } else {
    out.columns = system.by_columns(heads(column_excess, -1));
    const Numbers moved = system.times(out.columns);
    Numbers right = heads(row_excess, -1);
    for (std::size_t i = 0; i < right.size(); ++i) right[i] -= moved[i];
    out.rows = system.solve(std::move(right));
    const Numbers back = system.by_columns(system.transposed(out.rows));
    for (std::size_t j = 0; j < back.size(); ++j) out.columns[j] -= back[j];
  }
  out.largest = std::max(largest_of(out.rows), largest_of(out.columns));
  return out;
}

}  // namespace pushforward::entropic
