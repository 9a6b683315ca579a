// SPDX-License-Identifier: Apache-2.0
//
// Who goes where: pairs of a mini-batch of source points and one of data.
//
//   independent         as they come
//   exact               the optimal plan at squared cost [Pooladian et al., "Multisample flow matching", ICML
//   2023;
//                       Tong et al., "Improving and generalizing flow-based generative models with minibatch
//                       optimal transport", TMLR 2024]: the larger the batch, the straighter and the fewer
//                       the ways that cross
//   sinkhorn:eps=E      a draw of the entropic plan's row, eps in units of the mean cost
//
// Of conditional rows (x₁, c₁) the cost is ‖x₀ − x₁‖² + w‖c₀ − c₁‖², c₀ those of the batch, independent of
// x₀. A plan that does not see them gives each condition the source points that are near its data, while
// sampling begins anywhere in the source [Cheng & Schwing, "The curse of conditions", ICCV 2025; Chemseddine
// et al., "Conditional Wasserstein distances", JMLR 2025]. w is kConditionWeight mean costs: rows of other
// labels are never paired, and of numbers only neighbors are.
#pragma once

#include <cstdint>
#include <vector>

#include "pushforward/models.hpp"
#include "pushforward/random.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

inline constexpr double kConditionWeight = 1000;

class FlowCoupling {
 public:
  explicit FlowCoupling(const FlowOptions::Coupling& options) : kind_(options.kind), eps_(options.eps) {}

  bool independent() const { return kind_ == Kind::independent; }
  /// For each row of x0 the row of x1 that it goes to; both have as many rows.
  std::vector<std::uint32_t> pairs(View<const float> x0, View<const float> x1, const Draw& draw) const;
  /// The same under conditions of the rows of x1, which row i of x0 has, too; none where they have no
  /// columns.
  std::vector<std::uint32_t> pairs(View<const float> x0, View<const float> x1, View<const float> conditions,
                                   const Draw& draw) const;

 private:
  using Kind = FlowOptions::Coupling::Kind;
  std::vector<std::uint32_t> solve(View<const float> x0, View<const float> x1, double mean,
                                   const Draw& draw) const;
  std::vector<std::uint32_t> entropic(View<const float> x0, View<const float> x1, double mean,
                                      const Draw& draw) const;

  Kind kind_;
  double eps_;
};
/// independent, exact or sinkhorn:eps=E.
OptionKind<FlowOptions::Coupling> coupling_kind();

/// The least mean squared way from x0 to x1 where nobody changes the condition (B rows each, their
/// conditions).
double least_cost(View<const float> x0, View<const float> x1, View<const float> conditions);

}  // namespace pushforward
