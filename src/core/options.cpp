// SPDX-License-Identifier: Apache-2.0
// Options as texts: setting, looking up, and checking values when they are read.
#include "pushforward/options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

std::string flag_name(std::string_view name) { return fmt::format("--{}", name); }

RequestError bad_value(std::string_view name, std::string_view got, std::string wanted) {
  return RequestError(Complaint{flag_name(name), fmt::format("'{}'", got), std::move(wanted)});
}

}  // namespace

Options::Options(std::vector<OptionRow> rows) {
  for (OptionRow& row : rows) {
    const auto same =
        std::find_if(rows_.begin(), rows_.end(), [&](const auto& r) { return r.name == row.name; });
    if (same == rows_.end())
      rows_.push_back(std::move(row));
    else
      *same = std::move(row);
  }
  for (const OptionRow& row : rows_) values_.push_back(row.fallback);
  given_.assign(rows_.size(), false);
}

std::size_t Options::find(std::string_view name) const {
  const auto row = std::find_if(rows_.begin(), rows_.end(), [&](const auto& r) { return r.name == name; });
  if (row != rows_.end()) return static_cast<std::size_t>(row - rows_.begin());
  std::vector<std::string> valid;
  for (const OptionRow& r : rows_) valid.push_back(r.name);
  throw unknown_word("option", name, valid);
}

bool Options::known(std::string_view name) const {
  return std::any_of(rows_.begin(), rows_.end(), [&](const auto& r) { return r.name == name; });
}

void Options::set(std::string_view name, std::string value) {
  const std::size_t i = find(name);
  values_[i] = std::move(value);
  given_[i] = true;
}

bool Options::given(std::string_view name) const { return given_[find(name)]; }

const std::string& Options::text(std::string_view name) const { return values_[find(name)]; }

std::string Options::word(std::string_view name, std::vector<std::string> valid) const {
  const std::string& value = text(name);
  if (std::find(valid.begin(), valid.end(), value) == valid.end())
    throw unknown_word(flag_name(name), value, valid);
  return value;
}

bool Options::yes(std::string_view name) const {
  const std::string& value = text(name);
  if (value.empty() || value == "no" || value == "false" || value == "0") return false;
  if (value == "yes" || value == "true" || value == "1") return true;
  throw bad_value(name, value, "yes or no");
}

double Options::number(std::string_view name, double low, double high) const {
  const double value = parse_number(text(name), flag_name(name));
  if (!(value >= low && value <= high))
    throw bad_value(name, text(name), fmt::format("a number from {} to {}", low, high));
  return value;
}

long long Options::count(std::string_view name, long long minimum, long long maximum) const {
  const WholeRange range{static_cast<std::uint64_t>(minimum), static_cast<std::uint64_t>(maximum)};
  return static_cast<long long>(whole_number(text(name), flag_name(name), range));
}

std::uint64_t Options::seed(std::string_view name) const {
  return whole_number(text(name), flag_name(name), kSeeds);
}

std::vector<std::size_t> Options::sizes(std::string_view name) const {
  std::vector<std::size_t> sizes;
  if (text(name) == "none") return sizes;
  for (const std::string& piece : split(text(name), ',')) {
    sizes.push_back(whole_number(piece, flag_name(name), {1, kMostUnits}));
  }
  return sizes;
}

Spec Options::spec(std::string_view name) const { return parse_spec(text(name), flag_name(name)); }

}  // namespace pushforward
