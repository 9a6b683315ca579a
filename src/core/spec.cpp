// SPDX-License-Identifier: Apache-2.0
// Parsing and checking of SPEC strings; the grammar is in the header.
#include "pushforward/spec.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "core/text.hpp"
#include "core/whole_number.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

void add_option(Spec& spec, std::string_view piece, std::string_view where) {
  piece = without_blanks(piece);
  const std::size_t equals = piece.find('=');
  std::string key(equals == std::string_view::npos ? "" : without_blanks(piece.substr(0, equals)));
  std::string value(equals == std::string_view::npos ? piece : without_blanks(piece.substr(equals + 1)));
  if (value.empty())
    throw RequestError(Complaint{std::string(where), fmt::format("'{}'", piece), "key=value after ':'"});
  for (const auto& [known, unused] : spec.options)
    if (known == key)
      throw RequestError(Complaint{std::string(where), fmt::format("'{}' twice", key), "each key once",
                                   "several values of one key are joined by '+'"});
  spec.options.emplace_back(std::move(key), std::move(value));
}

Spec parse_head(std::string_view piece, std::string_view where) {
  const std::size_t colon = piece.find(':');
  Spec spec{std::string(without_blanks(piece.substr(0, colon)))};
  if (spec.name.empty())
    throw RequestError(Complaint{std::string(where), fmt::format("'{}'", piece), "NAME[:key=value,…]"});
  if (colon != std::string_view::npos) add_option(spec, piece.substr(colon + 1), where);
  return spec;
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces(1);
  for (char c : text) {
    if (c == separator)
      pieces.emplace_back();
    else
      pieces.back() += c;
  }
  return pieces;
}

std::string Spec::text() const {
  std::string out = name;
  char separator = ':';
  for (const auto& [key, value] : options) {
    out += separator + (key.empty() ? value : key + "=" + value);
    separator = ',';
  }
  return out;
}

Spec parse_spec(std::string_view text, std::string_view where) {
  const std::vector<std::string> pieces = split(text, ',');
  Spec spec = parse_head(pieces[0], where);
  for (std::size_t i = 1; i < pieces.size(); ++i) add_option(spec, pieces[i], where);
  return spec;
}

std::vector<Spec> parse_spec_list(std::string_view text, std::string_view where) {
  std::vector<Spec> specs;
  for (const std::string& piece : split(text, ',')) {
    // "a:k=v" begins a SPEC although it holds '='; "k=v" and "k=a:b" belong to the SPEC before.
    const bool continues = !specs.empty() && piece.find('=') < piece.find(':');
    if (continues)
      add_option(specs.back(), piece, where);
    else
      specs.push_back(parse_head(piece, where));
  }
  return specs;
}

double parse_number(std::string_view text, std::string_view where) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end || !std::isfinite(value))
    throw RequestError(Complaint{std::string(where), fmt::format("'{}'", text), "a number"});
  return value;
}

long long parse_count(std::string_view text, std::string_view where) {
  long long value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end)
    throw RequestError(Complaint{std::string(where), fmt::format("'{}'", text), "a whole number"});
  return value;
}

std::string SpecReader::where(std::string_view key) const {
  return key.empty() ? spec_.name : fmt::format("{}:{}", spec_.name, key);
}

const std::string* SpecReader::find(std::string_view key) {
  asked_.emplace_back(key);
  for (std::size_t i = 0; i < spec_.options.size(); ++i)
    if (spec_.options[i].first == key) {
      taken_[i] = true;
      return &spec_.options[i].second;
    }
  return nullptr;
}

bool SpecReader::has(std::string_view key) const {
  return std::any_of(spec_.options.begin(), spec_.options.end(),
                     [&](const auto& o) { return o.first == key; });
}

std::string SpecReader::text(std::string_view key, std::string_view fallback) {
  const std::string* given = find(key);
  return given ? *given : std::string(fallback);
}

std::string SpecReader::word(std::string_view key, std::string_view fallback,
                             std::vector<std::string> valid) {
  return valid[find_word(where(key), text(key, fallback), valid)];
}

bool SpecReader::yes(std::string_view key, bool fallback) {
  const std::string value = word(key, fallback ? "yes" : "no", {"yes", "no", "true", "false", "1", "0"});
  return value == "yes" || value == "true" || value == "1";
}

double SpecReader::number(std::string_view key, double fallback) {
  const std::string* given = find(key);
  return given ? parse_number(*given, where(key)) : fallback;
}

double SpecReader::number(std::string_view key, double fallback, double low, double high) {
  const double value = number(key, fallback);
  if (!(value >= low && value <= high))
    throw RequestError(
        Complaint{where(key), fmt::format("{}", value), fmt::format("a number from {} to {}", low, high)});
  return value;
}

double SpecReader::positive(std::string_view key, double fallback) {
  const double value = number(key, fallback);
  if (!(value > 0)) throw RequestError(Complaint{where(key), fmt::format("{}", value), "a number above 0"});
  return value;
}

long long SpecReader::count(std::string_view key, long long fallback, long long minimum, long long maximum) {
  const std::string* given = find(key);
  const std::string text = given ? *given : fmt::format("{}", fallback);
  const WholeRange range{static_cast<std::uint64_t>(minimum), static_cast<std::uint64_t>(maximum)};
  return static_cast<long long>(whole_number(text, where(key), range));
}

std::uint64_t SpecReader::seed(std::string_view key, std::uint64_t fallback) {
  const std::string* given = find(key);
  return given ? whole_number(*given, where(key), kSeeds) : fallback;
}

std::vector<double> SpecReader::numbers(std::string_view key, std::vector<double> fallback) {
  const std::string* given = find(key);
  if (!given) return fallback;
  std::vector<double> values;
  for (const std::string& piece : split(*given, '+')) values.push_back(parse_number(piece, where(key)));
  return values;
}

void SpecReader::finish() const {
  for (std::size_t i = 0; i < taken_.size(); ++i) {
    if (taken_[i]) continue;
    const auto& [key, value] = spec_.options[i];
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end())
      throw RequestError(Complaint{spec_.name + ":" + key, value + ", a second time", "one value"});
    throw unknown_word(spec_.name + ": option", key.empty() ? value : key, asked_);
  }
}

}  // namespace pushforward
