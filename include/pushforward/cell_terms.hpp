// SPDX-License-Identifier: Apache-2.0
//
// Divergences that are a function of Σ term(p, q) over the cells: the common part of all f-divergences.
//
// The problem: Σ p ln(p/q), written as it stands, loses all digits when p ≈ q, is NaN at zeros, overflows in
// p/q and comes out as −1e-17. The idea: any multiple of (t − 1) may be added to f without changing Σ q
// f(p/q), because both sums are 1; so f is chosen with f(1) = f'(1) = 0. Then f is convex with its minimum 0
// at t = 1, each *cell* is non-negative, and near t = 1 a cell is a square in u = ln(p/q), which is known
// accurately even there. A sum of non-negative accurate terms is accurate, and cannot be negative.
//
// A cell comes with its logarithms, so that densities which underflow (1e-2000 against 1e-5000) still
// compare. Rejected: p·log(p/q) with a clamp at zero (hides the lost digits), and logarithms only (a
// subnormal p is exact, its logarithm's difference is not).
#pragma once

#include <cmath>
#include <limits>
#include <numbers>
#include <span>

#include "pushforward/divergence.hpp"
#pragma GCC visibility push(default)
namespace pushforward {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// One cell: masses (or densities) p and q, their logarithms, and u = ln(p/q). Never both zero.
struct Cell {
  double p, q, log_p, log_q, u;

  /// From masses.
  static Cell of(double p, double q) {
    const double log_p = std::log(p), log_q = std::log(q);
    const bool near = p < 2 * q && q < 2 * p;  // there ln p − ln q would cancel
    return {p, q, log_p, log_q, near ? std::log1p((p - q) / q) : log_p - log_q};
  }
  /// From log densities, which may be far below those of the smallest double.
  static Cell of_logs(double log_p, double log_q) {
    return {std::exp(log_p), std::exp(log_q), log_p, log_q, log_p - log_q};
  }
  Cell swapped() const { return {q, p, log_q, log_p, -u}; }
  /// Near t = 1, where a term is computed from u as a square.
  bool near() const { return std::abs(u) < 1; }
};

/// e^x − 1 − x ≥ 0, without cancellation: x²/2 + x³/6 + …
double exp_minus_linear(double x);

/// p ln(p/q) − p + q ≥ 0: what a cell adds to KL(p‖q). Also the cell of mutual information.
double kl_cell(const Cell& cell);

/// What a cell adds. The second sum is only used by Rényi's divergence (the overlap Σ p^α q^(1−α)).
struct CellSums {
  double sum = 0, overlap = 0;
};

/// How a term behaves far out: like p^a q^(1−a) where p/q → ∞ and like p^b q^(1−b) where p/q → 0. Integrals
/// over densities converge or not by these two exponents.
struct TailExponents {
  double at_infinity = 1, at_zero = 0;
};

class CellTerms : public Divergence {
 public:
  /// What one cell with p > 0 or q > 0 adds; non-negative; may be +∞.
  virtual CellSums term(const Cell& cell) const = 0;
  /// ∂(Σ term)/∂p of this cell, up to a constant that is the same for all cells.
  virtual double slope(const Cell& cell) const = 0;
  /// From the sums to the value.
  virtual double finish(const CellSums& sums) const { return sums.sum; }
  /// d finish / d sum, for the chain rule.
  virtual double finish_slope(const CellSums& /*sums*/) const { return 1; }
  virtual TailExponents tails() const { return {}; }
  /// k of term(sp, sq) = s^k term(p, q), 0 where there is none: densities in the unit of the narrower one
  /// neither overflow nor vanish.
  virtual int degree() const { return 1; }
  /// α, where the value is ln(∫ p^α q^(1−α))/(α − 1): what to do when that integral overflows.
  virtual std::optional<double> renyi_order() const { return {}; }

  double measure(const DiscretePair& pair, std::span<double> gradient = {}) const override;
  const CellTerms* cell_terms() const final { return this; }
};

}  // namespace pushforward
#pragma GCC visibility pop
