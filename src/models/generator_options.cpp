// SPDX-License-Identifier: Apache-2.0
// Options of generators and the defaults that depend on something.
#include <algorithm>

#include "models/code_space.hpp"
#include "models/condition_input.hpp"
#include "models/distance_plug.hpp"
#include "models/generator_base.hpp"
#include "models/monitor.hpp"
#include "train/plan.hpp"

namespace pushforward {

std::vector<OptionRow> generator_options() {
  std::vector<OptionRow> rows = {
      {"distance", "energy",
       "any distance with a gradient, closed-form or learned; pushforward distance --list"},
      {"code", "",
       "run of an autoencoder: the distance is taken on its codes, and samples are decoded by it"},
      {"code-config", "", "set by the program: the options of that run, so that it is needed no more"},
      {"latent", "32", "size of the noise"},
      {"noise-distribution", "normal", "of the noise: normal, or uniform:A on (−A, A), A=1"},
      {"samples", "", "points generated a step (default: as many as --batch)"},
      {"hidden", "512,512",
       "sizes of the generator's hidden layers, from noise to data (256,256 where a table's rows are judged "
       "by a learned distance, which makes --batch 500 and --ema 0.999, too)"},
      {"norm", "none", "between a hidden layer's product and its activation: none, batch or layer"},
      {"output-activation", "",
       "of the generator (default: sigmoid for data in 0…1, that of the codes with --code, else linear)"},
      {"output-bias", "initial",
       "of the generator's last layer: initial (as its weights), or data (so that it begins at the training "
       "mean)"},
      {"batch", "256", "observations a step; the last, smaller batch of an epoch is trained on too"},
      {"rate", "", "learning rate (default: 0.001, or 0.0001 with a learned distance)"},
      {"optimizer", "",
       "adam, adamw, sgd, rmsprop or adagrad, with options: sgd:momentum=0.9,nesterov=yes (default: adam, or "
       "adam:beta1=0.5,beta2=0.9 with a learned distance)"},
      {"pack", "1", "points that a learned distance sees at once, side by side (PacGAN); divides --batch"},
  };
  for (const auto& more :
       {critic_training_options(), critic_options(), monitor_options(), condition_options()})
    rows.insert(rows.end(), more.begin(), more.end());
  return rows;
}

std::vector<OptionRow> with_defaults(std::vector<OptionRow> rows,
                                     const std::vector<std::pair<std::string, std::string>>& defaults) {
  for (const auto& [name, value] : defaults)
    for (OptionRow& row : rows)
      if (row.name == name) row.fallback = value;
  return rows;
}

namespace {

bool says(const Spec& spec, std::string_view key) {
  return std::any_of(spec.options.begin(), spec.options.end(),
                     [&](const auto& option) { return option.first == key; });
}

// A learned distance on images reads them with the body that the generator mirrors; DCGAN's weights begin at
// N(0, 0.02²).
void settle_bodies(Options& options, bool learned) {
  const std::string& network = options.text("network");
  if (network == "dcgan" && !options.given("initial")) options.set("initial", "normal:sd=0.02");
  if (!learned || network == "mlp" || options.has("code") || options.has("critic-network")) return;
  const Spec distance = options.spec("distance");
  for (const auto& [key, value] : distance.options)
    if (key == "network") return;
  options.set("critic-network", network);
}

}  // namespace

// A linear generator has a mean and a scale to find, which a small critic that keeps up with it shows in some
// thousand steps. (Two humps at ±2.5, a Gaussian by f-critic: 6000 steps end at deviations 2.52 to 2.57 of
// 2.55 by three seeds; 3000 end at 2.12 to 2.27, and a faster critic lets e^T run away.)
void settle_linear(Options& options) {
  const auto unless_given = [&](const char* name, const char* value) {
    if (!options.given(name)) options.set(name, value);
  };
  unless_given("rate", "0.002");
  unless_given("critic-rate", "0.001");
  unless_given("critic-steps", "5");
  if (!options.given("epochs")) unless_given("steps", "6000");
  if (!says(options.spec("distance"), "hidden")) unless_given("critic-hidden", "64,64");
}

void settle_generator(Options& options) {
  const bool learned = facts_of(Spec{options.spec("distance").name}).learned;
  const bool linear = options.text("hidden") == "none" && options.text("network") == "mlp";
  if (learned && linear) settle_linear(options);
  settle_bodies(options, learned);
  if (!learned && !options.given("critic-steps"))
    options.set("critic-steps", "");  // wgan's default is of no use
  if (!options.has("rate")) options.set("rate", learned ? "0.0001" : "0.001");
  if (!options.has("optimizer")) options.set("optimizer", learned ? "adam:beta1=0.5,beta2=0.9" : "adam");
}

void settle_output(Options& options, const Dataset& training) {
  if (options.has("output-activation")) return;
  const auto [low, high] = training.range();
  const bool unit = low >= 0 && high <= 1 && !standardizes(options, training);
  options.set("output-activation", unit ? "sigmoid" : "linear");
}

namespace {

// A critic of a table's rows: half the width and four times the batch of images' hold the game better in half
// the time, and averaged weights stand still while the two go round each other. (diamonds, 43,152 rows, one
// processor, SDMetrics' score: 0.910 in 32 s, against 0.880 in 68 s; rows of training score 0.942.)
void settle_critic_of_table(Options& options) {
  const Spec distance = options.spec("distance");
  const bool dense = options.text("network") == "mlp" && options.text("hidden") != "none";
  if (!facts_of(Spec{distance.name}).learned || !dense) return;
  const auto unless_given = [&](const char* name, const char* value) {
    if (!options.given(name)) options.set(name, value);
  };
  unless_given("hidden", "256,256");
  if (!says(distance, "hidden")) unless_given("critic-hidden", "256,256");
  if (!says(distance, "activation")) unless_given("critic-activation", "leaky-relu");
  if (!options.has("samples") && 500 % options.count("pack", 1) == 0) unless_given("batch", "500");
  unless_given("ema", "0.999");
}

}  // namespace

void settle_generator_on(Options& options, const Dataset& training) {
  if (options.has("code")) options.set("code-config", code_config(options.text("code")));
  if (training.table && !options.has("code")) settle_critic_of_table(options);
  settle_critic(options);
  if (options.has("code") && !options.has("output-activation"))
    return options.set("output-activation", code_activation(options.text("code-config")));
  settle_output(options, training);
}

}  // namespace pushforward
