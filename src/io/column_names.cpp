// SPDX-License-Identifier: Apache-2.0
#include "io/column_names.hpp"

#include <charconv>

#include <fmt/format.h>

#include "io/cells.hpp"

namespace pushforward::io {

ColumnNames::ColumnNames(const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) names_.emplace_back(trimmed(cell));
  make_unique();
  for (std::size_t c = 0; c < names_.size(); ++c) first_.emplace(names_[c], c);
}

// The last number of a name is kept, since a hostile file repeats one often.
void ColumnNames::make_unique() {
  std::unordered_map<std::string, std::size_t> last;
  for (std::string& name : names_) {
    if (name.empty() || last.emplace(name, 0).second) continue;
    std::size_t& i = last[name];  // stays where it is when others are added
    const std::string first = name;
    do name = fmt::format("{}.{}", first, ++i);
    while (!last.emplace(name, 0).second);
  }
}

std::size_t ColumnNames::find(std::string_view word, std::size_t width) const {
  if (const auto named = first_.find(std::string(word)); named != first_.end()) return named->second;
  std::size_t place = 0;
  const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), place);
  const bool counted = problem == std::errc{} && end == word.data() + word.size();
  return counted && place >= 1 && place <= width ? place - 1 : kNone;
}

std::vector<std::size_t> ColumnNames::places(const TableSchema& schema, const std::vector<bool>& read) const {
  std::unordered_map<std::string_view, std::vector<std::size_t>> known;
  std::unordered_map<std::string_view, std::size_t> here, passed;
  for (std::size_t s = 0; s < schema.columns.size(); ++s) known[schema.columns[s].name].push_back(s);
  for (const std::string& name : names_) ++here[name];
  std::vector<std::size_t> out(names_.size(), kNone);
  for (std::size_t c = 0; c < names_.size(); ++c) {
    const auto found = known.find(names_[c]);
    if (found == known.end()) continue;
    const std::vector<std::size_t>& same = found->second;
    if (!read[c] && here[names_[c]] != same.size()) continue;
    if (const std::size_t k = passed[names_[c]]++; k < same.size()) out[c] = same[k];
  }
  return out;
}

}  // namespace pushforward::io
