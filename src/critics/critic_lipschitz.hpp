// SPDX-License-Identifier: Apache-2.0
//
// How fast a critic rises: what its difference of means must be divided by to speak of W1.
#pragma once

#include <optional>
#include <span>

#include "critics/critic_options.hpp"
#include "pushforward/reading.hpp"

namespace pushforward {

/// Points (n × d) and f at each.
struct ValuedPoints {
  View<const float> points{};
  std::span<const float> values{};
};

/// A bound of f's Lipschitz constant (Euclidean): the product of its layers' operator norms. None where a
/// layer has no bound (layer norm).
std::optional<double> operator_norm_product(Network& network, const CriticSettings& options);
/// max (f(x_i) − f(y_j)) / ‖x_i − y_j‖ over pairs, at least 0; where they are more than `operations`
/// subtractions of coordinates, over rows evenly spaced. `pairs` receives their number.
double largest_slope(const ValuedPoints& x, const ValuedPoints& y, std::size_t operations,
                     std::size_t& pairs);

/// Turns the reading of a difference of means into one of W1: divided by the product of operator norms where
/// that is what holds f back (spectral: a lower bound), else by the largest slope (an estimate), and both
/// beside it.
void divide_by_slope(Reading& reading, Network& network, const CriticSettings& options, const ValuedPoints& x,
                     const ValuedPoints& y);

}  // namespace pushforward
