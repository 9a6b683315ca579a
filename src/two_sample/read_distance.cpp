// SPDX-License-Identifier: Apache-2.0
#include "pushforward/read_distance.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace pushforward {

Fields reading_fields(const std::string& metric, const Reading& reading, const Sample& x, const Sample& y,
                      double seconds) {
  Fields fields = {{"metric", metric}, {"estimator", reading.estimator}};
  if (reading.value) fields.emplace_back("value", *reading.value);
  if (reading.standard_error) fields.emplace_back("standard_error", *reading.standard_error);
  if (!reading.unit.empty()) fields.emplace_back("unit", reading.unit);
  fields.emplace_back("n", x.n());
  fields.emplace_back("m", y.n());
  fields.emplace_back("d", x.d());
  fields.emplace_back("seconds", seconds);
  fields.insert(fields.end(), reading.extra.begin(), reading.extra.end());
  fields.emplace_back("options", reading.options);
  return fields;
}

Fields read_distance(const Spec& spec, const Sample& x, const Sample& y, std::uint64_t seed,
                     const OnFit& tell) {
  const std::unique_ptr<Distance> distance = make_distance(spec, seed);
  if (tell) watch_fit(*distance, tell);
  const auto start = std::chrono::steady_clock::now();
  const Reading reading = distance->measure(x, y);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return reading_fields(spec.name, reading, x, y, seconds);
}

void check_distances(std::span<const Spec> specs, const Sample& x, const Sample& y) {
  for (const Spec& spec : specs) {
    make_distance(spec);
    check_samples(spec.name, x, y, facts_of(spec));
  }
}

void add_floor(Fields& reading, const Floor& floor) {
  const double value = std::get<double>(find_field(reading, "value")->value);
  const Fields parts = {{"value", floor.value}, {"splits", floor.splits}, {"rows", floor.rows}};
  const auto at =
      std::find_if(reading.begin(), reading.end(), [](const Field& f) { return f.key == "options"; });
  const auto floor_at = reading.insert(at, {"floor", parts});
  if (floor.value > 0 && std::isfinite(value))
    reading.insert(floor_at + 1, {"times_floor", value / floor.value});
}

}  // namespace pushforward
