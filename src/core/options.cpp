// SPDX-License-Identifier: Apache-2.0
// Options as texts: setting, looking up, and checking values when they are read.
#include "pushforward/options.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "core/whole_number.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

std::string flag_name(std::string_view name) { return fmt::format("--{}", name); }

RequestError bad_value(std::string_view name, std::string_view got, std::string wanted) {
  return RequestError(Complaint{flag_name(name), fmt::format("'{}'", got), std::move(wanted)});
}

// What a table made, within bounds.
template <class M>
const M* made(const std::any& value, M low, M high) {
  const M* own = std::any_cast<M>(&value);
  return own != nullptr && *own >= low && *own <= high ? own : nullptr;
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
  for (const OptionRow& row : rows_) texts_.push_back(row.fallback);
  values_.resize(rows_.size());
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

void Options::set(std::string_view name, std::string value) { set(name, std::move(value), {}); }

void Options::set(std::string_view name, std::string text, std::any value) {
  const std::size_t i = find(name);
  texts_[i] = std::move(text), values_[i] = std::move(value);
  given_[i] = true;
}

void Options::set_count(std::string_view name, std::size_t value) {
  set(name, fmt::format("{}", value), value);
}

const std::any& Options::value(std::string_view name) const { return values_[find(name)]; }

bool Options::given(std::string_view name) const { return given_[find(name)]; }

const std::string& Options::text(std::string_view name) const { return texts_[find(name)]; }

bool Options::yes(std::string_view name) const {
  const std::string value = plain_word(text(name));
  if (value.empty() || value == "no" || value == "false" || value == "0") return false;
  if (value == "yes" || value == "true" || value == "1") return true;
  throw bad_value(name, text(name), "yes or no");
}

double Options::number(std::string_view name, double low, double high) const {
  if (const auto* own = made<double>(value(name), low, high)) return *own;
  const double value = parse_number(text(name), flag_name(name));
  if (!(value >= low && value <= high))
    throw bad_value(name, text(name), fmt::format("a number from {} to {}", low, high));
  return value;
}

long long Options::count(std::string_view name, long long minimum, long long maximum) const {
  const WholeRange range{static_cast<std::uint64_t>(minimum), static_cast<std::uint64_t>(maximum)};
  if (const auto* own = made<std::size_t>(value(name), range.least, range.most))
    return static_cast<long long>(*own);
  return static_cast<long long>(whole_number(text(name), flag_name(name), range));
}

std::uint64_t Options::seed(std::string_view name) const {
  if (const auto* own = made<std::uint64_t>(value(name), kSeeds.least, kSeeds.most)) return *own;
  return whole_number(text(name), flag_name(name), kSeeds);
}

}  // namespace pushforward
