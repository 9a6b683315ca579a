// SPDX-License-Identifier: Apache-2.0
//
// A local minimum of a function of a few numbers that may be infinite, or have kinks.
//
// Nelder and Mead's simplex [Comput. J. 7 (1965) 308–313, with the parameters of Gao & Han, Comput. Optim.
// Appl. 51 (2012) 259–277, that suit many dimensions] finds the way whatever the function is like;
// quasi-Newton steps (BFGS, gradients by central differences) then end it where the function is smooth. It is
// begun anew from where it ended until nothing is gained. Where no gradient vanishes there (total variation
// has creases, at parameters for which two densities touch), simplices alone follow the crease to its end.
// Where the Hessian says that it is a saddle, it goes on to either side.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace pushforward {

using Objective = std::function<double(const std::vector<double>&)>;

struct Minimum {
  std::vector<double> at;
  double value = 0;
  std::vector<std::vector<double>> path{};  ///< the best point after each round
};

/// From `start`, with first steps of about `step`. A function that is infinite at `start` ends there.
Minimum minimize(const Objective& f, std::vector<double> start, double step = 0.3);

/// The direction in which f falls to both sides of a stationary point; empty where there is none.
std::vector<double> way_down(const Objective& f, const Minimum& from);

}  // namespace pushforward
