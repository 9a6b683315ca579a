// SPDX-License-Identifier: Apache-2.0
// Options of generators and the defaults that depend on something.
#include <algorithm>

#include "models/code_space.hpp"
#include "models/codec.hpp"
#include "models/condition_input.hpp"
#include "models/distance_plug.hpp"
#include "models/generator_base.hpp"
#include "models/latent_noise.hpp"
#include "models/likelihood.hpp"
#include "models/monitor.hpp"
#include "models/registry.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {

namespace {

GeneratorOptions presets(Recipe recipe) {
  GeneratorOptions o{.recipe = recipe};
  if (recipe == Recipe::gan) {
    o.plug.distance = usual(Spec{"jsd-critic", {{"loss", "non-saturating"}}});
    o.network.latent = usual(64);
    o.training.batch = usual(128);
    o.training.rate = usual(0.0002);
    o.training.optimizer = usual(AdamOptions{.beta1 = 0.5});
  } else if (recipe == Recipe::wgan) {
    o.plug.distance = usual(Spec{"w1-critic", {{"lipschitz", "penalty+10"}}});
    o.network.latent = usual(64);
    o.plug.critic_steps = usual(5);
    o.training.rate = usual(0.0001);
    o.training.optimizer = usual(AdamOptions{.beta1 = 0.5, .beta2 = 0.9});
  } else if (recipe == Recipe::gmmn) {
    o.plug.distance = usual(Spec{"mmd", {{"estimator", "biased"}}});
    o.noise = usual(LatentDistribution{.uniform = 1});
    o.network.latent = usual(10);
    o.network.hidden = usual(Sizes{64, 256, 256, 1024});
    o.training.batch = usual(500);
  }
  return o;
}

OptionTable<GeneratorOptions> table_of(const std::string& name, Recipe recipe) {
  using O = GeneratorOptions;
  const auto& training = option_table(TrainOptions{});
  const auto& plug = option_table(PlugOptions{});
  return OptionTable<O>(name, presets(recipe))
      .part(&O::network, option_table(NetworkOptions{}))
      .say("latent", "size of the noise")
      .say("hidden",
           "sizes of the generator's hidden layers, from noise to data (256,256 where a table's rows are "
           "judged by a learned distance, which makes --batch 500 and --ema 0.999, too)")
      .say("output-activation",
           "of the generator (default: sigmoid for data in 0…1, that of the codes with --code, else linear)")
      .take(&O::plug, plug, "distance")
      .add("code", &O::code,
           "run of an autoencoder: the distance is taken on its codes, and samples are decoded by it",
           any_text())
      .add("code-config", &O::code_config,
           "set by the program: the options of that run, so that it is needed no more", any_text())
      .add("noise-distribution", &O::noise, "of the noise: normal, or uniform:A on (−A, A), A=1",
           latent_kind())
      .add("samples", &O::samples, "points generated a step (default: as many as --batch)", count_of(1))
      .add("norm", &O::norm, "between a hidden layer's product and its activation: none, batch or layer",
           one_of({"none", "batch", "layer"}))
      .add("output-bias", &O::output_bias,
           "of the generator's last layer: initial (as its weights), or data (so that it begins at the "
           "training mean)",
           output_bias_kind())
      .take(&O::training, training, {"batch", "rate", "optimizer"})
      .say("rate", "learning rate (default: 0.001, or 0.0001 with a learned distance)")
      .say(
          "optimizer",
          "adam, adamw, sgd, rmsprop or adagrad, with options: sgd:momentum=0.9,nesterov=yes (default: adam, "
          "or adam:beta1=0.5,beta2=0.9 with a learned distance)")
      .add("pack", &O::pack,
           "points that a learned distance sees at once, side by side (PacGAN); divides --batch", count_of(1))
      .part(&O::plug, plug)
      .part(&O::monitor, option_table(MonitorOptions{}))
      .part(&O::condition, option_table(ConditionOptions{}))
      .part(&O::training, training)
      .part(&O::data, option_table(DataOptions{}));
}

}  // namespace

const OptionTable<GeneratorOptions>& option_table(const GeneratorOptions& options) {
  static const OptionTable<GeneratorOptions> tables[] = {
      table_of("generator", Recipe::generator), table_of("gan", Recipe::gan), table_of("gmmn", Recipe::gmmn),
      table_of("wgan", Recipe::wgan)};
  return tables[static_cast<std::size_t>(options.recipe)];
}

namespace {

// A learned distance on images reads them with the body that the generator mirrors; DCGAN's weights begin at
// N(0, 0.02²).
void settle_bodies(GeneratorOptions& o, bool learned) {
  const std::string network = body_of(o.network);
  if (network == "dcgan") o.network.initial.unless_given("normal:sd=0.02");
  if (learned && network != "mlp" && o.code.empty() && !says(*o.plug.distance, "network"))
    o.plug.critic_network.unless_set(network);
}

// A linear generator has a mean and a scale to find, which a small critic that keeps up with it shows in some
// thousand steps. (Two humps at ±2.5, a Gaussian by f-critic: 6000 steps end at deviations 2.52 to 2.57 of
// 2.55 by three seeds; 3000 end at 2.12 to 2.27, and a faster critic lets e^T run away.)
void settle_linear(GeneratorOptions& o) {
  o.training.rate.unless_given(0.002);
  o.plug.critic_rate.unless_given(0.001);
  o.plug.critic_steps.unless_given(5);
  if (!o.training.epochs.given()) o.training.steps.unless_given(6000);
  if (!says(*o.plug.distance, "hidden")) o.plug.critic_hidden.unless_given({64, 64});
}

bool plain(const GeneratorOptions& o) { return body_of(o.network) == "mlp"; }

bool learned(const GeneratorOptions& o) { return facts_of(Spec{o.plug.distance->name}).learned; }

// A critic of a table's rows: half the width and four times the batch of images' hold the game better in half
// the time, and averaged weights stand still while the two go round each other. (diamonds, 43,152 rows, one
// processor, SDMetrics' score: 0.910 in 32 s, against 0.880 in 68 s; rows of training score 0.942.)
void settle_critic_of_table(GeneratorOptions& o) {
  if (!learned(o) || !plain(o) || o.network.hidden->empty()) return;
  o.network.hidden.unless_given({256, 256});
  if (!says(*o.plug.distance, "hidden")) o.plug.critic_hidden.unless_given({256, 256});
  if (!says(*o.plug.distance, "activation")) o.plug.critic_activation.unless_given("leaky-relu");
  if (!o.samples && 500 % o.pack == 0) o.training.batch.unless_given(500);
  o.training.ema.unless_given(0.999);
}

}  // namespace

void settle_generator(GeneratorOptions& o) {
  const bool critic = learned(o);
  if (critic && plain(o) && o.network.hidden->empty()) settle_linear(o);
  settle_bodies(o, critic);
  if (!critic) o.plug.critic_steps.unless_given(0);  // wgan's default is of no use
  o.training.rate.unless_set(critic ? 0.0001 : 0.001);
  o.training.optimizer.unless_set(critic ? AdamOptions{.beta1 = 0.5, .beta2 = 0.9} : AdamOptions{});
}

void settle_output(NetworkOptions& network, const TrainOptions& options, const Dataset& training) {
  if (network.output_activation.has_value()) return;
  const auto [low, high] = training.range();
  const bool unit = low >= 0 && high <= 1 && !options.standardize.value_or(training.table);
  network.output_activation = unit ? "sigmoid" : "linear";
}

void settle_generator_on(GeneratorOptions& o, const Dataset& training) {
  if (!o.code.empty()) o.code_config = code_config(o.code);
  if (training.table && o.code.empty()) settle_critic_of_table(o);
  settle_critic(o.plug);
  if (!o.code.empty()) o.network.output_activation.unless_set(code_activation(o.code_config));
  settle_output(o.network, o.training, training);
}

ModelEntry generator_row(Recipe recipe) {
  const auto& table = option_table(GeneratorOptions{.recipe = recipe});
  return {.name = table.name(),
          .options = table.settings(),
          .make = [&table](const Options& options,
                           RowShape data) { return make_generator(table.read(options), data); },
          .settle = settled_by(table, settle_generator),
          .settle_on = settled_by(table, settle_generator_on)};
}

}  // namespace pushforward
