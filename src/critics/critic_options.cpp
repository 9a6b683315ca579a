// SPDX-License-Identifier: Apache-2.0
// Reading, listing and echoing the options of learned distances.
#include "critics/critic_options.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/whole_number.hpp"
#include "layers/named_network.hpp"
#include "pushforward/error.hpp"
#include "pushforward/optimizer.hpp"

namespace pushforward {
namespace {

// "adam:beta1=0.5+beta2=0.9": inside a SPEC's value the commas of another SPEC are written '+'.
Spec parse_optimizer(std::string text) {
  std::replace(text.begin(), text.end(), '+', ',');
  const Spec spec = parse_spec(text, "optimizer");
  make_optimizer(spec, 1, 0, {});  // a misspelt name is refused now
  return spec;
}

std::string optimizer_text(const Spec& spec) {
  std::string text = spec.text();
  std::replace(text.begin(), text.end(), ',', '+');
  return text;
}

void read_network(SpecReader& read, DenseChain& network) {
  network.hidden = parse_sizes(read.text("hidden", sizes_text(network.hidden)));
  network.activation = read.text("activation", network.activation);
  network.norm = read.word("norm", network.norm, {"none", "batch", "layer"});
  network.pieces =
      static_cast<std::size_t>(read.count("pieces", static_cast<long long>(network.pieces), 0, 1000));
  network.dropout = read.number("dropout", network.dropout, 0, 0.99);
  network.input_dropout = read.number("input-dropout", network.input_dropout, 0, 0.99);
  network.initial = read.text("initial", network.initial);
  network.spectral = read.yes("spectral", network.spectral);
}

}  // namespace

std::string sizes_text(const std::vector<std::size_t>& sizes) {
  return sizes.empty() ? "none" : fmt::format("{}", fmt::join(sizes, "+"));
}

std::vector<std::size_t> parse_sizes(const std::string& text) {
  std::vector<std::size_t> sizes;
  if (text == "none") return sizes;
  for (const std::string& piece : split(text, '+')) {
    sizes.push_back(whole_number(piece, "hidden", {1, kMostUnits}));
  }
  return sizes;
}

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
  if (pieces[0] == "penalty" || pieces[0] == "one-sided-penalty")
    return {Kind::penalty, amount(10), pieces[0] != "penalty"};
  if (pieces[0] == "clip") return {Kind::clip, amount(0.01)};
  if (std::find(valid.begin(), valid.end(), text) == valid.end())
    throw unknown_word("lipschitz", text, valid);
  out.kind = text == "spectral" ? Kind::spectral : Kind::none;
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

FitOptions read_fit_options(SpecReader& read, FitOptions fit) {
  const auto count = [&](const char* key, std::size_t fallback) {
    return static_cast<std::size_t>(read.count(key, static_cast<long long>(fallback), 1));
  };
  fit.holdout_given = read.has("holdout");
  fit.holdout = read.number("holdout", fit.holdout, 0.01, 0.9);
  fit.batch = count("batch", fit.batch);
  fit.steps = count("steps", fit.steps);
  fit.patience = count("patience", fit.patience);
  fit.rate = read.positive("rate", fit.rate);
  fit.optimizer = parse_optimizer(read.text("optimizer", optimizer_text(fit.optimizer)));
  return fit;
}

std::vector<OptionRow> fit_option_rows(const FitOptions& fit) {
  return {{"holdout", fmt::format("{}", fit.holdout),
           "measuring: share of both samples to read on (a test: half)"},
          {"batch", std::to_string(fit.batch), "measuring: points of either sample a step"},
          {"steps", std::to_string(fit.steps), "measuring: at most so many"},
          {"patience", std::to_string(fit.patience), "measuring: stops after so many steps without gain"},
          {"rate", fmt::format("{}", fit.rate), "measuring: the optimiser's"},
          {"optimizer", optimizer_text(fit.optimizer),
           "measuring: as --optimizer of train, its options joined by + (adam:beta1=0.5+beta2=0.9)"}};
}

Fields fit_option_fields(const FitOptions& fit) {
  return {{"holdout", fit.holdout},   {"batch", fit.batch}, {"steps", fit.steps},
          {"patience", fit.patience}, {"rate", fit.rate},   {"optimizer", optimizer_text(fit.optimizer)}};
}

CriticOptions read_critic_options(SpecReader& read, CriticOptions options) {
  options.body = read.text("network", options.body);
  std::replace(options.body.begin(), options.body.end(), '+', ',');
  const bool dense = is_dense_body(options.body, "network");
  if (!dense && !read.has("hidden")) options.network.hidden.clear();
  read_network(read, options.network);
  options.instance_noise = read.number("instance-noise", options.instance_noise, 0, 1e6);
  options.fit = read_fit_options(read, options.fit);
  return options;
}

std::vector<OptionRow> critic_option_rows(std::vector<OptionRow> own, const CriticOptions& fallback) {
  const DenseChain& network = fallback.network;
  std::vector<OptionRow> rows = std::move(own);
  const std::vector<OptionRow> shared = {
      {"network", fallback.body,
       "mlp, conv, dcgan, resnet or layers joined by +: what reads images before the hidden layers"},
      {"hidden", sizes_text(network.hidden), "units of the network's hidden layers, joined by +, or none"},
      {"activation", network.activation, "of hidden layers"},
      {"norm", network.norm, "none, layer or batch: before a hidden layer's activation"},
      {"pieces", std::to_string(network.pieces), "above 0: hidden layers are maxout of that many pieces"},
      {"dropout", fmt::format("{}", network.dropout), "share of each hidden layer's output"},
      {"input-dropout", fmt::format("{}", network.input_dropout), "share of the input"},
      {"initial", network.initial, "how weights begin"},
      {"spectral", network.spectral ? "yes" : "no", "every weight divided by its largest singular value"},
      {"instance-noise", fmt::format("{}", fallback.instance_noise),
       "sd of noise on all points while the network learns"}};
  rows.insert(rows.end(), shared.begin(), shared.end());
  const std::vector<OptionRow> measuring = fit_option_rows(fallback.fit);
  rows.insert(rows.end(), measuring.begin(), measuring.end());
  return rows;
}

Fields critic_option_fields(const CriticOptions& options) {
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
