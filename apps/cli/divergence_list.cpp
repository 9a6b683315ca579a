// SPDX-License-Identifier: Apache-2.0
// Choosing rows of the registry of divergences, and describing them.
#include "divergence_list.hpp"

#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/synonyms.hpp"
#include "output.hpp"

namespace pushforward::cli {
namespace {

FieldValue as_value(const std::string& text) {
  double number = 0;
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem == std::errc{} && stop == text.data() + text.size()) return number;
  return text;
}

std::string facts_line(const DivergenceFacts& facts) {
  std::vector<std::string> words = {facts.symmetric ? "symmetric" : "not symmetric",
                                    facts.metric ? "a metric" : "not a metric"};
  if (!facts.zero_on_itself) words.push_back("not 0 on itself");
  if (facts.shrinks_by_merging) words.push_back("never grows when cells are pooled");
  if (facts.uses_positions) words.push_back("knows where values lie");
  if (facts.gradient) words.push_back("has a gradient");
  return fmt::format("{}", fmt::join(words, ", "));
}

Json describe(const DivergenceEntry& entry) {
  Json options = Json::object();
  for (const OptionRow& row : entry.options)
    options[row.name] = {{"default", row.fallback}, {"meaning", row.meaning}};
  Json item = {{"metric", entry.name}, {"title", entry.title},   {"formula", entry.formula},
               {"range", entry.range}, {"source", entry.source}, {"unit", divergence_unit(entry, false)}};
  item["symmetric"] = entry.facts.symmetric, item["is_metric"] = entry.facts.metric;
  item["options"] = std::move(options);
  item["synonyms"] = synonyms_of(entry.name);
  return item;
}

void print_entry(const DivergenceEntry& entry) {
  print_line(entry.name + ": " + entry.title);
  print_line("  formula  " + entry.formula);
  print_line("  range    " + entry.range + "; unit: " + divergence_unit(entry, false));
  print_line("  facts    " + facts_line(entry.facts));
  if (const auto others = synonyms_of(entry.name); !others.empty())
    print_line(fmt::format("  called   {}", fmt::join(others, ", ")));
  for (const OptionRow& row : entry.options)
    print_line(fmt::format("  option   {}={}: {}", row.name, row.fallback, row.meaning));
  if (!entry.examples.empty()) {
    const DivergenceExample& e = entry.examples.front();
    print_line(fmt::format("  example  P = ({}), Q = ({}){}{}: {} = {}", fmt::join(e.p, ", "),
                           fmt::join(e.q, ", "), e.options.empty() ? "" : ", ", e.options,
                           short_number(e.value), e.by_hand));
  }
  print_line("  source   " + entry.source + "\n");
}

}  // namespace

std::vector<Spec> chosen_divergences(const std::vector<std::string>& metrics) {
  std::vector<Spec> specs;
  for (const std::string& text : metrics)
    for (Spec& spec : parse_divergences(text, "-m")) specs.push_back(std::move(spec));
  if (!specs.empty()) return specs;
  for (const DivergenceEntry& entry : divergences())
    if (entry.by_default) specs.push_back({entry.name});
  return specs;
}

Fields options_used(const DivergenceEntry& entry, const Spec& spec) {
  Fields used;
  for (const OptionRow& row : entry.options) {
    std::string value = row.fallback;
    for (const auto& [key, given] : spec.options)
      if (key == row.name) value = given;
    used.push_back({row.name, ""});
    used.back().value = as_value(value);
  }
  return used;
}

std::string labelled(const DivergenceEntry& entry, const Spec& spec) {
  std::string label = spec.name;
  for (const Field& field : options_used(entry, spec))
    label += (label == spec.name ? ":" : ",") + field.key + "=" + short_text(field.value);
  return label;
}

void list_divergences(const std::vector<std::string>& names, bool json) {
  std::vector<const DivergenceEntry*> chosen;
  for (const std::string& name : names) chosen.push_back(&find_divergence(name));
  for (const DivergenceEntry& entry : divergences())
    if (names.empty()) chosen.push_back(&entry);
  Json list = Json::array();
  for (const DivergenceEntry* entry : chosen) json ? list.push_back(describe(*entry)) : print_entry(*entry);
  if (json) print_json(list);
}

}  // namespace pushforward::cli
