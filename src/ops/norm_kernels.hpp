// SPDX-License-Identifier: Apache-2.0
//
// Kernels of normalisation: by columns over the rows of a batch, and by rows over their features; a few on
// vectors. x̂ = (x − μ)·r is the normalised number, r = 1/√(variance + ε).
#pragma once

#include <span>

#include "pushforward/tensor.hpp"

namespace pushforward::vectors {

/// Σ a·b, in double.
double dot(std::span<const float> a, std::span<const float> b);
/// y = factor·x.
void scale(std::span<const float> x, float factor, std::span<float> y);
/// y += f·a + g·b.
void add_two(std::span<const float> a, float f, std::span<const float> b, float g, std::span<float> y);

/// By columns; μ, variance (over all rows, not n − 1), r, scale and shift hold one number a column.
void column_moments(View<const float> x, float* mean, float* variance);
/// y = (x − μ)·scale + shift.
void scale_columns(View<const float> x, const float* mean, const float* scale, const float* shift,
                   View<float> y);
/// first = Σ dy, second = Σ dy·x̂.
void column_sums(View<const float> x, const float* mean, const float* inverse, View<const float> dy,
                 float* first, float* second);
/// dx = scale·(dy − first − x̂·second), `first` and `second` being means here.
void columns_backward(View<const float> x, const float* mean, const float* inverse, const float* scale,
                      const float* first, const float* second, View<const float> dy, View<float> dx);

/// By rows; γ and β hold one number a feature, `rows` is B × 2: μ and r of each row.
struct RowNorm {
  View<const float> x;
  const float* gamma;
  View<float> rows;
};
/// Writes `rows` and y = x̂ ⊙ γ + β.
void normalise_rows(const RowNorm& at, const float* beta, float epsilon, View<float> y);
/// dx = P·(dy ⊙ γ), P = r·(I − 11ᵀ/n − x̂x̂ᵀ/n) the derivative of x̂.
void rows_backward(const RowNorm& at, View<const float> dy, View<float> dx);
/// dγ += Σ dy ⊙ x̂, dβ += Σ dy, over rows.
void row_scale_gradients(const RowNorm& at, View<const float> dy, float* dgamma, float* dbeta);
/// ty = γ ⊙ P·tx; `means` (B × 2) becomes mean(tx) and mean(tx ⊙ x̂).
void rows_tangent(const RowNorm& at, View<const float> tx, View<float> means, View<float> ty);
/// The gradients of ⟨dty, γ ⊙ P·tx⟩ + ⟨dy, x̂ ⊙ γ⟩; an empty dy is 0, an empty dx or dtx is not wanted.
void rows_tangent_backward(const RowNorm& at, View<const float> tx, View<const float> means,
                           View<const float> dy, View<const float> dty, View<float> dx, View<float> dtx);
/// dγ += Σ dty ⊙ P·tx, over rows.
void row_tangent_scale_gradients(const RowNorm& at, View<const float> tx, View<const float> means,
                                 View<const float> dty, float* dgamma);

/// What two of the kernels are called with: a number a column, and one row each.
struct ColumnFactors {
  const float *mean, *inverse, *scale, *first, *second;
};
struct TangentRows {
  const float *tx, *means, *dy, *dty;
  float *dx, *dtx;
};

}  // namespace pushforward::vectors
