// SPDX-License-Identifier: Apache-2.0
//
// What a model that integrates a velocity field can do besides what every model can.
#pragma once

#include "pushforward/integrate.hpp"
#include "pushforward/model.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class FlowModel {
 public:
  virtual ~FlowModel() = default;
  /// How samples, codes and reconstructions are integrated from now on.
  virtual void set_solver(const Solver& solver) = 0;
  virtual const Solver& solver() const = 0;
  /// Brings z (B × D) from time `from` to time `to`, in place: 0 is the source, 1 the data.
  virtual void carry(View<float> z, double from, double to) = 0;
};

}  // namespace pushforward
#pragma GCC visibility pop
