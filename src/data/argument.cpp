// SPDX-License-Identifier: Apache-2.0
//
// The grammar of a DATA argument: SOURCE, then "[3,8]" and "@A:B" in any number, applied left to right.
//
// Suffixes are recognised from the right and only where they are complete, so that a path may hold '@' and
// '['; a file or folder that has such an ending itself is taken by its whole name.
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "data/named.hpp"
#include "data/parts.hpp"
#include "io/bytes.hpp"
#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

// A, B or nothing: digits only. False when it is anything else.
bool parse_end(std::string_view text, std::optional<std::size_t>& value) {
  if (text.empty()) return true;
  std::size_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  value = number;
  return problem == std::errc{} && end == text.data() + text.size();
}

// Takes one suffix off the end of `text`, if there is one.
std::optional<Suffix> take_suffix(std::string_view& text) {
  if (text.ends_with(']')) {
    const std::size_t open = text.rfind('[');
    if (open == std::string_view::npos) return std::nullopt;
    OnlyLabels only{split(text.substr(open + 1, text.size() - open - 2), ',')};
    text = text.substr(0, open);
    return only;
  }
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view range = text.substr(at + 1);
  const std::size_t colon = range.find(':');
  OnlyRows only;
  if (colon == std::string_view::npos) return std::nullopt;
  if (!parse_end(range.substr(0, colon), only.begin) || !parse_end(range.substr(colon + 1), only.end)) {
    if (range.find_first_not_of("0123456789:+-") != std::string_view::npos) return std::nullopt;
    throw RequestError(Complaint{"DATA", io::in_quotes(std::string(text.substr(at))),
                                 "@A:B, the rows from A to B-1 counting from 0"});
  }
  text = text.substr(0, at);
  return only;
}

bool exists(std::string_view path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

std::vector<std::string> label_texts(const Dataset& data) {
  if (!data.label_names.empty()) return data.label_names;
  std::vector<std::int32_t> values = data.labels;
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  std::vector<std::string> texts;
  for (std::int32_t value : values) texts.push_back(fmt::format("{}", value));
  return texts;
}

std::vector<std::uint32_t> rows_with(const Dataset& data, const OnlyLabels& only, std::string_view where) {
  if (data.labels.empty())
    throw RequestError(Complaint{std::string(where), "data without labels", "labels to choose by",
                                 "give them with --labels FILE or --label-column NAME"});
  std::vector<std::int32_t> wanted;
  for (const std::string& text : only.labels) wanted.push_back(label_called(data, text, where));
  std::vector<std::uint32_t> rows;
  for (std::size_t i = 0; i < data.labels.size(); ++i)
    if (std::find(wanted.begin(), wanted.end(), data.labels[i]) != wanted.end())
      rows.push_back(static_cast<std::uint32_t>(i));
  return rows;
}

std::vector<std::uint32_t> rows_between(const Dataset& data, const OnlyRows& only, std::string_view where) {
  const std::size_t begin = only.begin.value_or(0), end = only.end.value_or(data.rows());
  if (begin >= end || end > data.rows())
    throw RequestError(Complaint{std::string(where), fmt::format("rows {} to {}", begin, end),
                                 fmt::format("@A:B with A < B and B at most {}", data.rows())});
  std::vector<std::uint32_t> rows(end - begin);
  std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(begin));
  return rows;
}

}  // namespace

std::int32_t label_called(const Dataset& data, const std::string& text, std::string_view where) {
  const std::vector<std::string> valid = label_texts(data);
  const auto found = std::find(valid.begin(), valid.end(), text);
  if (found == valid.end())
    throw RequestError(Complaint{std::string(where), fmt::format("the label {}", io::in_quotes(text)),
                                 fmt::format("one of {}", fmt::join(valid, ", "))});
  if (!data.label_names.empty()) return static_cast<std::int32_t>(found - valid.begin());
  return static_cast<std::int32_t>(parse_count(text, where));
}

Argument parse_argument(std::string_view text) {
  Argument argument;
  while (!exists(text)) {
    const std::optional<Suffix> suffix = take_suffix(text);
    if (!suffix) break;
    argument.suffixes.push_back(*suffix);
  }
  std::reverse(argument.suffixes.begin(), argument.suffixes.end());
  argument.source = exists(text) ? std::string(text) : source_meant(text);
  if (argument.source.empty())
    throw RequestError(Complaint{"DATA", "nothing", "a name, a toy, a file or a folder",
                                 "'pushforward data list' shows the names"});
  return argument;
}

Dataset apply(const Dataset& data, const Suffix& suffix, std::string_view where) {
  if (const auto* labels = std::get_if<OnlyLabels>(&suffix))
    return data.select(rows_with(data, *labels, where));
  return data.select(rows_between(data, std::get<OnlyRows>(suffix), where));
}

}  // namespace pushforward::data
