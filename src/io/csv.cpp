// SPDX-License-Identifier: Apache-2.0
// CSV in one pass: a lexer that hands out a row of cells at a time, and a table built from them.
#include "io/csv.hpp"
#include "io/ending.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <deque>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "io/atomic_file.hpp"

namespace pushforward::io {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// A finite number that is the whole cell.
std::optional<double> number(std::string_view cell) {
  cell = trimmed(cell);
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  double value = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (cell.empty() || end != cell.data() + cell.size()) return std::nullopt;
  // Too small for a double is 0 or subnormal, which strtod gives and from_chars does not.
  if (problem == std::errc::result_out_of_range) value = std::strtod(std::string(cell).c_str(), nullptr);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

class Lexer {
 public:
  Lexer(std::string_view text, char separator, std::string_view where)
      : text_(text), separator_(separator), where_(where) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  // The next row that is not empty; its cells live until the next call. False at the end.
  bool next(std::vector<std::string_view>& cells) {
    cells.clear();
    unescaped_.clear();
    while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) skip_line_end();
    if (at_ == text_.size()) return false;
    row_line_ = line_;
    do cells.push_back(cell());
    while (accept(separator_));
    if (at_ < text_.size()) skip_line_end();
    return true;
  }
  // Where the last row began, from 1.
  std::size_t line() const { return row_line_; }

 private:
  bool at_line_end() const { return text_[at_] == '\n' || text_[at_] == '\r'; }
  void skip_line_end() {
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    ++at_, ++line_;
  }
  bool accept(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    return ++at_, true;
  }
  std::string_view cell() {
    if (accept('"')) return quoted_cell();
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != separator_ && !at_line_end()) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  std::string_view quoted_cell() {
    std::string inside;
    const std::size_t opened = line_;
    for (;;) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) refuse(opened, "a quoted cell without end", "a closing '\"'");
      inside += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (!accept('"')) break;
      inside += '"';
    }
    line_ += static_cast<std::size_t>(std::count(inside.begin(), inside.end(), '\n'));
    if (at_ < text_.size() && text_[at_] != separator_ && !at_line_end())
      refuse(line_, "text after a closing quote", "a separator or the line's end");
    return unescaped_.emplace_back(std::move(inside));
  }
  [[noreturn]] void refuse(std::size_t line, std::string got, std::string wanted) const {
    throw RequestError(
        Complaint{fmt::format("{}: line {}", where_, line), std::move(got), std::move(wanted)});
  }

  std::string_view text_;
  char separator_;
  std::string_view where_;
  std::size_t at_ = 0, line_ = 1, row_line_ = 1;
  std::deque<std::string> unescaped_{};
};

using Cells = std::vector<std::string>;

// Spelt like a number, NaN and infinity too: a broken value must not turn its row into a header.
bool numeric(std::string_view cell) {
  cell = trimmed(cell);
  double value = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return !cell.empty() && end == cell.data() + cell.size();
}

// Columns are called by words, or by numbers as they are counted: "label,0,1,2".
bool may_be_names(const Cells& row) {
  std::set<std::string_view> counted;
  for (const std::string& cell : row) {
    const bool digits = trimmed(cell).find_first_not_of("0123456789") == std::string_view::npos;
    if (numeric(cell) && (!digits || !counted.insert(trimmed(cell)).second)) return false;
  }
  return true;
}

bool is_header(const Cells& first, const Cells* second) {
  bool any_number = false;
  for (std::size_t c = 0; c < first.size(); ++c) {
    any_number |= numeric(first[c]);
    const bool word = !numeric(first[c]) && !trimmed(first[c]).empty();
    if (word && second && c < second->size() && numeric((*second)[c])) return may_be_names(first);
  }
  return !any_number;
}

class TableBuilder {
 public:
  TableBuilder(ByteSpan bytes, char separator, std::string_view label_column, std::string_view where)
      : size_(bytes.size()),
        lexer_(text_of(bytes), separator, where),
        label_column_(label_column),
        where_(where) {}

  Table build() {
    std::vector<std::string_view> cells;
    if (!lexer_.next(cells)) throw RequestError(Complaint{std::string(where_), "no rows", "at least one"});
    const Cells first(cells.begin(), cells.end());
    const std::size_t first_line = lexer_.line();
    width_ = first.size();
    bool more = lexer_.next(cells);
    const Cells second(cells.begin(), cells.end());
    header_ = is_header(first, more ? &second : nullptr);
    if (header_) names_ = first;
    find_label_column();
    if (!header_) add({first.begin(), first.end()}, first_line);
    for (; more; more = lexer_.next(cells)) add(cells, lexer_.line());
    return finish();
  }

 private:
  void find_label_column() {
    if (label_column_.empty()) return;
    const auto named = std::find(names_.begin(), names_.end(), label_column_);
    label_ = static_cast<std::size_t>(named - names_.begin());
    if (named != names_.end()) return;
    std::size_t place = 0;
    const auto [end, problem] =
        std::from_chars(label_column_.data(), label_column_.data() + label_column_.size(), place);
    const bool counted = problem == std::errc{} && end == label_column_.data() + label_column_.size();
    if (!counted && !names_.empty())
      throw unknown_word(fmt::format("{}: label column", where_), label_column_, names_);
    if (!counted || place < 1 || place > width_)
      throw RequestError(Complaint{fmt::format("{}: label column", where_), in_quotes(label_column_),
                                   fmt::format("a number from 1 to {}, for there are no names", width_)});
    label_ = place - 1;
  }

  void add(const std::vector<std::string_view>& cells, std::size_t line) {
    ++rows_;
    if (cells.size() != width_)
      throw RequestError(Complaint{fmt::format("{}: row {} (line {})", where_, rows_, line),
                                   fmt::format("{} cells", cells.size()),
                                   fmt::format("{}, as in the first row", width_)});
    // A cell takes two bytes with its separator, so that this much is never too little, nor more than the
    // file.
    if (values_.empty()) values_.reserve(std::min(size_ / 2 + 1, (size_ / row_bytes(cells) + 2) * width_));
    for (std::size_t c = 0; c < width_; ++c) {
      if (c == label_) {
        table_.labels.emplace_back(trimmed(cells[c]));
        continue;
      }
      const std::optional<double> value = number(cells[c]);
      if (!value) refuse_cell(cells[c], c, line);
      values_.push_back(*value);
    }
  }
  static std::size_t row_bytes(const std::vector<std::string_view>& cells) {
    std::size_t bytes = cells.size();
    for (std::string_view cell : cells) bytes += cell.size();
    return bytes;
  }
  [[noreturn]] void refuse_cell(std::string_view cell, std::size_t column, std::size_t line) const {
    const std::string name = names_.empty() ? "" : fmt::format(" {}", in_quotes(names_[column]));
    throw RequestError(
        Complaint{fmt::format("{}: row {} (line {}), column {}{}", where_, rows_, line, column + 1, name),
                  trimmed(cell).empty() ? "an empty cell" : in_quotes(trimmed(cell)), "a finite number",
                  "remove the row or column, or name a column of labels with --label-column"});
  }

  Table finish() {
    const std::size_t features = width_ - (label_ < width_ ? 1 : 0);
    if (rows_ == 0)
      throw RequestError(Complaint{std::string(where_), "a header and no rows", "at least one row"});
    if (features == 0)
      throw RequestError(
          Complaint{std::string(where_), "no column but the labels", "at least one of numbers"});
    table_.labelled = label_ < width_;
    if (header_ && table_.labelled) names_.erase(names_.begin() + static_cast<std::ptrdiff_t>(label_));
    table_.columns = std::move(names_);
    table_.values.resize(rows_, features);
    std::copy(values_.begin(), values_.end(), table_.values.data());
    return std::move(table_);
  }

  std::size_t size_;
  Lexer lexer_;
  std::string_view label_column_, where_;
  bool header_ = false;
  Cells names_{};
  std::size_t width_ = 0, rows_ = 0, label_ = static_cast<std::size_t>(-1);
  std::vector<double> values_{};
  Table table_{};
};

char separator_of(std::string_view path) { return has_ending(path, ".tsv") ? '\t' : ','; }

std::string header_cell(const std::string& name, char separator) {
  if (name.find_first_of(std::string("\"\r\n") + separator) == std::string::npos) return name;
  std::string out = "\"";
  for (char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

template <class T>
void write_values(const std::string& path, View<const T> values, std::span<const std::string> columns) {
  AtomicFile file(path);
  const char separator = separator_of(path);
  std::string line;
  const auto end_cell = [&](bool last) { line += last ? '\n' : separator; };
  for (std::size_t c = 0; c < columns.size(); ++c)
    line += header_cell(columns[c], separator), end_cell(c + 1 == columns.size());
  file.write(line);
  for (std::size_t i = 0; i < values.rows; ++i) {
    line.clear();
    for (std::size_t c = 0; c < values.cols; ++c)
      fmt::format_to(std::back_inserter(line), "{}", values(i, c)), end_cell(c + 1 == values.cols);
    file.write(line);
  }
  file.commit();
}

}  // namespace

Table parse_csv(ByteSpan bytes, char separator, std::string_view label_column, std::string_view where) {
  return TableBuilder(bytes, separator, label_column, where).build();
}

Table read_csv(const std::string& path, std::string_view label_column) {
  return parse_csv(read_file(path), separator_of(path), label_column, path);
}

std::vector<std::string> parse_lines(ByteSpan bytes, std::string_view where) {
  Lexer lexer(text_of(bytes), ',', where);
  std::vector<std::string_view> cells;
  std::vector<std::string> lines;
  while (lexer.next(cells)) {
    if (cells.size() != 1)
      throw RequestError(Complaint{fmt::format("{}: line {}", where, lexer.line()),
                                   fmt::format("{} cells", cells.size()), "one a row"});
    lines.emplace_back(trimmed(cells[0]));
  }
  return lines;
}

void write_csv(const std::string& path, View<const float> values, std::span<const std::string> columns) {
  write_values(path, values, columns);
}
void write_csv(const std::string& path, View<const double> values, std::span<const std::string> columns) {
  write_values(path, values, columns);
}

}  // namespace pushforward::io
