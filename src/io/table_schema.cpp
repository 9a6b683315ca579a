// SPDX-License-Identifier: Apache-2.0
// Schemas as TOML. Writing is by hand, with only what differs from the default; reading is toml++'s.
#include "pushforward/table.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "io/bytes.hpp"
#include "io/cells.hpp"
#include "io/toml_depth.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::string_view kKinds[] = {"number", "whole", "truth", "category", "date", "key"};
constexpr std::size_t kMostColumns = 100'000;
constexpr std::size_t kLongest = 16 << 20;  // of such a text: toml++ takes some fifty times as much memory

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    else
      out += c;
  }
  out += '"';
  return out;
}

std::string list_of(const std::vector<std::string>& words) {
  std::string out = "[";
  for (const std::string& word : words) {
    if (out.size() > 1) out += ", ";
    out += quoted(word);
  }
  out += ']';
  return out;
}

std::string number_line(std::string_view key, double value) {
  if (!std::isfinite(value)) return "";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return fmt::format("{} = {}\n", key, text);
}

std::string column_text(const TableColumn& column) {
  std::string out =
      fmt::format("\n[[column]]\nname = {}\nkind = \"{}\"\n", quoted(column.name), kind_name(column.kind));
  const auto word = [&](std::string_view key, const std::string& text) {
    if (!text.empty()) out += fmt::format("{} = {}\n", key, quoted(text));
  };
  if (!column.categories.empty()) out += fmt::format("categories = {}\n", list_of(column.categories));
  word("other", column.other);
  if (column.numeric() && column.decimals >= 0) out += fmt::format("decimals = {}\n", column.decimals);
  if (column.form.decimal != '.') word("decimal", std::string(1, column.form.decimal));
  if (column.form.thousands != 0) word("thousands", std::string(1, column.form.thousands));
  word("prefix", column.form.prefix), word("suffix", column.form.suffix), word("date", column.date_form);
  out += number_line("low", column.low) + number_line("high", column.high);
  if (column.missing) out += fmt::format("missing = {}\n", quoted(column.missing_text));
  if (column.counts) out += fmt::format("counts_from = {:.0f}\n", column.first);
  return out;
}

// Reads keys of one [[column]] and refuses what it does not know.
class ColumnNode {
 public:
  ColumnNode(const toml::table& table, std::size_t place, const std::string& where) : table_(table) {
    name_ = table["name"].value_or(std::string());
    where_ = fmt::format("{}: column {} {}", where, place + 1, io::in_quotes(name_));
  }

  TableColumn read() {
    check_keys();
    TableColumn column;
    column.name = text("name"), column.kind = kind();
    column.categories = words("categories"), column.other = text("other");
    column.decimals = static_cast<int>(whole("decimals", -1, -1, io::kMostDecimals));
    column.form = {sign("decimal", '.'), sign("thousands", 0), text("prefix"), text("suffix")};
    column.date_form = text("date");
    column.low = number("low", column.low), column.high = number("high", column.high);
    column.missing = table_.contains("missing"), column.missing_text = text("missing");
    column.counts = table_.contains("counts_from");
    column.first = static_cast<double>(whole("counts_from", 0, -(1LL << 53), 1LL << 53));
    check(column);
    return column;
  }

 private:
  [[noreturn]] void refuse(std::string got, std::string wanted) const {
    throw RequestError(Complaint{where_, std::move(got), std::move(wanted)});
  }

  void check_keys() const {
    static const std::vector<std::string> known = {
        "name",   "kind",   "categories", "other", "decimals", "decimal", "thousands",
        "prefix", "suffix", "date",       "low",   "high",     "missing", "counts_from"};
    for (const auto& [key, node] : table_)
      if (std::find(known.begin(), known.end(), key.str()) == known.end())
        throw unknown_word(where_, key.str(), known);
  }

  ColumnKind kind() const {
    const std::string word = text("kind");
    static const std::vector<std::string> valid(std::begin(kKinds), std::end(kKinds));
    const auto found = std::find(valid.begin(), valid.end(), word);
    if (found == valid.end()) throw unknown_word(where_ + ": kind", word, valid);
    return static_cast<ColumnKind>(found - valid.begin());
  }

  void check(const TableColumn& column) const {
    const bool words = column.kind == ColumnKind::category;
    if (words && column.categories.empty()) refuse("no categories", "a list of one or more");
    if (column.kind == ColumnKind::truth && column.categories.size() != 2)
      refuse("no categories", "how false and true are written: categories = [\"False\", \"True\"]");
    if (column.kind == ColumnKind::date && column.date_form.empty())
      refuse("no date", "how its cells are written: date = \"YYYY-MM-DD\"");
    std::vector<std::string> sorted = column.categories;
    std::sort(sorted.begin(), sorted.end());
    const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
    if (twice != sorted.end()) refuse(fmt::format("{} twice", io::in_quotes(*twice)), "every category once");
    const bool known = std::binary_search(sorted.begin(), sorted.end(), column.other);
    if (!column.other.empty() && !known)
      refuse(fmt::format("other = {}", io::in_quotes(column.other)), "one of its categories");
    if (!(column.low <= column.high))
      refuse(fmt::format("low {} above high {}", column.low, column.high), "low ≤ high");
    if (column.form.thousands != 0 && column.form.thousands == column.form.decimal)
      refuse("the same sign for decimals and thousands", "two");
  }

  std::string text(std::string_view key) const {
    if (!table_.contains(key)) return "";
    const auto value = table_[key].value<std::string>();
    if (!table_[key].is_string() || !value) refuse(fmt::format("{} is no text", key), "a text in quotes");
    return *value;
  }
  char sign(std::string_view key, char fallback) const {
    const std::string word = text(key);
    if (word.empty()) return fallback;
    if (word.size() != 1) refuse(fmt::format("{} = {}", key, io::in_quotes(word)), "one character");
    return word[0];
  }
  double number(std::string_view key, double fallback) const {
    if (!table_.contains(key)) return fallback;
    const auto value = table_[key].value<double>();
    if (!value || !std::isfinite(*value)) refuse(fmt::format("{} is no number", key), "a finite number");
    return *value;
  }
  long long whole(std::string_view key, long long fallback, long long least, long long most) const {
    if (!table_.contains(key)) return fallback;
    const auto value = table_[key].value<std::int64_t>();
    if (!value || *value < least || *value > most)
      refuse(fmt::format("{} out of range", key), fmt::format("a whole number from {} to {}", least, most));
    return *value;
  }
  std::vector<std::string> words(std::string_view key) const {
    std::vector<std::string> out;
    const toml::array* list = table_[key].as_array();
    if (!list && table_.contains(key)) refuse(fmt::format("{} is no list", key), "a list of texts");
    for (std::size_t i = 0; list && i < list->size(); ++i) {
      const auto* word = list->get(i)->as_string();
      if (!word) refuse(fmt::format("{} holds what is no text", key), "texts in quotes");
      out.push_back(word->get());
    }
    return out;
  }

  const toml::table& table_;
  std::string name_, where_;
};

}  // namespace

bool TableSchema::plain() const {
  return std::all_of(columns.begin(), columns.end(), [](const TableColumn& column) {
    return column.kind == ColumnKind::key || (column.numeric() && !column.missing);
  });
}

std::size_t TableSchema::find(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const TableColumn& column) { return column.name == name; });
  return static_cast<std::size_t>(found - columns.begin());
}

std::string_view kind_name(ColumnKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string schema_text(const TableSchema& schema) {
  std::string out = "# The columns of a table; pushforward … --schema FILE takes it, edited or not.\n";
  out += fmt::format("separator = {}\n", quoted(std::string(1, schema.separator)));
  for (const TableColumn& column : schema.columns) out += column_text(column);
  return out;
}

TableSchema parse_schema(std::string_view text, const std::string& where) {
  io::check_toml(text, where, kLongest);
  toml::table table;
  try {
    table = toml::parse(text, where);
  } catch (const toml::parse_error& problem) {
    throw RequestError(Complaint{fmt::format("{}: line {}", where, problem.source().begin.line),
                                 std::string(problem.description()), "a schema in TOML"});
  }
  const std::vector<std::string> known = {"separator", "column"};
  for (const auto& [key, node] : table)
    if (std::find(known.begin(), known.end(), key.str()) == known.end())
      throw unknown_word(where, key.str(), known);
  TableSchema schema;
  const std::string separator = table["separator"].value_or(std::string(","));
  if (separator.size() != 1)
    throw RequestError(
        Complaint{fmt::format("{}: separator", where), io::in_quotes(separator), "one character"});
  schema.separator = separator[0];
  const toml::array* columns = table["column"].as_array();
  if (columns != nullptr && columns->size() > kMostColumns)
    throw RequestError(Complaint{where, fmt::format("{} columns", columns->size()),
                                 fmt::format("at most {}", kMostColumns)});
  if (columns == nullptr || columns->empty())
    throw RequestError(Complaint{where, "no [[column]]", "one for each column of the table",
                                 "pushforward data show TABLE --schema-to FILE.toml writes one"});
  std::unordered_set<std::string> names;
  for (std::size_t i = 0; i < columns->size(); ++i) {
    const toml::table* column = columns->get(i)->as_table();
    if (column == nullptr) throw RequestError(Complaint{where, "a column that is no table", "[[column]]"});
    schema.columns.push_back(ColumnNode(*column, i, where).read());
    const std::string& name = schema.columns.back().name;
    if (!name.empty() && !names.insert(name).second)
      throw RequestError(
          Complaint{where, fmt::format("two columns {}", io::in_quotes(name)), "names that differ"});
  }
  return schema;
}

TableSchema read_schema(const std::string& path) {
  return parse_schema(io::text_of(io::read_file(path)), path);
}

}  // namespace pushforward
