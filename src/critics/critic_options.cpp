// SPDX-License-Identifier: Apache-2.0
// Reading, listing and echoing the options of learned distances.
#include "critics/critic_options.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/synonyms.hpp"
#include "core/whole_number.hpp"
#include "layers/named_network.hpp"
#include "ops/activation.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

Lipschitz parse_lipschitz(const std::string& text) {
  const std::vector<std::string> pieces = split(text, '+');
  const std::vector<std::string> valid = {"penalty", "one-sided-penalty", "clip", "spectral", "none"};
  using Kind = Lipschitz::Kind;
  Lipschitz out;
  const auto amount = [&](double fallback) {
    const double value = pieces.size() > 1 ? parse_number(pieces[1], "lipschitz") : fallback;
    if (!(value > 0) || pieces.size() > 2)
      throw RequestError(Complaint{"lipschitz", fmt::format("'{}'", text),
                                   fmt::format("{} and a number above 0, joined by '+'", pieces[0])});
    return value;
  };
  const std::size_t place = find_word("lipschitz", pieces[0], valid);
  if (place <= 1) return {Kind::penalty, amount(10), place == 1};
  if (place == 2) return {Kind::clip, amount(0.01)};
  if (pieces.size() > 1) throw unknown_word("lipschitz", text, valid);
  out.kind = place == 3 ? Kind::spectral : Kind::none;
  return out;
}

std::string lipschitz_text(const Lipschitz& lipschitz) {
  switch (lipschitz.kind) {
    case Lipschitz::Kind::penalty:
      return fmt::format("{}penalty+{}", lipschitz.one_sided ? "one-sided-" : "", lipschitz.amount);
    case Lipschitz::Kind::clip:
      return fmt::format("clip+{}", lipschitz.amount);
    case Lipschitz::Kind::spectral:
      return "spectral";
    case Lipschitz::Kind::none:
      break;
  }
  return "none";
}

void check_lipschitz(const Lipschitz& lipschitz, const std::string& where) {
  const bool amount = lipschitz.kind == Lipschitz::Kind::penalty || lipschitz.kind == Lipschitz::Kind::clip;
  if (amount && !(lipschitz.amount > 0))
    throw RequestError(Complaint{where, fmt::format("{}", lipschitz.amount), "an amount above 0"});
}

}  // namespace

std::string sizes_text(const std::vector<std::size_t>& sizes) {
  return sizes.empty() ? "none" : fmt::format("{}", fmt::join(sizes, "+"));
}

const OptionWords<GeneratorLoss>& generator_losses() {
  static const OptionWords<GeneratorLoss> words = {{"non-saturating", GeneratorLoss::non_saturating},
                                                   {"minimax", GeneratorLoss::minimax}};
  return words;
}

OptionKind<Lipschitz> lipschitz_kind() {
  return {.read = [](const OptionText& text) { return parse_lipschitz(std::string(text.text)); },
          .text = [](const Lipschitz& value, char) { return lipschitz_text(value); },
          .check = check_lipschitz};
}

const OptionTable<FitOptions>& option_table(const FitOptions&) {
  using O = FitOptions;
  static const auto table =
      OptionTable<O>("fit")
          .add("holdout", &O::holdout, "measuring: share of both samples to read on (a test: half)",
               number_of(0.01, 0.9))
          .shown(fmt::format("{}", O{}.share()))
          .add("batch", &O::batch, "measuring: points of either sample a step", count_of(1))
          .add("steps", &O::steps, "measuring: at most so many", count_of(1))
          .add("patience", &O::patience, "measuring: stops after so many steps without gain", count_of(1))
          .add("rate", &O::rate, "measuring: the optimiser's", positive_number())
          .add("optimizer", &O::optimizer,
               "measuring: as --optimizer of train, its options joined by + (adam:beta1=0.5+beta2=0.9)",
               choice_of(optimizers()));
  return table;
}

Fields fit_option_fields(const FitOptions& fit) {
  return {{"holdout", fit.share()}, {"batch", fit.batch},
          {"steps", fit.steps},     {"patience", fit.patience},
          {"rate", fit.rate},       {"optimizer", inner_spec_text(optimizers().spec(fit.optimizer), '+')}};
}

const OptionTable<CriticOptions>& option_table(const CriticOptions&) {
  using O = CriticOptions;
  static const auto table =
      OptionTable<O>("critic")
          .add("network", &O::network,
               "mlp, conv, dcgan, resnet or layers joined by +: what reads images before the hidden layers",
               body_kind())
          .add("hidden", &O::hidden, "units of the network's hidden layers, joined by +, or none",
               sizes_of(1, kMostUnits))
          .shown(sizes_text(CriticSettings{}.network.hidden))
          .add("activation", &O::activation, "of hidden layers", one_of(activation_names()))
          .add("norm", &O::norm, "none, layer or batch: before a hidden layer's activation",
               one_of({"none", "batch", "layer"}))
          .add("pieces", &O::pieces, "above 0: hidden layers are maxout of that many pieces",
               count_of(0, 1000))
          .add("dropout", &O::dropout, "share of each hidden layer's output", number_of(0, 0.99))
          .add("input-dropout", &O::input_dropout, "share of the input", number_of(0, 0.99))
          .add("initial", &O::initial, "how weights begin", any_text())
          .add("spectral", &O::spectral, "every weight divided by its largest singular value", yes_or_no())
          .add("instance-noise", &O::instance_noise, "sd of noise on all points while the network learns",
               number_of(0, 1e6))
          .part(&O::fit, option_table(FitOptions{}));
  return table;
}

CriticSettings settings_of(const CriticOptions& options) {
  CriticSettings settings{
      .body = options.network, .instance_noise = options.instance_noise, .fit = options.fit};
  DenseChain& network = settings.network;
  if (!is_dense_body(options.network, "network")) network.hidden.clear();
  if (options.hidden) network.hidden = *options.hidden;
  network.activation = options.activation, network.initial = options.initial, network.norm = options.norm;
  network.pieces = options.pieces, network.spectral = options.spectral;
  network.input_dropout = options.input_dropout, network.dropout = options.dropout;
  return settings;
}

Fields critic_option_fields(const CriticSettings& options) {
  const DenseChain& network = options.network;
  Fields fields;
  if (options.body != "mlp") fields.emplace_back("network", options.body);
  fields.emplace_back("hidden", sizes_text(network.hidden));
  if (network.pieces > 0)
    fields.emplace_back("pieces", network.pieces);
  else
    fields.emplace_back("activation", network.activation);
  fields.emplace_back("norm", network.norm);
  if (network.dropout > 0) fields.emplace_back("dropout", network.dropout);
  if (network.input_dropout > 0) fields.emplace_back("input-dropout", network.input_dropout);
  fields.emplace_back("initial", network.initial);
  fields.emplace_back("spectral", network.spectral);
  if (options.lipschitz.kind != Lipschitz::Kind::none)
    fields.emplace_back("lipschitz", lipschitz_text(options.lipschitz));
  if (options.label_smoothing > 0) fields.emplace_back("label-smoothing", options.label_smoothing);
  if (options.instance_noise > 0) fields.emplace_back("instance-noise", options.instance_noise);
  const Fields measuring = fit_option_fields(options.fit);
  fields.insert(fields.end(), measuring.begin(), measuring.end());
  return fields;
}

}  // namespace pushforward
