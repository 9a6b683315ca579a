// SPDX-License-Identifier: Apache-2.0
// The game of two densities, printed.
#pragma once

#include <string>
#include <vector>

#include "command.hpp"
#include "pushforward/density_game.hpp"

namespace pushforward::cli {

/// The table of density_game(); `networks` are lists of SPECs.
void print_game(const KnownDensity& p, const KnownDensity& q, const std::vector<std::string>& networks,
                std::size_t draws, const Common& common);

}  // namespace pushforward::cli
