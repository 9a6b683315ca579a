// SPDX-License-Identifier: Apache-2.0
//
// The staircase of a measure on the line: how much mass lies up to each of its sorted points. Equal weights
// use (i+1)/n, rounded once, so that equal fractions compare equal; given weights are summed with
// compensation and divided by their sum, so that every staircase ends at exactly 1.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace pushforward::transport {

/// Partial sums of the weights (empty: equal) in sorted order. RequestError where all are 0.
void partial_sums(std::span<const double> weights, std::size_t n, std::span<const std::uint32_t> order,
                  std::vector<double>& sums);

}  // namespace pushforward::transport
