// SPDX-License-Identifier: Apache-2.0
//
// The game of a generative adversarial network between two known densities.
//
//   V(D) = E_p ln D + E_q ln(1 − D),   max_D V = V(D*) = −ln 4 + 2·JSD(p, q),   D* = p/(p + q)
//
// [Goodfellow et al., NeurIPS 2014, theorem 1].
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pushforward/density.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct GameRow {
  std::string discriminator;
  double value;                 ///< of the game, nats
  std::optional<double> error;  ///< of quadrature, or standard; none where it is exact
  double jsd;                   ///< (value + ln 4)/2, nats
  std::string how;
};
/// At D = ½, at D* by quadrature and by `draws` from each of the two, and what each of these networks (SPECs
/// of jsd-critic, else RequestError) reaches on draws that it was not fitted to.
std::vector<GameRow> density_game(const KnownDensity& p, const KnownDensity& q,
                                  const std::vector<Spec>& networks, std::size_t draws, std::uint64_t seed);

}  // namespace pushforward
#pragma GCC visibility pop
