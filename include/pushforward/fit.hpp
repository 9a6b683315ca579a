// SPDX-License-Identifier: Apache-2.0
//
// Who wants to know how far a learned distance's fit is.
//
// Such a distance fits a network before it reads anything, which may take tens of seconds. It is told whom to
// tell; the library itself shows nothing, and being watched changes no value.
#pragma once

#include <cstddef>
#include <functional>

#pragma GCC visibility push(default)
namespace pushforward {

class Distance;

/// Told now and then while a network is fitted: steps done, the most there may be (it stops where nothing is
/// gained any more), and the loss on the rows that judge it.
using OnFit = std::function<void(std::size_t step, std::size_t most, double loss)>;

/// What a distance that fits is, besides a Distance.
class Watchable {
 public:
  virtual ~Watchable() = default;
  virtual void on_fit(OnFit tell) = 0;
};

/// Tells `tell` of all later fits of this distance; does nothing where nothing is fitted.
void watch_fit(Distance& distance, OnFit tell);

}  // namespace pushforward
#pragma GCC visibility pop
