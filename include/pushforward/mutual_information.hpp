// SPDX-License-Identifier: Apache-2.0
//
// Mutual information and conditional entropy of two parts of a sample, by nearest neighbours.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// A value in nats, and its standard error.
struct Estimated {
  double value = 0, standard_error = 0;
};

struct SampleInformation {
  Estimated mutual_information;
  /// Differential entropies, or those of discrete values; nothing for a part with both kinds of columns.
  std::optional<Estimated> x{}, y{}, y_given_x{}, x_given_y{}, joint{};
  std::string estimator;
  std::size_t k = 0;
  double correction = 0;  ///< what the bias of a Gaussian twin added
};

/// X the first `split` columns, Y the others. Columns are made comparable first: each part by its own
/// covariance where it is continuous.
///
///   I = ψ(k) + ψ(n) − ⟨ψ(n_x + 1) + ψ(n_y + 1)⟩
///
/// n_x, n_y the numbers of points nearer than the k-th neighbour's max(‖Δx‖, ‖Δy‖) in either part [Kraskov,
/// Stögbauer & Grassberger, Phys. Rev. E 69, 066138 (2004), eq. 8]. Rows that repeat in a part make it
/// discrete there: ln n + ⟨ψ(k_i) − ln(n_x + 1) − ln(n_y + 1)⟩ [Gao, Kannan, Oh & Viswanath, NeurIPS 2017].
/// RequestError for a split that leaves nothing, too few rows, numbers that are not finite, a column that is
/// a function of others.
SampleInformation sample_information(const Matrix<double>& rows, std::size_t split, std::size_t k = 3,
                                     std::uint64_t seed = 0);

}  // namespace pushforward
#pragma GCC visibility pop
