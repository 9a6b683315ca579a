// SPDX-License-Identifier: Apache-2.0
// distance --list: the registry's rows as cards for a person, or as JSON (from which docs/distances.md is
// checked).
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/synonyms.hpp"
#include "output.hpp"
#include "samples.hpp"

namespace pushforward::cli {
namespace {

Fields facts_fields(const Facts& facts) {
  Fields fields{{"symmetric", facts.symmetric},
                {"metric", facts.metric},
                {"non_negative", facts.non_negative},
                {"zero_on_itself", facts.zero_on_itself},
                {"weighted", facts.weighted},
                {"gradient_points", facts.gradient_points},
                {"gradient_weights", facts.gradient_weights},
                {"learned", facts.learned},
                {"randomised", facts.randomised},
                {"witness", facts.witness},
                {"smallest_n", facts.smallest_n}};
  if (facts.largest_d > 0) fields.emplace_back("largest_d", facts.largest_d);
  return fields;
}

// Facts as words: "symmetric, at least 0, gradient in points; n at least 2".
std::string facts_text(const Facts& facts) {
  std::vector<std::string> words;
  const auto say = [&](bool fact, std::string yes) {
    if (fact) words.push_back(std::move(yes));
  };
  say(facts.symmetric, "symmetric");
  say(!facts.symmetric, "not symmetric: X is p, the data, and Y is q, what is compared or generated");
  say(facts.metric, "obeys the triangle inequality");
  say(facts.non_negative, "never negative"), say(facts.zero_on_itself, "0 on itself");
  say(facts.weighted, "takes weights");
  say(facts.gradient_points, "gradient in points"), say(facts.gradient_weights, "gradient in weights");
  say(facts.learned, "learned"), say(facts.randomised, "depends on the seed");
  say(facts.witness, "has a witness");
  say(facts.smallest_n > 1, fmt::format("n at least {}", facts.smallest_n));
  say(facts.largest_d > 0, fmt::format("d at most {}", facts.largest_d));
  return fmt::format("{}", fmt::join(words, ", "));
}

Json example_json(const DistanceExample& example) {
  Json object{{"options", example.options}, {"d", example.d}, {"x", example.x}, {"y", example.y}};
  if (!example.x_weights.empty()) object["x_weights"] = example.x_weights;
  if (!example.y_weights.empty()) object["y_weights"] = example.y_weights;
  object["value"] = json_number(example.value), object["by_hand"] = example.by_hand;
  return object;
}

Json entry_json(const DistanceEntry& entry) {
  Json options = Json::array(), examples = Json::array();
  for (const OptionRow& row : entry.options)
    options.push_back({{"name", row.name}, {"default", row.fallback}, {"meaning", row.meaning}});
  for (const DistanceExample& example : entry.examples) examples.push_back(example_json(example));
  return {{"name", entry.name},
          {"title", entry.title},
          {"formula", entry.formula},
          {"source", entry.source},
          {"synonyms", synonyms_of(entry.name)},
          {"facts", to_json(facts_fields(entry.facts))},
          {"options", options},
          {"examples", examples}};
}

std::string points_text(const std::vector<double>& values, std::size_t d,
                        const std::vector<double>& weights) {
  std::vector<std::string> points;
  for (std::size_t i = 0; i + d <= values.size(); i += d) {
    std::vector<std::string> coordinates;
    for (std::size_t k = 0; k < d; ++k) coordinates.push_back(short_number(values[i + k]));
    std::string point = d == 1 ? coordinates[0] : fmt::format("({})", fmt::join(coordinates, ","));
    if (!weights.empty()) point = short_number(weights[i / d]) + "·" + point;
    points.push_back(std::move(point));
  }
  return fmt::format("{{{}}}", fmt::join(points, ", "));
}

std::string example_text(const std::string& name, const DistanceExample& example) {
  return fmt::format("{}{}{} of {} and {} is {}: {}", name, example.options.empty() ? "" : ":",
                     example.options, points_text(example.x, example.d, example.x_weights),
                     points_text(example.y, example.d, example.y_weights), short_number(example.value),
                     example.by_hand);
}

void print_card(const DistanceEntry& entry) {
  Fields lines{{entry.name, entry.title}, {"  formula", entry.formula}, {"  facts", facts_text(entry.facts)}};
  if (const auto others = synonyms_of(entry.name); !others.empty())
    lines.emplace_back("  called", fmt::format("{}", fmt::join(others, ", ")));
  for (const OptionRow& row : entry.options)
    lines.emplace_back("  option", fmt::format("{}={}  {}", row.name, row.fallback, row.meaning));
  lines.emplace_back("  source", entry.source);
  for (const DistanceExample& example : entry.examples)
    lines.emplace_back("  example", example_text(entry.name, example));
  print_fields(lines);
}

}  // namespace

void list_distances(const std::vector<std::string>& names, bool json) {
  std::vector<const DistanceEntry*> entries;
  for (const std::string& name : names) entries.push_back(&find_distance(name));
  if (names.empty())
    for (const DistanceEntry& entry : distances()) entries.push_back(&entry);
  Json all = Json::array();
  for (const DistanceEntry* entry : entries) {
    if (json) all.push_back(entry_json(*entry));
    if (!json && entry != entries.front()) print_line("");
    if (!json) print_card(*entry);
  }
  if (json) print_json(all);
}

std::vector<std::string> distances_that(const std::function<bool(const Facts&)>& fits) {
  std::vector<std::string> names;
  for (const DistanceEntry& entry : distances())
    if (fits(entry.facts)) names.push_back(entry.name);
  return names;
}

std::vector<std::string> distances_with_gradient() {
  return distances_that([](const Facts& facts) { return facts.learned || facts.gradient_points; });
}

}  // namespace pushforward::cli
