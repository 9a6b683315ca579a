// SPDX-License-Identifier: Apache-2.0
//
// What a measurement found, and everything that is needed to understand it.
#pragma once

#include <optional>
#include <string>

#include "pushforward/fields.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// What a measurement found, and everything that is needed to understand it.
struct Reading {
  std::optional<double> value{};           ///< absent where there is no single number ("prdc")
  std::optional<double> standard_error{};  ///< where the estimator has one
  std::string estimator{};                 ///< "unbiased (U-statistic)", "network simplex", …
  std::string unit{};                      ///< "squared MMD", "nats", "the data's unit", …
  Fields extra{};                          ///< "gap", "power", "converged", "marginal_error", "parts", …
  Fields options{};                        ///< every hyper-parameter that was used, derived ones included
};

}  // namespace pushforward
#pragma GCC visibility pop
