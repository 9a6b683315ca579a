// SPDX-License-Identifier: Apache-2.0
#include "train/data_defaults.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "train/plan.hpp"

namespace pushforward {
namespace {

constexpr std::uint64_t kFewSteps = 3000, kManySteps = 30000;
constexpr std::uint64_t kFewRows = 192000;  // in all, of convolutions, whose batches are small
constexpr std::uint64_t kMonitors = 10, kMonitorEvery = 500, kCheckpoints = 30;
constexpr std::size_t kTiny = 1000, kMostHeldOut = 1000;
constexpr std::size_t kLookedAt = 512;  // rows of pictures
constexpr double kFar = 10;             // networks begin with weights for numbers about 1
constexpr std::size_t kSmallest = 8;    // of a picture that a code is read from
constexpr std::size_t kLeastChannels = 32, kMostChannels = 256;

// Of values in 0…1: more than half lie within a sixteenth of 0 or 1, as those of digits do.
bool black_and_white(const Dataset& training) {
  const Tensor rows = training.spaced(0, kLookedAt);
  std::size_t extreme = 0;
  for (const float v : rows.span()) {
    if (v < 0 || v > 1) return false;
    extreme += v < 0.0625f || v > 0.9375f ? 1 : 0;
  }
  return 2 * extreme > rows.size();
}

// As the pictures of class folders are: the last rows are of one class.
bool in_order_of_labels(const Dataset& training) {
  const std::vector<std::int32_t>& labels = training.labels;
  return !labels.empty() && labels.front() != labels.back() && std::ranges::is_sorted(labels);
}

bool large(const RowShape& shape) {
  const std::size_t side = std::min(shape.height, shape.width);
  return side >= 32 || (shape.channels > 1 && side >= 16);
}

// "conv 32 4x4/2, relu, conv 64 4x4/2, relu, …"
std::string halving(const RowShape& shape, const std::string& activation) {
  std::vector<std::string> layers;
  std::size_t side = std::min(shape.height, shape.width), channels = kLeastChannels;
  for (; side >= 2 * kSmallest; side /= 2, channels = std::min(2 * channels, kMostChannels))
    layers.push_back(fmt::format("conv {} 4x4/2, {}", channels, activation));
  return fmt::format("{}", fmt::join(layers, ", "));
}

void unless_given(Options& options, std::string_view name, std::string value) {
  if (is_left_open(options, name)) options.set(name, std::move(value));
}

// Networks that give rows back; those with tied weights are dense.
bool reads_and_writes(const Options& options) {
  return options.known("likelihood") || (options.known("tied") && !options.yes("tied"));
}

bool halves(const Options& options) {
  return options.known("network") && options.text("network").starts_with("conv ");
}

}  // namespace

bool is_left_open(const Options& options, std::string_view name) {
  return options.known(name) && !options.given(name);
}

void propose_for_pictures(Options& options, const Dataset& training) {
  if (!training.shape.image || !reads_and_writes(options) || standardizes(options, training)) return;
  const bool drawn = black_and_white(training);
  const bool binary = options.known("binarize") && options.yes("binarize");
  // Slices of a batch have no mean squared error in common.
  const bool sliced = options.known("slices") && options.text("slices") != "1";
  if (!drawn && !binary)
    unless_given(options, "likelihood", sliced ? "gaussian:learned" : "gaussian:optimal");
  if (drawn || !large(training.shape) || !is_left_open(options, "network") ||
      !is_left_open(options, "hidden"))
    return;
  options.set("network", halving(training.shape, options.text("activation")));
  unless_given(options, "batch", "32");
  unless_given(options, "schedule", "cosine");
  if (options.known("likelihood")) unless_given(options, "latent", "128");
}

void propose_for_numbers(Options& options, const Dataset& training) {
  const bool binary = options.known("binarize") && options.yes("binarize");
  if (training.table || binary || !is_left_open(options, "likelihood")) return;
  const auto [low, high] = training.range();
  if (standardizes(options, training) || low < 0 || high > 1) options.set("likelihood", "gaussian:learned");
  if (!training.shape.image && std::max(-low, high) > kFar) unless_given(options, "standardize", "yes");
}

void settle_length(Options& options, std::size_t rows) {
  if (!options.known("epochs") || options.given("epochs") || options.given("steps")) return;
  const std::uint64_t batch = std::max<std::uint64_t>(
      1, std::min<std::uint64_t>(static_cast<std::uint64_t>(options.count("batch", 1)), rows));
  const std::uint64_t an_epoch = (rows + batch - 1) / batch;
  const auto passes = static_cast<std::uint64_t>(options.count("epochs", 0));
  const std::uint64_t few = halves(options) ? std::max(kFewSteps, kFewRows / batch) : kFewSteps;
  const std::uint64_t steps = std::clamp(passes * an_epoch, few, std::max(few, kManySteps));
  options.set_count("epochs", std::max<std::uint64_t>(1, (steps + an_epoch / 2) / an_epoch));
  if (is_left_open(options, "monitor-every"))
    options.set_count("monitor-every",
                      std::max<std::uint64_t>(1, std::min(kMonitorEvery, steps / kMonitors)));
  // An epoch of few rows is a step, whose weights take longer to write than to learn.
  if (an_epoch < steps / kCheckpoints && is_left_open(options, "checkpoint-every"))
    options.set_count("checkpoint-every", steps / kCheckpoints);
}

void settle_validation(Options& options, const Dataset& training) {
  const std::size_t rows = training.rows();
  if (!is_left_open(options, "validation") || rows < kTiny || !(training.table || training.shape.image) ||
      in_order_of_labels(training))
    return;
  const double share = std::min(0.1, static_cast<double>(kMostHeldOut) / static_cast<double>(rows));
  options.set("validation", fmt::format("{:.4g}", share));
}

}  // namespace pushforward
