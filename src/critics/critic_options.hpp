// SPDX-License-Identifier: Apache-2.0
//
// The options that every learned distance shares: its network, how f is held back, and how it is fitted when
// it measures.
#pragma once

#include <string>
#include <vector>

#include "pushforward/critics.hpp"
#include "pushforward/network.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {

struct CriticSettings {
  DenseChain network{.hidden = {128, 128}};
  std::string body = "mlp";  ///< or conv, dcgan, layers: before `network`, whose layers then are dense
  Lipschitz lipschitz{};
  double label_smoothing = 0;  ///< share of a real point's loss that is a generated point's
  double instance_noise = 0;   ///< sd of noise added to every point that f sees in training
  FitOptions fit{};
};

/// What a critic is built from: the options that all have, and (set by those that have them) the others.
CriticSettings settings_of(const CriticOptions& options);
/// Options as they were used.
Fields fit_option_fields(const FitOptions& fit);
Fields critic_option_fields(const CriticSettings& options);

/// Units of hidden layers: "128+128" or "none".
std::string sizes_text(const std::vector<std::size_t>& sizes);

const OptionWords<GeneratorLoss>& generator_losses();
/// "penalty+10", "one-sided-penalty+10", "clip+0.01", "spectral", "none".
OptionKind<Lipschitz> lipschitz_kind();

}  // namespace pushforward
