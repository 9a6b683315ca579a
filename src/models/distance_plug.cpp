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
#include "models/evaluation.hpp"
#include "pushforward/error.hpp"

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

CriticTraining read_critic_training(const Options& options, bool learned) {
  CriticTraining out;
  if (!learned)
    for (const OptionRow& row : critic_training_options())
      if (options.has(row.name))
        throw RequestError(Complaint{"--" + row.name, "a distance that is not learned",
                                     "a learned one beside it", "for example --distance w1-critic"});
  if (options.has("critic-steps"))
    out.steps = static_cast<std::size_t>(options.count("critic-steps", 1, kMostRepeats));
  if (options.has("critic-rate")) out.rate = options.number("critic-rate", 0, 1e30);
  if (options.has("critic-optimizer")) out.optimizer = options.spec("critic-optimizer");
  return out;
}

std::vector<OptionRow> critic_training_options() {
  return {
      {"critic-steps", "", "updates of a learned distance before each of the model (default: 1)"},
      {"critic-rate", "", "its learning rate (default: --rate)"},
      {"critic-optimizer", "", "its optimiser (default: --optimizer)"},
  };
}

void settle_critic(Options& options) {
  const Spec distance = options.spec("distance");
  const bool sized = std::any_of(distance.options.begin(), distance.options.end(),
                                 [](const auto& option) { return option.first == "hidden"; });
  const bool convolutional = options.known("critic-network") && options.has("critic-network") &&
                             options.text("critic-network") != "mlp";
  if (facts_of(Spec{distance.name}).learned && !sized && !options.has("critic-hidden"))
    options.set("critic-hidden", convolutional ? "none" : "512,512");
}

std::vector<OptionRow> critic_options() {
  return {
      {"critic-hidden", "",
       "of a learned distance: sizes of its hidden layers, from data to answer (default: 512,512, or none "
       "behind another --critic-network)"},
      {"critic-network", "", "its network: mlp, conv, dcgan, resnet or layers (default: as --network)"},
      {"critic-activation", "", "of its hidden layers"},
      {"instance-noise", "", "sd of noise on what it sees while training, real and generated alike"},
      {"label-smoothing", "", "share by which a discriminator's target for real points is below 1"},
  };
}

Spec plugged_spec(const Options& options) {
  Spec spec = options.spec("distance");
  const bool learned = facts_of(Spec{spec.name}).learned;
  for (const OptionRow& row : critic_options()) {
    if (!options.known(row.name) || !options.has(row.name)) continue;
    const std::string key = row.name.starts_with("critic-") ? row.name.substr(7) : row.name;
    if (!learned)
      throw RequestError(
          Complaint{"--" + row.name, "--distance " + spec.name, "a learned distance beside it"});
    for (const auto& [known, value] : spec.options)
      if (known == key)
        throw RequestError(Complaint{"--" + row.name, fmt::format("{}={} in --distance, too", key, value),
                                     "one of the two"});
    std::string value = options.text(row.name);
    std::replace(value.begin(), value.end(), ',', '+');
    spec.options.emplace_back(key, value);
  }
  return spec;
}

}  // namespace pushforward
