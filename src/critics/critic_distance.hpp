// SPDX-License-Identifier: Apache-2.0
//
// A distance that is learned: what the rows jsd-critic, w1-critic, f-critic, ls-critic, hinge-critic and c2st
// have in common, which is all but an objective and defaults.
#pragma once

#include <memory>
#include <string>

#include "critics/critic_network.hpp"
#include "pushforward/distance.hpp"

namespace pushforward {

/// All that makes one.
struct Learned {
  std::string name;
  CriticSettings options{};
  Objective objective{}, reading{};  ///< descended; read off the fitted network
  Fields own{};                      ///< the row's own options as used, for a reading
};

/// Facts of every learned distance.
Facts learned_facts();
std::unique_ptr<Distance> make_learned(Learned learned, std::uint64_t seed);

}  // namespace pushforward
