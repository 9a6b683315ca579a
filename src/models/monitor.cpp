// SPDX-License-Identifier: Apache-2.0
// Distances to held-out points, and what they warn of.
#include "models/monitor.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pushforward/distance_names.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

constexpr double kCollapsed = 0.05;  // of the data's variety
constexpr double kPerfect = 0.999;   // of a discriminator's accuracy, over an epoch

// Σ ‖x_i − x_{i+1}‖.
double spread(View<const float> points) {
  double sum = 0;
  for (std::size_t i = 0; i + 1 < points.rows; ++i) {
    double square = 0;
    for (std::size_t k = 0; k < points.cols; ++k) {
      const double step = static_cast<double>(points(i, k)) - static_cast<double>(points(i + 1, k));
      square += step * step;
    }
    sum += std::sqrt(square);
  }
  return sum;
}

const double* find_part(const Losses& losses, std::string_view name) {
  for (std::size_t i = 0; i < losses.count; ++i)
    if (losses.parts[i].name == name) return &losses.parts[i].value;
  return nullptr;
}

}  // namespace

Monitor::Monitor(const MonitorOptions& options) {
  const std::vector<Spec>& specs = options.distances;
  std::vector<std::string> names;
  for (const Spec& spec : specs) {
    if (facts_of(spec).learned)
      throw RequestError(Complaint{"--monitor", spec.text(), "distances that need no training"});
    const bool twice = std::count_if(specs.begin(), specs.end(),
                                     [&](const Spec& other) { return other.name == spec.name; }) > 1;
    names.push_back(twice ? spec.text() : spec.name);
    watched_.push_back({names.back(), make_distance(spec)});
  }
  if (watched_.size() > 8)
    throw RequestError(Complaint{"--monitor", fmt::format("{} distances", watched_.size()), "at most 8"});
  watch_ = options.watch;
  if (watch_.empty() || std::find(names.begin(), names.end(), watch_) != names.end()) return;
  throw RequestError(
      Complaint{"--watch", watch_, fmt::format("one of --monitor: {}", fmt::join(names, ", "))});
}

// One that the rows do not allow (MMD of a single one) must not end a training: it is left out from then on,
// unless
// --watch waits for it.
void Monitor::measure_one(std::size_t at, View<const float> generated, View<const float> held_out,
                          Losses& out) {
  Watched& watched = watched_[at];
  try {
    if (!frozen_) watched.distance->freeze({held_out}, {held_out});
    const Reading reading = watched.distance->measure({held_out}, {generated});  // D(data‖generated)
    if (reading.value) out.add(watched.name, *reading.value);
  } catch (const RequestError& problem) {
    if (watched.name == watch_) throw;
    left_out_ += fmt::format("{}--monitor {} is left out: {}", left_out_.empty() ? "" : "; ", watched.name,
                             problem.what());
    watched_.erase(watched_.begin() + static_cast<std::ptrdiff_t>(at));
  }
}

Losses Monitor::measure(View<const float> generated, View<const float> held_out) {
  Losses out;
  const auto finite = [](float v) { return std::isfinite(v); };
  if (!std::all_of(generated.data, generated.data + generated.size(), finite)) return out;
  for (std::size_t i = 0; i < watched_.size();) {
    const std::size_t before = watched_.size();
    measure_one(i, generated, held_out, out);
    if (watched_.size() == before) ++i;
  }
  frozen_ = true;
  if (const double data = spread(held_out); data > 0 && any()) out.add("variety", spread(generated) / data);
  return out;
}

std::string Monitor::warning(const Losses& seen) const {
  const std::string text = generator_warning(seen);
  return text.empty() ? left_out_ : text;
}

namespace {

OptionKind<std::vector<Spec>> specs_or_none() {
  return {.read = [](const OptionText& text) -> std::vector<Spec> {
            if (text.text.empty() || text.text == "none") return {};
            return parse_distances(text.text, text.where);
          },
          .text = [](const std::vector<Spec>& specs, char) -> std::string {
            std::vector<std::string> texts;
            for (const Spec& spec : specs) texts.push_back(spec.text());
            return texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, ","));
          }};
}

}  // namespace

const OptionTable<MonitorOptions>& option_table(const MonitorOptions&) {
  using O = MonitorOptions;
  static const auto table =
      OptionTable<O>("monitor")
          .add("monitor", &O::distances,
               "distances to held-out points (training points without --validation) that are measured while "
               "training, 500 against 500, in the units of the network (standardised, where the data are); "
               "none = none",
               specs_or_none())
          .add("monitor-every", &O::every, "steps between them", count_of())
          .add("watch", &O::watch,
               "one of --monitor: it, and not the loss, decides which weights are best and when --patience "
               "ends",
               any_text());
  return table;
}

std::string generator_warning(const Losses& seen) {
  if (const double* accuracy = find_part(seen, "accuracy"); accuracy && *accuracy >= kPerfect)
    return "critic: it told all real points from all generated ones for a whole epoch, so the generator "
           "learns "
           "little from it; lower --critic-rate, or add --instance-noise 0.1";
  if (const double* variety = find_part(seen, "variety"); variety && *variety < kCollapsed)
    return "generator: its points lie close together, under a twentieth of the data's spread (collapse); try "
           "a "
           "lower --rate, --pack 2 with a critic, or a distance like sinkhorn";
  return {};
}

}  // namespace pushforward
