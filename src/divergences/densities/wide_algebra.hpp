// SPDX-License-Identifier: Apache-2.0
//
// Factors of covariances that keep relative accuracy, whatever the scales of the coordinates.
//
// Written for any kind of number T with a wide range of exponents (Wide, long double). Square matrices, rows
// first.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace pushforward::algebra {

template <class T>
struct Square {
  std::size_t d;
  std::vector<T> values;

  explicit Square(std::size_t size) : d(size), values(size * size, T(0)) {}
  T& operator()(std::size_t i, std::size_t j) { return values[i * d + j]; }
  const T& operator()(std::size_t i, std::size_t j) const { return values[i * d + j]; }
  T* row(std::size_t i) { return values.data() + i * d; }
  const T* row(std::size_t i) const { return values.data() + i * d; }
};

template <class T>
T dot(const T* a, const T* b, std::size_t n) {
  T sum = 0;
  for (std::size_t k = 0; k < n; ++k) sum += a[k] * b[k];
  return sum;
}

/// The lower factor L of a positive semi-definite matrix whose entries are rounded to doubles. A pivot that
/// is below what this rounding could make of 0 (four units in the last place of its diagonal entry) counts as
/// 0, and so does its column; `singular` says whether there was one.
template <class T>
struct Cholesky {
  Square<T> lower;
  bool singular = false;

  explicit Cholesky(const Square<T>& matrix) : lower(matrix.d) {
    using std::sqrt;
    for (std::size_t j = 0; j < matrix.d; ++j) {
      const T pivot = matrix(j, j) - dot(lower.row(j), lower.row(j), j);
      const bool gone = !(pivot > 4 * std::numeric_limits<double>::epsilon() * matrix(j, j));
      singular |= gone;
      if (gone) continue;
      lower(j, j) = sqrt(pivot);
      for (std::size_t i = j + 1; i < matrix.d; ++i)
        lower(i, j) = (matrix(i, j) - dot(lower.row(i), lower.row(j), j)) / lower(j, j);
    }
  }
  /// ln det of the coordinates begin … end − 1, given those before.
  T log_det(std::size_t begin, std::size_t end) const {
    using std::log;
    T sum = 0;
    for (std::size_t i = begin; i < end; ++i) sum += 2 * log(lower(i, i));
    return sum;
  }
  /// b ← L⁻¹b.
  void solve(T* b, std::size_t stride = 1) const {
    for (std::size_t i = 0; i < lower.d; ++i) {
      T sum = b[i * stride];
      for (std::size_t k = 0; k < i; ++k) sum -= lower(i, k) * b[k * stride];
      b[i * stride] = sum / lower(i, i);
    }
  }
};

/// W = QR with rows of R in falling size and columns of W taken in the order of what is left of them
/// (modified Gram–Schmidt, twice): of columns of very different sizes each keeps its digits. `rows` becomes
/// R, and Q is returned.
template <class T>
Square<T> pivoted_qr(Square<T>& rows) {
  using std::sqrt;
  const std::size_t d = rows.d;
  Square<T> left(d), q(d), r(d);  // left and q hold columns as rows
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) left(j, i) = rows(i, j);
  std::vector<bool> used(d, false);
  for (std::size_t k = 0; k < d; ++k) {
    std::size_t best = d;
    T largest = -1;
    for (std::size_t j = 0; j < d; ++j) {
      if (used[j]) continue;
      const T size = dot(left.row(j), left.row(j), d);
      if (size > largest) largest = size, best = j;
    }
    used[best] = true;
    std::copy_n(left.row(best), d, q.row(k));
    for (std::size_t before = 0; before < k; ++before) {
      const T share = dot(q.row(before), q.row(k), d);
      for (std::size_t i = 0; i < d; ++i) q(k, i) -= share * q(before, i);
    }
    const T length = sqrt(dot(q.row(k), q.row(k), d));
    for (std::size_t i = 0; i < d; ++i) q(k, i) = length > 0 ? q(k, i) / length : T(0);
    r(k, best) = length;
    for (std::size_t j = 0; j < d; ++j) {
      if (used[j]) continue;
      r(k, j) = dot(q.row(k), left.row(j), d);
      for (std::size_t i = 0; i < d; ++i) left(j, i) -= r(k, j) * q(k, i);
    }
  }
  rows = std::move(r);
  Square<T> columns(d);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) columns(i, j) = q(j, i);
  return columns;
}

/// One-sided Jacobi on rows: `rows` ← Jᵀ·rows with orthogonal rows, and basis ← basis·J, so that basis·rows
/// stays what it was. The lengths of the rows are then the singular values, each to its own digits [Demmel &
/// Veselić, SIAM J. Matrix Anal. Appl. 13 (1992) 1204–1245].
template <class T>
void orthogonalize_rows(Square<T>& rows, Square<T>& basis) {
  using std::abs, std::sqrt;
  const std::size_t d = rows.d;
  const T small = std::numeric_limits<T>::epsilon();
  bool turned = true;
  for (int sweep = 0; sweep < 60 && turned; ++sweep) {
    turned = false;
    for (std::size_t i = 0; i + 1 < d; ++i)
      for (std::size_t j = i + 1; j < d; ++j) {
        T *a = rows.row(i), *b = rows.row(j);
        const T aa = dot(a, a, d), bb = dot(b, b, d), ab = dot(a, b, d);
        if (!(abs(ab) > 4 * small * sqrt(aa) * sqrt(bb))) continue;
        turned = true;
        const T zeta = (bb - aa) / (2 * ab), size = 1 / (abs(zeta) + sqrt(1 + zeta * zeta));
        const T t = zeta < 0 ? T(-size) : size, c = 1 / sqrt(1 + t * t), s = c * t;
        for (std::size_t k = 0; k < d; ++k) {
          const T x = a[k], y = b[k];
          a[k] = c * x - s * y, b[k] = s * x + c * y;
          const T u = basis(k, i), v = basis(k, j);
          basis(k, i) = c * u - s * v, basis(k, j) = s * u + c * v;
        }
      }
  }
}

/// Rows of length 0 replaced, all made of length 1: an orthonormal basis of the whole space.
template <class T>
void complete(Square<T>& rows) {
  using std::sqrt;
  const std::size_t d = rows.d;
  T largest = 0;
  for (std::size_t i = 0; i < d; ++i) largest = std::max(largest, dot(rows.row(i), rows.row(i), d));
  const T nothing = largest * std::numeric_limits<T>::epsilon() * std::numeric_limits<T>::epsilon();
  std::vector<bool> done(d, false);
  for (std::size_t i = 0; i < d; ++i) {
    const T length = sqrt(dot(rows.row(i), rows.row(i), d));
    done[i] = length * length > nothing;
    for (std::size_t k = 0; done[i] && k < d; ++k) rows(i, k) /= length;
  }
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t trial = 0; trial < d && !done[i]; ++trial) {
      for (std::size_t k = 0; k < d; ++k) rows(i, k) = k == trial ? 1 : 0;
      for (int twice = 0; twice < 2; ++twice)
        for (std::size_t j = 0; j < d; ++j) {
          if (!done[j]) continue;
          const T share = dot(rows.row(i), rows.row(j), d);
          for (std::size_t k = 0; k < d; ++k) rows(i, k) -= share * rows(j, k);
        }
      const T length = sqrt(dot(rows.row(i), rows.row(i), d));
      done[i] = length * length * (2 * d) > 1;  // some unit vector is that far from what is there
      for (std::size_t k = 0; done[i] && k < d; ++k) rows(i, k) /= length;
    }
}

}  // namespace pushforward::algebra
