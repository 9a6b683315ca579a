// SPDX-License-Identifier: Apache-2.0
//
// OT_ε(x,y), and S_ε = OT_ε(x,y) − ½ OT_ε(x,x) − ½ OT_ε(y,y), each with a bound of its error, by the way
// that has digits left.
#pragma once

#include <optional>
#include <string>

#include "pushforward/sinkhorn.hpp"

namespace pushforward::entropic {

struct BoundedValue {
  std::optional<double> value{};  ///< absent where nothing is known of it
  double error_bound = 0;         ///< the true value is within it
  double marginal_error = 0, transport_cost = 0;
  bool converged = false;
  long long iterations = 0;
  std::string way{};  ///< where the value does not come from the iterations: how it does
};

/// With `debias` S_ε, else OT_ε. The gradient is as sinkhorn()'s.
BoundedValue bounded_sinkhorn(const Sample& x, const Sample& y, const SinkhornOptions& options, bool debias,
                              const Gradient& gradient = {});

}  // namespace pushforward::entropic
