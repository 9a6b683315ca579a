// SPDX-License-Identifier: Apache-2.0
#include "reading.hpp"

#include <chrono>

#include <fmt/format.h>

#include "output.hpp"
#include "progress.hpp"

namespace pushforward::cli {

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

Fields read_distance(const Spec& spec, const Sample& x, const Sample& y, const Common& common) {
  const std::unique_ptr<Distance> distance = make_distance(spec, common.seed);
  ProgressBar bar("fitting " + spec.name, common.quiet);
  watch_fit(*distance, fit_teller(bar));
  const auto start = std::chrono::steady_clock::now();
  const Reading reading = distance->measure(x, y);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return reading_fields(spec.name, reading, x, y, seconds);
}

void print_reading(const Fields& reading) {
  std::string headline;
  const auto text = [&](const char* key) {
    const Field* field = find_field(reading, key);
    return field ? short_text(field->value) : std::string();
  };
  if (find_field(reading, "value")) headline += "  " + text("value");
  if (find_field(reading, "standard_error")) headline += " ± " + text("standard_error");
  if (find_field(reading, "unit")) headline += "  (" + text("unit") + ")";
  print_line(text("metric") + headline);
  const auto told = {"metric", "value", "standard_error", "unit",      "n",
                     "m",      "d",     "seconds",        "estimator", "options"};
  print_line("    " + text("estimator"));
  for (const Field& field : reading)
    if (std::find(told.begin(), told.end(), field.key) == told.end())
      print_line(fmt::format("    {}: {}", field.key, short_text(field.value)));
  if (const std::string options = text("options"); !options.empty()) print_line("    with " + options);
  print_line(fmt::format("    n {}, m {}, d {}, {} s", text("n"), text("m"), text("d"), text("seconds")));
}

}  // namespace pushforward::cli
