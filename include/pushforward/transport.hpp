// SPDX-License-Identifier: Apache-2.0
//
// Exact optimal transport between two weighted samples, with a certificate.
//
//   min Σ_ij f_ij c_ij   over  f ≥ 0,  Σ_j f_ij = a_i,  Σ_i f_ij = b_j                        (primal)
//   max Σ_i a_i u_i + Σ_j b_j v_j   over  u_i + v_j ≤ c_ij                                     (dual)
//
// [Kantorovich 1942; Peyré & Cuturi, "Computational Optimal Transport", 2019, chapter 3.] The answer carries
// the plan, both potentials, and how far the two values are apart: any feasible u, v bound the cost from
// below, so a reader need not trust the solver. Costs are ‖x−y‖^p with p ≥ 1, or a matrix of the caller's
// own.
//
// Letters: n sources (rows, x), m sinks (columns, y); d features.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// How the solver comes by its first basis; every choice ends in the same optimum.
enum class TransportStart {
  automatic,  ///< by the size and the weights
  greedy,     ///< each source takes its cheapest open sinks
  auction,    ///< an ε-scaling auction; greedy when its first scale does not end
};

struct TransportOptions {
  double p = 2;                  ///< cost ‖x−y‖^p; p ≥ 1 (not used with a cost matrix)
  bool normalize = false;        ///< divide the weights by their sums instead of refusing sums other than 1
  std::size_t memory_limit = 0;  ///< bytes that stored costs may take; 0 = what the machine has free
  TransportStart start = TransportStart::automatic;
};

/// `mass` moves from row `source` to row `sink`.
struct TransportArc {
  std::uint32_t source, sink;
  double mass;
  bool operator==(const TransportArc&) const = default;
};

/// An optimal plan and the proof that it is one.
struct TransportResult {
  double value = 0;  ///< Σ f c, the primal value (for ‖x−y‖^p this is W_p^p)
  double dual = 0;   ///< Σ a u + Σ b v with u, v feasible for *all* n·m pairs: value's lower bound
  double gap =
      0;  ///< (value − dual, and what rounding could hide of it) / |value|; 0 where value = 0 is proven
  std::vector<TransportArc> plan{};  ///< masses above 0, at most n+m−1, sorted by source, then sink
  std::vector<double> u{}, v{};      ///< n and m potentials; the sources' average 0 with the weights a
  std::size_t pivots = 0;            ///< exchanges of basic arcs
  std::size_t bids = 0;              ///< of the auction that gave the first basis
  std::string method{};              ///< "network simplex, auction start", "monotone (one dimension)", …
};

/// Transports x onto y at cost ‖x−y‖^p by a network simplex that an ε-scaling auction starts (by sorting when
/// d = 1; equally many points of equal weight at p = 2 by shortest augmenting paths where they are few, in
/// any dimension, and in the plane and in space by an auction through a tree). Time of the simplex grows
/// about like n^2.2; memory is O((n+m)d) for d ≤ 8 and 4·n·m bytes above (8 for the paths). float64 points
/// are used in float64: value, potentials and gap are right to its rounding. Throws RequestError for weights
/// that are negative, not finite or of another sum than 1 (beyond 1e-6, unless `normalize`), points that are
/// not finite or whose dimensions differ, p < 1, costs that overflow, and costs that do not fit in memory.
TransportResult solve_transport(const Sample& x, const Sample& y, const TransportOptions& options = {});

/// The same for a cost matrix (n × m, any finite numbers) and weights a, b (empty: 1/n, 1/m each).
TransportResult solve_transport(View<const double> cost, std::span<const double> a, std::span<const double> b,
                                const TransportOptions& options = {});

/// A gap up to which a plan counts as proven optimal.
inline constexpr double kProvenGap = 1e-9;
/// A sentence that says how far from the optimum a plan of this gap may be; empty up to kProvenGap.
std::string gap_warning(double gap);

/// One of many problems.
struct TransportProblem {
  Sample x, y;
};

/// Solves many problems, spread over threads() processors. The results do not depend on their number.
std::vector<TransportResult> solve_transport_batch(std::span<const TransportProblem> problems,
                                                   const TransportOptions& options = {});

/// Writes ∂ Σ f ‖x−y‖^p / ∂x with the plan held fixed (its envelope derivative) times `factor` to out, n × d:
/// row i is factor · Σ_j f_ij p ‖x_i−y_j‖^(p−2) (x_i−y_j), with 0 where the points coincide.
void transport_gradient(const Sample& x, const Sample& y, double p, std::span<const TransportArc> plan,
                        double factor, View<double> out);

}  // namespace pushforward
#pragma GCC visibility pop
