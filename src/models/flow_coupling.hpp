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
#pragma once

#include <cstdint>
#include <vector>

#include "pushforward/options.hpp"
#include "pushforward/random.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

class FlowCoupling {
 public:
  /// By --coupling.
  explicit FlowCoupling(const Options& options);

  bool independent() const { return kind_ == Kind::independent; }
  /// For each row of x0 the row of x1 that it goes to; both have as many rows.
  std::vector<std::uint32_t> pairs(View<const float> x0, View<const float> x1, const Draw& draw) const;

 private:
  enum class Kind { independent, exact, sinkhorn };
  std::vector<std::uint32_t> entropic(View<const float> x0, View<const float> x1, const Draw& draw) const;

  Kind kind_ = Kind::independent;
  double eps_ = 0.05;
};

}  // namespace pushforward
