// SPDX-License-Identifier: Apache-2.0
// What barycentres of any kind are asked for: measures that fit one another, and shares.
#pragma once

#include <span>
#include <vector>

#include "pushforward/sample.hpp"

namespace pushforward::transport {

/// Divided by their sum; equal ones where none are given. RequestError for another number than `count`,
/// negative ones and a sum that is not above 0.
std::vector<double> checked_shares(std::span<const double> shares, std::size_t count);

/// At least one measure, of finite points with the same columns, and weights that sum to 1.
void check_measures(std::span<const Sample> measures);

}  // namespace pushforward::transport
