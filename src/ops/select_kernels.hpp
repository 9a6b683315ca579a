// SPDX-License-Identifier: Apache-2.0
//
// Kernels that keep some numbers and drop others: dropout's masks, maxout's winners. One pass over memory
// each; threads share rows.
#pragma once

#include <span>

#include "pushforward/tensor.hpp"

namespace pushforward::vectors {

/// mask holds draws of U[0,1) and becomes `gain` where the draw is at least `rate`, else 0; y = x ⊙ mask.
void drop(std::span<const float> x, std::span<float> mask, float rate, float gain, std::span<float> y);
/// y = x ⊙ mask.
void multiply_elements(std::span<const float> x, std::span<const float> mask, std::span<float> y);

/// a is B × pieces·U, piece by piece. y (B × U) = its largest piece, winner (B × U) that piece's number, the
/// first of equals. NaN wins.
void largest_piece(View<const float> a, View<float> y, View<float> winner);
/// y = the winner's piece of a.
void pick_piece(View<const float> a, View<const float> winner, View<float> y);
/// a = y in the winner's piece, 0 in the others.
void spread_to_piece(View<const float> y, View<const float> winner, View<float> a);

}  // namespace pushforward::vectors
