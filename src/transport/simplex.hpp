// SPDX-License-Identifier: Apache-2.0
//
// Network simplex for the transport problem, from a given first basis to the optimum and its
// certificate.
//
// [Dantzig 1951; Ahuja, Magnanti & Orlin, "Network Flows", 1993, chapter 11.] What is particular here:
//
// * Pricing. The entering arc is sought a row at a time: the vectorised row minimum of c − v, less
//   u_i. Some dozens of rows fill a list of candidates, which are pivoted on best first, each
//   re-priced (its cost is remembered) just before. A list amortises the scan over many pivots;
//   longer lists save pivots and lose it again in scans.
// * Degeneracy. Equal weights make almost every pivot degenerate, and ties make it cycle. All basic
//   flows are given a small random excess (10⁻¹⁰ of the mass, shared), which is the same as
//   perturbing the weights: every pivot then gains. At the optimum flows are recomputed from the
//   true weights. Where two partial sums of weights differ by less than the excess, a flow may come
//   out negative: dual pivots repair that. There are a few, unless all weights are equal but for noise
//   of that very size; then only the worst are repaired and the rest dropped, together below the excess.
// * Precision. float32 costs price first, being half as dear to scan; then float64 decides. The
//   tolerance is relative to the largest potential, and potentials are recomputed from the tree
//   before the last pass.
// * The certificate is free. When no row has a candidate, the last pass has computed min_j c_ij −
//   v_j for every row in float64: that is the largest feasible u for this v, whatever came before.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "transport/atoms.hpp"
#include "transport/auction.hpp"
#include "transport/cost_oracle.hpp"
#include "transport/spanning_tree.hpp"

namespace pushforward::transport {

class NetworkSimplex {
 public:
  /// `basis`: n + m − 1 arcs of a spanning tree that is feasible for the masses, which are borrowed.
  NetworkSimplex(const CostOracle& costs, const Masses& masses, std::span<const BasicArc> basis);

  /// From the basis; `extras` is mass (of 1 in all) that moves outside of it, which is brought in first.
  void solve(std::span<const Holding> extras = {});

  const SpanningTree& tree() const { return tree_; }
  /// Feasible with tree().v() for every pair: min_j c_ij − v_j.
  const std::vector<double>& feasible_u() const { return row_minima_; }
  std::size_t pivots() const { return pivots_; }

 private:
  struct Candidate {
    std::size_t i, j;
    double cost, reduced;
  };

  void set_first_flows(std::span<const Holding> extras);
  template <class Real>
  void price_until_clean(double tolerance);
  template <class Real>
  void consider_row(std::size_t i, const Real* v, double tolerance);
  void pivot_on_candidates(double tolerance);
  double reduced_cost(const Candidate& c) const { return c.cost - tree_.u(c.i) - tree_.v(c.j); }
  bool repair_one_flow();
  void scan_all_rows();

  const CostOracle& costs_;
  std::span<const double> a_, b_;
  double total_;
  SpanningTree tree_;
  std::vector<Candidate> candidates_{};
  std::vector<double> row_minima_;
  std::size_t next_row_ = 0, pivots_ = 0, centred_at_ = 0, patience_;
};

}  // namespace pushforward::transport
