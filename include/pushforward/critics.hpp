// SPDX-License-Identifier: Apache-2.0
//
// Learned distances as structs: make_distance(W1CriticOptions{.lipschitz = {.amount = 5}}). A value out of
// bounds is a RequestError that names the field, as in a SPEC.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pushforward/distance.hpp"
#include "pushforward/optimizer.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// How a network is fitted to two samples in order to measure.
struct FitOptions {
  std::optional<double> holdout{};  ///< share of either sample that the distance is read on (⅓; a test: half)
  std::size_t batch = 256;          ///< points of either sample a step
  std::size_t steps = 10000;        ///< at most so many
  std::size_t patience = 1000;      ///< steps without gain after which it stops
  double rate = 1e-3;               ///< the optimizer's
  OptimizerOptions optimizer = AdamOptions{};

  double share() const { return holdout.value_or(0.3333); }
};

/// What every critic has: its network, and how it is fitted when it measures.
struct CriticOptions {
  std::string network = "mlp";  ///< or conv, dcgan, resnet or layers, before `hidden`, which are dense
  std::optional<std::vector<std::size_t>> hidden{};  ///< units (128, 128; none behind another network)
  std::string activation = "relu";                   ///< of hidden layers
  std::string norm = "none";       ///< none, layer or batch: before a hidden layer's activation
  std::size_t pieces = 0;          ///< above 0: hidden layers are maxout of that many pieces
  double dropout = 0;              ///< share of each hidden layer's output
  double input_dropout = 0;        ///< share of the input
  std::string initial = "fan-in";  ///< how weights begin
  bool spectral = false;           ///< every weight divided by its largest singular value
  double instance_noise = 0;       ///< sd of noise on all points while the network learns
  FitOptions fit{};
};

/// What keeps f from growing without bound.
struct Lipschitz {
  enum class Kind { none, penalty, clip, spectral };
  Kind kind = Kind::none;
  double amount = 0;       ///< λ of the penalty, or the largest weight
  bool one_sided = false;  ///< only slopes above 1 are penalised
};

enum class GeneratorLoss { non_saturating, minimax };

/// jsd-critic.
struct JsdCriticOptions {
  GeneratorLoss loss = GeneratorLoss::non_saturating;  ///< of a generator: −ln D(y), or ln(1 − D(y))
  double label_smoothing = 0;  ///< share of a real point's loss that is a generated point's
  CriticOptions critic{};
};
/// w1-critic.
struct W1CriticOptions {
  Lipschitz lipschitz{Lipschitz::Kind::penalty, 10};  ///< what holds f back
  CriticOptions critic{};
};
/// f-critic.
struct FCriticOptions {
  std::string divergence = "kl";                ///< kl, reverse-kl, chi2, hellinger, tv or js
  GeneratorLoss loss = GeneratorLoss::minimax;  ///< of a generator: −E f*(T(y)), or −E T(y)
  CriticOptions critic{};
};
/// ls-critic.
struct LsCriticOptions {
  double label_smoothing = 0;  ///< share of a real point's loss that is a generated point's
  CriticOptions critic{};
};
/// hinge-critic.
struct HingeCriticOptions {
  CriticOptions critic{};
};
/// c2st: held-out accuracy of a classifier.
struct C2stOptions {
  CriticOptions critic{};
};
/// c2st-logit: held-out difference of mean logits.
struct C2stLogitOptions {
  CriticOptions critic{};
};
/// mmd-d: MMD by a deep kernel.
struct MmdDOptions {
  std::vector<std::size_t> hidden{50, 50};  ///< units of φ's hidden layers
  std::size_t features = 50;                ///< that φ has
  std::string activation = "softplus";      ///< of hidden layers
  FitOptions fit{.holdout = 0.5, .batch = 128, .steps = 1000, .patience = 500};
};

std::unique_ptr<Distance> make_distance(const JsdCriticOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const W1CriticOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const FCriticOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const LsCriticOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const HingeCriticOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const C2stOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const C2stLogitOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const MmdDOptions& options, std::uint64_t seed = 0);

/// Their fields, as help shows them (option_table.hpp).
const OptionTable<FitOptions>& option_table(const FitOptions&);
const OptionTable<CriticOptions>& option_table(const CriticOptions&);
const OptionTable<JsdCriticOptions>& option_table(const JsdCriticOptions&);
const OptionTable<W1CriticOptions>& option_table(const W1CriticOptions&);
const OptionTable<FCriticOptions>& option_table(const FCriticOptions&);
const OptionTable<LsCriticOptions>& option_table(const LsCriticOptions&);
const OptionTable<HingeCriticOptions>& option_table(const HingeCriticOptions&);
const OptionTable<C2stOptions>& option_table(const C2stOptions&);
const OptionTable<C2stLogitOptions>& option_table(const C2stLogitOptions&);
const OptionTable<MmdDOptions>& option_table(const MmdDOptions&);

}  // namespace pushforward
#pragma GCC visibility pop
