// SPDX-License-Identifier: Apache-2.0
// Measuring with a gradient, or asking the critic; see distance_plug.hpp.
#include "models/distance_plug.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/value_of.hpp"
#include "core/whole_number.hpp"
#include "layers/named_network.hpp"
#include "models/evaluation.hpp"
#include "ops/activation.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kMostFrozen = 15;

std::vector<std::string> trainable_distances() {
  std::vector<std::string> names;
  for (const DistanceEntry& entry : distances())
    if (entry.facts.gradient_points) names.push_back(entry.name);
  return names;
}

bool all_finite(View<const float> points) {
  return std::all_of(points.data, points.data + points.size(), [](float v) { return std::isfinite(v); });
}

// A seed for the distance's own choices at this step.
std::uint64_t seed_of(const Draw& draw) {
  const auto bits = random_bits(draw.on("distance"), 0);
  return (std::uint64_t{bits[0]} << 32) | bits[1];
}

// A scale that becomes 0 or infinite in float32 would leave a loss of 0 without a word.
void check_float(double number) {
  const float kept = static_cast<float>(number);
  if (number == 0 || (std::isfinite(kept) && std::abs(kept) >= std::numeric_limits<float>::min())) return;
  throw RequestError(Complaint{"--distance", fmt::format("a scale of {:g} (bandwidth, eps)", number),
                               "one that float32 holds, 1e-38 to 3e38", "rescale the data, or set another"});
}

}  // namespace

DistancePlug::DistancePlug(std::unique_ptr<Distance> distance, const Facts& facts, const std::string& name,
                           RowShape point, std::size_t pack)
    : distance_(std::move(distance)),
      critic_(distance_->critic(point, pack)),
      frozen_(kept("distance." + name, 1, 1 + kMostFrozen)),
      pack_(pack),
      least_((std::max<std::size_t>(facts.smallest_n, 1) + pack - 1) / pack * pack) {
  if (critic_) return;
  if (!facts.gradient_points)
    throw RequestError(Complaint{"--distance", name + ", which has no gradient",
                                 fmt::format("one of {}", fmt::join(trainable_distances(), ", "))});
  if (facts.largest_d > 0 && point.size() > facts.largest_d)
    throw RequestError(Complaint{"--distance " + name, fmt::format("points of {} features", point.size()),
                                 fmt::format("at most {}", facts.largest_d)});
}

std::vector<Parameter*> DistancePlug::parameters() {
  std::vector<Parameter*> all = critic_ ? critic_->parameters() : std::vector<Parameter*>{};
  all.push_back(&frozen_);
  return all;
}

std::vector<Parameter*> DistancePlug::learnt() {
  std::vector<Parameter*> all = critic_ ? critic_->parameters() : std::vector<Parameter*>{};
  std::erase_if(all, [](const Parameter* p) { return !p->trained; });
  return all;
}

void DistancePlug::freeze(View<const float> generated, View<const float> real) {
  if (critic_) return;
  distance_->freeze({real}, {generated});
  const std::vector<double> numbers = distance_->frozen();
  if (numbers.size() > kMostFrozen)
    throw RequestError(Complaint{"distance", fmt::format("{} numbers fixed from the data", numbers.size()),
                                 fmt::format("at most {}", kMostFrozen)});
  for (const double number : numbers) check_float(number);
  frozen_.value(0, 0) = static_cast<float>(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) frozen_.value(0, i + 1) = static_cast<float>(numbers[i]);
}

// At the first use, so that it is the same whether they come from prepare() or from a checkpoint.
void DistancePlug::thaw() {
  if (thawed_) return;
  thawed_ = true;
  const auto count = static_cast<std::size_t>(frozen_.value(0, 0));
  if (count == 0) return;
  const float* numbers = frozen_.value.data + 1;
  distance_->thaw(std::vector<double>(numbers, numbers + std::min(count, kMostFrozen)));
}

double DistancePlug::loss(View<const float> generated, View<const float> real, View<float> gradient,
                          const Pass& pass) {
  if (critic_) return critic_->generator_loss(generated, gradient, pass);
  if (!all_finite(generated)) return std::numeric_limits<double>::quiet_NaN();
  thaw();
  distance_->redraw(seed_of(pass.draw));
  if (gradient.wanted()) gradient_.resize(generated.rows, generated.cols);
  const Gradient wanted{gradient.wanted() ? gradient_.view() : View<double>{}, {}};
  const Reading reading = distance_->measure_in_y({real}, {generated}, wanted);
  for (std::size_t i = 0; i < gradient.size(); ++i)
    gradient.data[i] = static_cast<float>(gradient_.data()[i]);
  return value_of("--distance", reading);
}

Reading DistancePlug::read(View<const float> generated, View<const float> real) {
  if (critic_) return critic_->read(real, generated);
  thaw();
  return distance_->measure_in_y({real}, {generated}, {});
}

Fields DistancePlug::figures(View<const float> generated, View<const float> real) {
  const Reading reading = read(generated, real);
  if (!reading.value) return {};
  const std::string name = learned() ? "training_estimate" : "training_distance";
  Fields fields = {{name, *reading.value}};
  if (reading.standard_error) fields.emplace_back(name + "_standard_error", *reading.standard_error);
  for (const char* about : {"bound", "note"})
    if (const Field* found = learned() ? find_field(reading.extra, about) : nullptr) {
      fields.push_back(*found);
      fields.back().key = name + "_" + about;
    }
  if (const Field* exact = find_field(reading.extra, "exact_w1")) fields.push_back(*exact);
  return fields;
}

Phase CriticTraining::phase(std::vector<Parameter*> parameters) const {
  return {.name = "critic",
          .repeats = steps,
          .parameters = std::move(parameters),
          .optimizer = optimizer,
          .rate = rate};
}

CriticTraining critic_training(const PlugOptions& options, bool learned) {
  const auto refuse = [](bool given, const char* name) {
    if (given)
      throw RequestError(Complaint{name, "a distance that is not learned", "a learned one beside it",
                                   "for example --distance w1-critic"});
  };
  CriticTraining out;
  if (!learned) {
    refuse(*options.critic_steps > 0, "--critic-steps");
    refuse(options.critic_rate.has_value(), "--critic-rate");
    refuse(options.critic_optimizer.has_value(), "--critic-optimizer");
  }
  if (*options.critic_steps > 0) out.steps = *options.critic_steps;
  if (options.critic_rate.has_value()) out.rate = *options.critic_rate;
  if (options.critic_optimizer.has_value()) out.optimizer = *options.critic_optimizer;
  return out;
}

namespace {

// 0 is "".
OptionKind<std::size_t> steps_or_none() {
  OptionKind<std::size_t> kind = count_of(0, kMostRepeats);
  kind.read = [](const OptionText& text) {
    return text.text.empty() ? 0 : count_of(1, kMostRepeats).read(text);
  };
  kind.text = [](std::size_t steps, char) { return steps == 0 ? "" : fmt::format("{}", steps); };
  return kind;
}

OptionKind<Spec> distance_kind() {
  return {.read = [](const OptionText& text) { return distance_meant(read_inner_spec(text)); },
          .text = inner_spec_text};
}

}  // namespace

const OptionTable<PlugOptions>& option_table(const PlugOptions&) {
  using O = PlugOptions;
  static const auto table =
      OptionTable<O>("plug")
          .add("distance", &O::distance,
               "any distance with a gradient, closed-form or learned; pushforward distance --list",
               distance_kind())
          .add("critic-steps", &O::critic_steps,
               "updates of a learned distance before each of the model (default: 1)", steps_or_none())
          .add("critic-rate", &O::critic_rate, "its learning rate (default: --rate)", number_of(0, 1e30))
          .add("critic-optimizer", &O::critic_optimizer, "its optimiser (default: --optimizer)",
               choice_of(optimizers()))
          .add("critic-hidden", &O::critic_hidden,
               "of a learned distance: sizes of its hidden layers, from data to answer (default: 512,512, or "
               "none behind another --critic-network)",
               sizes_of(1, kMostUnits))
          .add("critic-network", &O::critic_network,
               "its network: mlp, conv, dcgan, resnet or layers (default: as --network)", body_kind())
          .add("critic-activation", &O::critic_activation, "of its hidden layers", one_of(activation_names()))
          .add("instance-noise", &O::instance_noise,
               "sd of noise on what it sees while training, real and generated alike", any_number())
          .add("label-smoothing", &O::label_smoothing,
               "share by which a discriminator's target for real points is below 1", any_number());
  return table;
}

bool says(const Spec& spec, std::string_view key) {
  return std::ranges::find(spec.options, key, &std::pair<std::string, std::string>::first) !=
         spec.options.end();
}

void settle_critic(PlugOptions& plug) {
  if (!facts_of(Spec{plug.distance->name}).learned || says(*plug.distance, "hidden")) return;
  if (plug.critic_network.value_or("mlp") == "mlp")
    plug.critic_hidden.unless_set({512, 512});
  else
    plug.critic_hidden.unless_set({});
}

Spec plugged_spec(const PlugOptions& plug) {
  constexpr std::string_view kTraining[] = {"distance", "critic-steps", "critic-rate", "critic-optimizer"};
  Spec spec = *plug.distance;
  const bool learned = facts_of(Spec{spec.name}).learned;
  for (const OptionRow& row : option_table(plug).rows(plug)) {
    if (row.fallback.empty() || std::ranges::find(kTraining, row.name) != std::end(kTraining)) continue;
    const std::string key = row.name.starts_with("critic-") ? row.name.substr(7) : row.name;
    if (!learned)
      throw RequestError(
          Complaint{"--" + row.name, "--distance " + spec.name, "a learned distance beside it"});
    for (const auto& [known, value] : spec.options)
      if (known == key)
        throw RequestError(Complaint{"--" + row.name, fmt::format("{}={} in --distance, too", key, value),
                                     "one of the two"});
    std::string value = row.fallback;
    std::replace(value.begin(), value.end(), ',', '+');  // of layers in words
    spec.options.emplace_back(key, value);
  }
  return spec;
}

}  // namespace pushforward
