// SPDX-License-Identifier: Apache-2.0
// The file's grammar, and PyTorch's words for what a layer keeps.
#include "train/weight_names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "core/whole_number.hpp"
#include "io/bytes.hpp"
#include "io/toml_depth.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::string_view kLeave = "leave";
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kInPyTorch = {
    {{"scale", "weight"}, {"shift", "bias"}, {"running_variance", "running_var"}}};

[[noreturn]] void refuse(const std::string& where, const std::string& got) {
  throw RequestError(Complaint{where, got, "the name of an array, a list of names, or { array = … }",
                               "\"\" leaves a parameter as it was drawn"});
}

std::string text_of(const toml::node& node, const std::string& where) {
  if (const auto* text = node.as_string()) return text->get();
  refuse(where, "what is no text");
}

std::vector<std::string> texts_of(const toml::node& node, const std::string& where) {
  std::vector<std::string> texts;
  if (const toml::array* list = node.as_array())
    for (const toml::node& each : *list) texts.push_back(text_of(each, where));
  else if (const std::string text = text_of(node, where); !text.empty())
    texts.push_back(text);
  return texts;
}

Planes planes_of(const std::string& text, const std::string& where) {
  const std::vector<std::string> parts = split(text, 'x');
  if (parts.size() != 3)
    throw RequestError(Complaint{where, "'" + text + "'", "channels x height x width, as 64x7x7"});
  const auto extent = [&](std::size_t i) {
    return static_cast<std::size_t>(whole_number(parts[i], where, {1, 1'000'000}));
  };
  return {extent(0), extent(1), extent(2)};
}

WeightSource source_of(const toml::node& node, const std::string& where) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return {texts_of(node, where)};
  WeightSource source;
  for (const auto& [key, value] : *table) {
    const std::string place = fmt::format("{}: {}", where, key.str());
    if (key.str() == "array")
      source.arrays = texts_of(value, place);
    else if (key.str() == "inputs")
      source.inputs = planes_of(text_of(value, place), place);
    else if (key.str() == "outputs")
      source.outputs = planes_of(text_of(value, place), place);
    else
      throw unknown_word(where, std::string(key.str()),
                         std::array<std::string, 3>{"array", "inputs", "outputs"});
  }
  return source;
}

toml::table parsed(const std::string& path) {
  const io::Bytes bytes = io::read_file(path);
  io::check_toml(io::text_of(bytes), path);
  try {
    return toml::parse(io::text_of(bytes), path);
  } catch (const toml::parse_error& problem) {
    throw RequestError(Complaint{fmt::format("{}:{}", path, problem.source().begin.line),
                                 std::string(problem.description()), "a TOML file of names"});
  }
}

// A key without quotes, encoder.0.weight, is a table in a table.
void collect(const toml::table& table, const std::string& before, const std::string& path, const auto& take) {
  for (const auto& [key, node] : table) {
    const std::string name = before + std::string(key.str());
    const toml::table* inner = node.as_table();
    if (inner != nullptr && !inner->contains("array"))
      collect(*inner, name + ".", path, take);
    else
      take(name, node);
  }
}

}  // namespace

WeightNames WeightNames::read(const std::string& path) {
  WeightNames names;
  names.path_ = path;
  collect(parsed(path), "", path, [&](const std::string& key, const toml::node& node) {
    const std::string where = fmt::format("{}: {}", path, key);
    if (key == kLeave)
      names.left_ = texts_of(node, where);
    else
      names.entries_.push_back({key, source_of(node, where)});
  });
  return names;
}

// The longest of those that begin it.
const WeightNames::Entry* WeightNames::find(const std::string& parameter) const {
  const Entry* best = nullptr;
  for (const Entry& entry : entries_)
    if (parameter == entry.key || parameter.starts_with(entry.key + "."))
      if (best == nullptr || entry.key.size() > best->key.size()) best = &entry;
  return best;
}

std::vector<std::string> WeightNames::unknown(const std::vector<std::string>& parameters) const {
  std::vector<std::string> keys;
  for (const Entry& entry : entries_)
    if (std::ranges::none_of(parameters, [&](const std::string& name) {
          return name == entry.key || name.starts_with(entry.key + ".");
        }))
      keys.push_back(entry.key);
  return keys;
}

std::string WeightNames::in_pytorch(const std::string& name) {
  const std::size_t dot = name.rfind('.') + 1;
  for (const auto& [ours, theirs] : kInPyTorch)
    if (std::string_view(name).substr(dot) == ours) return name.substr(0, dot) + std::string(theirs);
  return name;
}

}  // namespace pushforward
