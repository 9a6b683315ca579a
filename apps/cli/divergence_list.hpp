// SPDX-License-Identifier: Apache-2.0
// What `divergence` and `density` share: choosing rows of the registry, and describing them.
#pragma once

#include <string>
#include <vector>

#include "pushforward/divergence.hpp"

namespace pushforward::cli {

/// The SPECs that were asked for, or every row that is shown by default.
std::vector<Spec> chosen_divergences(const std::vector<std::string>& metrics);
/// The options of a row with the values that this SPEC gives them, defaults included.
Fields options_used(const DivergenceEntry& entry, const Spec& spec);
/// "Rényi divergence of P from Q, alpha=2".
std::string labelled(const DivergenceEntry& entry, const Spec& spec);
/// Prints the rows of the registry with these names, or all of them.
void list_divergences(const std::vector<std::string>& names, bool json);

}  // namespace pushforward::cli
