// SPDX-License-Identifier: Apache-2.0
//
// Entropies of known distributions, in nats: of a vector of probabilities, and of a joint table of two
// variables.
//
//   H(p) = −Σ p ln p           H(X,Y) from the table, H(Y|X) = H(X,Y) − H(X),  I(X;Y) = H(X) + H(Y) − H(X,Y)
//
// with 0·ln 0 = 0. Shannon, Bell Syst. Tech. J. 27 (1948) 379–423. Divide by ln 2 for bits.
#pragma once

#include <span>

#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// H(p) of k masses that sum to 1 (see distribution_of); 0 … ln k, never negative by rounding.
double entropy(std::span<const double> p);

/// The entropies of two variables with a joint distribution, nats.
struct JointEntropies {
  double joint = 0, x = 0, y = 0;
  double y_given_x = 0, x_given_y = 0;
  double mutual_information = 0;  ///< never negative by rounding
};

/// From a joint table that sums to 1: rows are the values of X, columns those of Y.
JointEntropies joint_entropies(View<const double> table);

}  // namespace pushforward
#pragma GCC visibility pop
