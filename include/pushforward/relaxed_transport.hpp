// SPDX-License-Identifier: Apache-2.0
//
// Transport that need not move everything: partial, and unbalanced by total variation or by Kullback–Leibler.
//
// Masses a and b may have any sums. f ≥ 0 is a plan, r = f1 and s = fᵀ1 what leaves each source and reaches
// each sink.
//
//   partial   min Σ f c                                  over r ≤ a, s ≤ b, Σ f = M
//   tv        min Σ f c + ρ Σ|r − a| + ρ Σ|s − b|
//   kl        min Σ f c + ρ KL(r‖a) + ρ KL(s‖b),         KL(p‖q) = Σ p ln(p/q) − p + q
//
// [Caffarelli & McCann, Ann. Math. 171, 2010, and Figalli, ARMA 195, 2010 (partial); Piccoli & Rossi, ARMA
// 211, 2014 (tv); Liero, Mielke & Savaré, Invent. Math. 211, 2018 (kl).] The first two are exact transport
// with one more source and one more sink; the last is solved by a primal-dual interior-point method. Each
// answer has potentials whose value bounds every plan's from below, so that `gap` is a proof:
//
//   partial   M λ − Σ a (λ/2 − u) − Σ b (λ/2 − v)        over u + v ≤ c, u ≤ λ/2, v ≤ λ/2
//   tv        Σ a u + Σ b v                              over u + v ≤ c, |u| ≤ ρ, |v| ≤ ρ
//   kl        ρ Σ a (1 − e^(−u/ρ)) + ρ Σ b (1 − e^(−v/ρ))  over u + v ≤ c
//
// Costs are ‖x−y‖^p, or a matrix ≥ 0. They are kept: 8·n·m bytes, and as much again for kl, whose steps take
// n²·m + n³/3 multiply-adds, n the smaller side.
#pragma once

#include <string_view>

#include "pushforward/transport.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct Relaxation {
  enum class Kind { partial, tv, kl };
  Kind kind = Kind::partial;
  double amount = 0;  ///< M of partial, ρ of the others; above 0
};

/// "kl:0.5" or "tv:2", as `--unbalanced` takes it.
Relaxation parse_relaxation(std::string_view text, std::string_view where);

/// A plan, potentials and proof; `value` counts penalties. Potentials are not centred. The gap of
/// kl is relative to the value or to 10⁻⁹ ρ (Σa + Σb), the larger.
struct RelaxedResult : TransportResult {
  double moved = 0;       ///< Σ f
  double cost = 0;        ///< Σ f c
  double multiplier = 0;  ///< λ of partial: what the last unit of mass costs
};

/// x and y with masses: their weights, of any sum, or 1/n and 1/m each. Throws RequestError for masses that
/// are negative, not finite or all 0, more mass to move than either side has, and an amount that is not above
/// 0.
RelaxedResult solve_relaxed(const Sample& x, const Sample& y, const Relaxation& relaxation, double p = 2);
/// The same for a matrix of costs, none below 0.
RelaxedResult solve_relaxed(View<const double> cost, std::span<const double> a, std::span<const double> b,
                            const Relaxation& relaxation);

}  // namespace pushforward
#pragma GCC visibility pop
