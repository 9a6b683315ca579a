// SPDX-License-Identifier: Apache-2.0
//
// One pair of histograms: the optimal flow, its dual potentials, and the function of Kantorovich and
// Rubinstein.
//
//   min Σ f d  =  max Σ p u + Σ q v, u_i + v_j ≤ d_ij  =  sup E_p f − E_q f over functions of slope ≤ 1 (d =
//   |x − y|)
#include <algorithm>
#include <cmath>

#include "chapter.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/transport.hpp"

namespace pushforward::cli::walkthrough {
namespace {

Matrix<double> positions(std::size_t bars) {
  Matrix<double> x(bars, 1);
  for (std::size_t i = 0; i < bars; ++i) x(i, 0) = static_cast<double>(i);
  return x;
}

Json solved(const std::vector<double>& p, const std::vector<double>& q, double order) {
  const Matrix<double> x = positions(p.size());
  const TransportResult result = solve_transport({x, p}, {x, q}, {.p = order});
  Json flow = Json::array();
  for (const TransportArc& arc : result.plan)
    flow.push_back({{"from", arc.source}, {"to", arc.sink}, {"mass", arc.mass}});
  double violation = 0;  // of u_i + v_j ≤ d_ij, which rounding alone may leave
  for (std::size_t i = 0; i < p.size(); ++i)
    for (std::size_t j = 0; j < q.size(); ++j)
      violation =
          std::max(violation, result.u[i] + result.v[j] - std::pow(std::abs(x(i, 0) - x(j, 0)), order));
  return {{"cost", result.value}, {"dual", result.dual},    {"gap", result.gap},     {"violation", violation},
          {"flow", flow},         {"u", numbers(result.u)}, {"v", numbers(result.v)}};
}

}  // namespace

Json transport_chapter(const Demonstration&) {
  const std::vector<double> p = {0.1, 0.25, 0.3, 0.2, 0.15, 0, 0, 0, 0, 0};
  const std::vector<double> q = {0, 0, 0.05, 0.05, 0.1, 0.1, 0.15, 0.3, 0.2, 0.05};
  return {{"p", numbers(p)},
          {"q", numbers(q)},
          {"w1", divergence({"w1"}, p, q)},
          {"w2", divergence({"w2"}, p, q)},
          {"linear", solved(p, q, 1)},
          {"squared", solved(p, q, 2)}};
}

}  // namespace pushforward::cli::walkthrough
