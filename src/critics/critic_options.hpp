// SPDX-License-Identifier: Apache-2.0
//
// The options that every learned distance shares: its network, how f is held back, and how it is fitted when
// it measures.
#pragma once

#include <string>
#include <vector>

#include "pushforward/network.hpp"
#include "pushforward/spec.hpp"

namespace pushforward {

/// What keeps f from growing without bound (a critic of W1).
struct Lipschitz {
  enum class Kind { none, penalty, clip, spectral };
  Kind kind = Kind::none;
  double amount = 0;       ///< λ of the penalty, or the largest weight
  bool one_sided = false;  ///< only slopes above 1 are penalised
};

/// How a critic is fitted to two samples in order to measure.
struct FitOptions {
  double holdout = 0.3333;  ///< share of either sample that the distance is read on
  bool holdout_given = false;
  std::size_t batch = 256;  ///< points of either sample a step
  std::size_t steps = 10000, patience = 1000;
  double rate = 1e-3;
  Spec optimizer{"adam"};
};

struct CriticOptions {
  DenseChain network{.hidden = {128, 128}};
  std::string body = "mlp";  ///< or conv, dcgan, layers: before `network`, whose layers then are dense
  Lipschitz lipschitz{};
  double label_smoothing = 0;  ///< share of a real point's loss that is a generated point's
  double instance_noise = 0;   ///< sd of noise added to every point that f sees in training
  FitOptions fit{};
};

/// The options of a fit alone: read, as rows of the registry with these defaults, and as they were used.
FitOptions read_fit_options(SpecReader& read, FitOptions fallback = {});
std::vector<OptionRow> fit_option_rows(const FitOptions& fallback);
Fields fit_option_fields(const FitOptions& fit);

/// Units of hidden layers: "128+128" or "none".
std::string sizes_text(const std::vector<std::size_t>& sizes);
std::vector<std::size_t> parse_sizes(const std::string& text);

/// Reads the shared options; `read` then goes on with the row's own and finish().
CriticOptions read_critic_options(SpecReader& read, CriticOptions fallback = {});
/// "penalty+10", "one-sided-penalty+10", "clip+0.01", "spectral", "none".
Lipschitz parse_lipschitz(const std::string& text);
std::string lipschitz_text(const Lipschitz& lipschitz);

/// Rows of the registry for them, with these defaults; `own` come first.
std::vector<OptionRow> critic_option_rows(std::vector<OptionRow> own, const CriticOptions& fallback = {});
/// All of them as they were used.
Fields critic_option_fields(const CriticOptions& options);

}  // namespace pushforward
