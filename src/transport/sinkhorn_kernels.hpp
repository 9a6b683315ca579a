// SPDX-License-Identifier: Apache-2.0
//
// Vector kernels of Sinkhorn's algorithm, in float32 and float64.
//
// A *panel* holds kPanel<T> columns of the second sample, feature by feature (d × kPanel<T>), so that a
// product or a distance of four rows with a panel stays in registers. Row lengths are multiples of the panel
// width. A *table* row holds t_j, from which the exponent of an entry of the plan is scale·t_j + offset +
// h_j.
#pragma once

#include <cstddef>

namespace pushforward::entropic {

/// Columns of a panel: three AVX-512 registers.
template <class T>
inline constexpr std::size_t kPanel = 192 / sizeof(T);
/// Rows that the kernels take at once.
inline constexpr std::size_t kRows = 4;

/// out[r][j] = Σ_k x[r][k]·y[j][k] for four rows of x (stride d) and `panels` panels of y.
template <class T>
void products(const T* x, std::size_t d, const T* y, std::size_t panels, T* out, std::size_t stride);

/// out[r][j] = ‖x_r − y_j‖^p by differences, so that coinciding points have exactly 0.
template <class T>
void distances(const T* x, std::size_t d, const T* y, std::size_t panels, double p, T* out,
               std::size_t stride);

/// e_j = 2^(scale·t_j + offset + h_j) for one row, exponents clamped below; returns Σ_j e_j. Exponents must
/// stay below 120. `e` may be `t`.
template <class T>
double exponentials(const T* t, std::size_t cols, T scale, T offset, const T* h, T* e);

/// max_j scale·t_j + h_j of one row.
template <class T>
double largest(const T* t, std::size_t cols, T scale, const T* h);

/// sum_j += Σ_r weight[r]·e[r][j] for four rows.
template <class T>
void add_rows(const T* e, std::size_t stride, std::size_t cols, const T* weight, T* sum);

/// Σ_j k_j·v_j of one row, short partial sums.
template <class T>
double dot(const T* k, const T* v, std::size_t cols);

/// out_r = Σ_j k[r][j]·v_j for four rows, the same.
template <class T>
void dot_rows(const T* k, std::size_t stride, std::size_t cols, const T* v, double* out);

/// e_j = u·k_j·v_j of one row; returns Σ_j e_j.
template <class T>
double scaled(const T* k, std::size_t cols, T u, const T* v, T* e);

/// w_j = e_j·p·c_j^((p−2)/p) where c_j = r_j^p > 0, else 0: the slope of the cost over the distance, for the
/// gradient Σ_j w_j (x − y_j); returns Σ_j w_j.
template <class T>
double slopes(const T* c, std::size_t cols, double p, const T* e, T* w);

/// out[r][k] += Σ_j w[r][j]·y[j][k] for four rows, `out` of stride d.
template <class T>
void pull_back(const T* w, std::size_t stride, const T* y, std::size_t d, std::size_t panels, double* out);

}  // namespace pushforward::entropic
