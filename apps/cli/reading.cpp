// SPDX-License-Identifier: Apache-2.0
#include "reading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "output.hpp"

namespace pushforward::cli {

namespace {

// What the value is worth: halves of one sample differ by the floor.
std::string verdict(const Fields& reading) {
  if (!find_field(reading, "floor")) return "";
  const Field* times = find_field(reading, "times_floor");
  if (!times) return "";
  const double ratio = std::get<double>(times->value);
  if (ratio <= 1) return ": within the floor";
  return ratio < 10 ? fmt::format(": {:.2g} times the floor", ratio)
                    : fmt::format(": {:.0f} times the floor", ratio);
}

void print_floor(const Fields& reading) {
  const Field* floor = find_field(reading, "floor");
  if (!floor) return;
  const auto& parts = std::get<Fields>(floor->value);
  const auto text = [&](const char* key) { return short_text(find_field(parts, key)->value); };
  print_line(fmt::format("    floor {}: between halves of X, {} rows each, {} splits; lower is nearer",
                         text("value"), text("rows"), text("splits")));
}

}  // namespace

void print_reading(const Fields& reading) {
  std::string headline;
  const auto text = [&](const char* key) {
    const Field* field = find_field(reading, key);
    return field ? short_text(field->value) : std::string();
  };
  if (find_field(reading, "value")) headline += "  " + text("value");
  if (find_field(reading, "standard_error")) headline += " ± " + text("standard_error");
  if (find_field(reading, "unit")) headline += "  (" + text("unit") + ")";
  print_line(text("metric") + headline + verdict(reading));
  print_floor(reading);
  const auto told = {"metric", "value",   "standard_error", "unit",    "n",     "m",
                     "d",      "seconds", "estimator",      "options", "floor", "times_floor"};
  print_line("    " + text("estimator"));
  for (const Field& field : reading)
    if (std::find(told.begin(), told.end(), field.key) == told.end())
      print_line(fmt::format("    {}: {}", field.key, short_text(field.value)));
  if (const std::string options = text("options"); !options.empty()) print_line("    with " + options);
  print_line(fmt::format("    n {}, m {}, d {}, {} s", text("n"), text("m"), text("d"), text("seconds")));
}

}  // namespace pushforward::cli
