// SPDX-License-Identifier: Apache-2.0
//
// The game of a generative adversarial network between two known densities.
#pragma once

#include <string>
#include <vector>

#include "command.hpp"
#include "pushforward/density.hpp"

namespace pushforward::cli {

/// V(D) = E_p ln D + E_q ln(1 − D): at D = ½, at D* = p/(p+q) by quadrature and by draws, and what each of
/// these networks (SPECs of jsd-critic) reaches. `draws`: from each of the two.
void print_game(const KnownDensity& p, const KnownDensity& q, const std::vector<std::string>& networks,
                std::size_t draws, const Common& common);

}  // namespace pushforward::cli
