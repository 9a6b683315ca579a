// SPDX-License-Identifier: Apache-2.0
#include "io/table_reader.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "io/cells.hpp"
#include "io/column_names.hpp"
#include "io/column_reader.hpp"
#include "io/ending.hpp"
#include "io/text_rows.hpp"

namespace pushforward::io {
namespace {

using Cells = std::vector<std::string_view>;
constexpr std::size_t kGuessed = 1000;  // rows that kinds are guessed from
constexpr std::size_t kNone = ColumnNames::kNone;

// What happens to a column of the file.
struct Place {
  std::optional<ColumnReader> reader{};
  std::size_t schema = kNone;  // its place in the schema
  std::size_t value = kNone;   // and in the matrix
  bool reads = true;           // in this pass
  bool again = false;          // as text, in the next one
};

bool is_index_name(std::string_view name) {
  return name.empty() || name == "index" || name == "Unnamed: 0" || name == "id" || name == "ID";
}

bool may_be_classes(const TableColumn& column) {
  std::string small(column.name);
  for (char& c : small) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::string_view kNames[] = {"target", "label", "labels", "class", "y"};
  return column.kind == ColumnKind::whole && column.high - column.low <= 20 &&
         std::find(std::begin(kNames), std::end(kNames), small) != std::end(kNames);
}

class TableParser {
 public:
  TableParser(std::string_view text, const TableRequest& request, std::string_view where, char usual)
      : text_(text), request_(request), where_(where) {
    separator_ = request.separator != 0 ? request.separator : guess_separator(text, usual);
  }

  TableRows parse() {
    begin();
    find_label_column();
    choose_columns();
    request_.schema ? match_schema() : guess_kinds();
    number_values();
    reserve();
    read_all();
    while (std::any_of(places_.begin(), places_.end(), [](const Place& p) { return p.reads; })) read_all();
    finish();
    return std::move(out_);
  }

 private:
  // Names, or that there are none.
  void begin() {
    RowLexer lexer(text_, separator_, where_);
    Cells cells;
    if (!lexer.next(cells)) throw RequestError(Complaint{std::string(where_), "no rows", "at least one"});
    std::vector<std::string> first(cells.begin(), cells.end());
    const bool more = lexer.next(cells);
    const std::vector<std::string> second(cells.begin(), cells.end());
    places_.resize(first.size());
    out_.header = request_.header == Header::guess ? is_header(first, more ? &second : nullptr)
                                                   : request_.header == Header::yes;
    out_.numbers_first = request_.header == Header::guess && !out_.header &&
                         std::all_of(first.begin(), first.end(), spelt_like_a_number);
    if (!out_.header) return;
    names_ = ColumnNames(first);
  }

  std::size_t width() const { return places_.size(); }

  std::size_t wanted_column(const std::string& word, const std::string& what) const {
    if (const std::size_t place = names_.find(word, width()); place != kNone) return place;
    const bool digits = !word.empty() && word.find_first_not_of("0123456789") == std::string::npos;
    if (!names_.empty() && !digits)
      throw unknown_word(fmt::format("{}: {}", where_, what), word, names_.all());
    throw RequestError(Complaint{fmt::format("{}: {}", where_, what), in_quotes(word),
                                 names_.empty()
                                     ? fmt::format("a number from 1 to {}, for there are no names", width())
                                     : fmt::format("a name, or a number from 1 to {}", width())});
  }

  void find_label_column() {
    if (!request_.label_column.empty()) label_ = wanted_column(request_.label_column, "label column");
    out_.labelled = label_ != kNone;
  }

  void choose_columns() {
    std::vector<bool> chosen(width(), request_.columns.empty());
    for (const std::string& word : request_.columns) chosen[wanted_column(word, "--columns")] = true;
    for (const std::string& word : request_.drop) chosen[wanted_column(word, "--drop")] = false;
    for (std::size_t c = 0; c < width(); ++c) places_[c].reads = chosen[c] && c != label_;
  }

  std::string column_text(std::size_t c) const {
    return names_.empty() || names_[c].empty() ? fmt::format("column {}", c + 1)
                                               : fmt::format("column {} {}", c + 1, in_quotes(names_[c]));
  }

  // The first rows' cells, column by column; whether numbers have decimal commas; then a kind each.
  void guess_kinds() {
    std::vector<std::vector<std::string>> cells(width());
    RowLexer lexer(text_, separator_, where_);
    Cells row;
    if (out_.header) lexer.next(row);
    for (std::size_t i = 0; i < kGuessed && lexer.next(row); ++i)
      for (std::size_t c = 0; c < std::min(width(), row.size()); ++c)
        if (places_[c].reads) cells[c].emplace_back(row[c]);
    const auto comma = [](const std::string& cell) {
      return !is_missing(cell) && !form_of_number(cell, false) && form_of_number(cell, true);
    };
    bool comma_decimals = false;
    for (const auto& column : cells)
      comma_decimals |= separator_ != ',' && std::any_of(column.begin(), column.end(), comma);
    for (std::size_t c = 0; c < width(); ++c) {
      if (!places_[c].reads) continue;
      TableColumn column = guess_column(cells[c], comma_decimals);
      if (request_.numbers_only) {
        note_other(c, column, cells[c]);
        column = as_numbers(std::move(column));
      }
      if (column.kind == ColumnKind::category) refuse_stray(c, cells[c]);
      if (out_.header) column.name = names_[c];
      places_[c].schema = out_.schema.columns.size();
      out_.schema.columns.push_back(column);
      places_[c].reader.emplace(std::move(column), false);
    }
    out_.schema.separator = separator_;
  }

  // For who takes numbers only, truth values are 0 and 1, and everything else is refused where it stands.
  static TableColumn as_numbers(TableColumn column) {
    if (column.kind == ColumnKind::number || column.kind == ColumnKind::truth) return column;
    return {};
  }

  // What a refusal of one cell says of the other columns.
  void note_other(std::size_t c, const TableColumn& column, const std::vector<std::string>& cells) {
    const bool words = column.kind == ColumnKind::category || column.kind == ColumnKind::key;
    const bool gaps =
        std::any_of(cells.begin(), cells.end(), [](const auto& cell) { return is_missing(cell); });
    if (words && strays(cells)) return;
    if (words || column.kind == ColumnKind::date || gaps)
      others_.emplace_back(c, words ? "text" : column.kind == ColumnKind::date ? "dates" : "gaps");
  }

  static bool is_word(const std::string& cell) {
    return !is_missing(cell) && !form_of_number(cell, false) && !form_of_number(cell, true);
  }

  // Numbers of several forms are categories.
  static bool strays(const std::vector<std::string>& cells) {
    const auto words = static_cast<std::size_t>(std::count_if(cells.begin(), cells.end(), is_word)),
               missing = static_cast<std::size_t>(std::count_if(cells.begin(), cells.end(), is_missing)),
               numbers = cells.size() - words - missing;
    return words > 0 && numbers >= 10 && numbers >= 9 * words;
  }

  // One word among many numbers is a mistake of the file, not a category.
  void refuse_stray(std::size_t c, const std::vector<std::string>& cells) const {
    if (!strays(cells)) return;
    const auto bad = std::find_if(cells.begin(), cells.end(), is_word);
    const auto row = static_cast<std::size_t>(bad - cells.begin());
    refuse_cell(*bad, c, row + 1, row + (out_.header ? 2 : 1), "a number, as in the other rows");
  }

  // Columns are found by name, in whatever order; without names by their places.
  void match_schema() {
    TableSchema& schema = out_.schema;
    schema = *request_.schema;
    const bool named = out_.header && !schema.columns.empty() && !schema.columns.front().name.empty();
    if (named) leave_out(schema);
    const std::size_t models = static_cast<std::size_t>(
        std::count_if(schema.columns.begin(), schema.columns.end(),
                      [](const TableColumn& column) { return column.kind != ColumnKind::key; }));
    const std::vector<std::size_t> by_name =
        named ? names_.places(schema, read_columns()) : std::vector<std::size_t>{};
    std::size_t next = 0;
    for (std::size_t c = 0; c < width(); ++c) {
      if (!places_[c].reads) continue;
      const std::size_t at = named ? by_name[c] : next++;
      if (at >= schema.columns.size()) refuse_unknown(c, schema);
      places_[c].schema = at;
      places_[c].reader.emplace(schema.columns[at], true);
    }
    std::vector<bool> there(schema.columns.size(), false);
    for (const Place& place : places_)
      if (place.schema < there.size()) there[place.schema] = true;
    for (std::size_t s = 0; s < there.size(); ++s)
      if (!there[s]) refuse_absent(schema.columns[s], models);
  }

  std::vector<bool> read_columns() const {
    std::vector<bool> out(width());
    for (std::size_t c = 0; c < width(); ++c) out[c] = places_[c].reads;
    return out;
  }

  // What --columns or --drop left out of the file is not asked of it either.
  void leave_out(TableSchema& schema) const {
    const std::vector<std::size_t> at = names_.places(schema, read_columns());
    std::vector<bool> unread(schema.columns.size(), false);
    for (std::size_t c = 0; c < width(); ++c)
      if (!places_[c].reads && at[c] != kNone) unread[at[c]] = true;
    std::vector<TableColumn> kept;
    for (std::size_t s = 0; s < unread.size(); ++s)
      if (!unread[s]) kept.push_back(std::move(schema.columns[s]));
    schema.columns = std::move(kept);
  }

  [[noreturn]] void refuse_unknown(std::size_t c, const TableSchema& schema) const {
    std::vector<std::string> known;
    for (const TableColumn& column : schema.columns) known.push_back(column.name);
    throw RequestError(Complaint{
        std::string(where_), column_text(c), fmt::format("only the columns {}", fmt::join(known, ", ")),
        fmt::format("--drop {} leaves it out",
                    names_.empty() || names_[c].empty() ? fmt::format("{}", c + 1) : names_[c])});
  }

  void refuse_absent(const TableColumn& column, std::size_t models) const {
    if (column.kind == ColumnKind::key) return;
    throw RequestError(
        Complaint{std::string(where_),
                  names_.empty() ? fmt::format("{} columns", width())
                                 : fmt::format("no column {}", in_quotes(column.name)),
                  names_.empty() ? fmt::format("{}", models)
                                 : fmt::format("one: the columns are {}", fmt::join(names_.all(), ", "))});
  }

  void number_values() {
    std::size_t count = 0;
    std::vector<Place*> in_order(out_.schema.columns.size(), nullptr);
    for (Place& place : places_)
      if (place.reader) in_order[place.schema] = &place;
    for (Place* place : in_order)
      if (place) place->value = count++;
    if (count == 0)
      throw RequestError(Complaint{std::string(where_),
                                   label_ == kNone ? "no column" : "no column but the labels",
                                   "at least one of numbers"});
    columns_ = count;
  }

  // A cell takes a byte with its separator, so that this many rows are never too few, nor beyond the file.
  void reserve() {
    const auto lines = static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n') +
                                                std::count(text_.begin(), text_.end(), '\r')) +
                       1;
    room_ = std::min(lines, (text_.size() + 1) / width() + 1);
    out_.values.resize(room_, columns_);
  }

  void read_all() {
    RowLexer lexer(text_, separator_, where_);
    Cells row;
    if (out_.header) lexer.next(row);
    std::vector<std::size_t> reading;
    for (std::size_t c = 0; c < width(); ++c)
      if (places_[c].reads && places_[c].reader) reading.push_back(c);
    const bool first = rows_ == 0;
    std::size_t rows = 0;
    while (lexer.next(row)) {
      ++rows;
      if (row.size() != width()) refuse_width(row.size(), rows, lexer.line());
      double* values = out_.values.row(rows - 1);
      for (const std::size_t c : reading) {
        Place& place = places_[c];
        if (!place.reads) continue;
        double& value = values[place.value];
        const bool fits = place.reader->read(row[c], value);
        if (!fits || (request_.numbers_only && std::isnan(value))) misfit(c, row[c], rows, lexer.line());
      }
      if (first && label_ != kNone) out_.labels.emplace_back(trimmed(row[label_]));
    }
    if (rows == 0)
      throw RequestError(Complaint{std::string(where_), "a header and no rows", "at least one row"});
    rows_ = rows;
    for (Place& place : places_) {
      if (place.again) place.reader->become_text();
      place.reads = std::exchange(place.again, false);
    }
  }

  void misfit(std::size_t c, std::string_view cell, std::size_t row, std::size_t line) {
    ColumnReader& reader = *places_[c].reader;
    if (request_.numbers_only) refuse_cell(cell, c, row, line, "a finite number");
    if (reader.fixed()) refuse_fixed(reader.column(), cell, c, row, line);
    if (row > kGuessed && reader.column().numeric())
      refuse_cell(cell, c, row, line, "a number, as in the rows before");
    places_[c].reads = false, places_[c].again = true;
  }

  [[noreturn]] void refuse_fixed(const TableColumn& column, std::string_view cell, std::size_t c,
                                 std::size_t row, std::size_t line) const {
    if (is_missing(cell) && !column.missing)
      refuse_cell(cell, c, row, line,
                  fmt::format("a {}: its schema has no missing cells", kind_name(column.kind)));
    if (column.kind == ColumnKind::category)
      refuse_cell(cell, c, row, line,
                  column.categories.size() <= 20
                      ? fmt::format("one of {}", fmt::join(column.categories, ", "))
                      : fmt::format("one of the {} categories of its schema", column.categories.size()));
    refuse_cell(cell, c, row, line,
                column.kind == ColumnKind::date
                    ? fmt::format("a date like {}", column.date_form)
                    : fmt::format("a {}", column.numeric() ? "number" : "truth value"));
  }

  [[noreturn]] void refuse_width(std::size_t cells, std::size_t row, std::size_t line) const {
    throw RequestError(Complaint{fmt::format("{}: row {} (line {})", where_, row, line),
                                 fmt::format("{} cells", cells),
                                 fmt::format("{}, as in the first row", width())});
  }

  // As --columns, --drop and --label-column take it.
  std::string word_for(std::size_t c) const {
    const bool usable = !names_.empty() && !names_[c].empty() && names_[c].find(',') == std::string::npos;
    return usable ? names_[c] : fmt::format("{}", c + 1);
  }

  [[noreturn]] void refuse_cell(std::string_view cell, std::size_t c, std::size_t row, std::size_t line,
                                const std::string& wanted) const {
    const std::string name = word_for(c);
    std::string what = fmt::format("correct it, or leave the column out with --drop {}", name);
    if (request_.numbers_only) what += fmt::format(" (--label-column {} where it is labels)", name);
    if (others_.size() > 1) {
      std::vector<std::string> names, kinds;
      for (const auto& [other, kind] : others_)
        names.push_back(word_for(other)), kinds.push_back(fmt::format("{} in {}", kind, names.back()));
      what = fmt::format("--drop {} leaves out every column that is no number ({})", fmt::join(names, ","),
                         fmt::join(kinds, ", "));
    }
    throw RequestError(Complaint{fmt::format("{}: row {} (line {}), {}", where_, row, line, column_text(c)),
                                 trimmed(cell).empty() ? "an empty cell" : in_quotes(trimmed(cell)), wanted,
                                 what});
  }

  void finish() {
    out_.values.resize(rows_, columns_);
    std::vector<double> order;
    for (std::size_t c = 0; c < width(); ++c) {
      Place& place = places_[c];
      if (!place.reader) continue;
      place.reader->finish(rows_, order);
      for (std::size_t i = 0; i < rows_ && !order.empty(); ++i)
        if (double& v = out_.values(i, place.value); !std::isnan(v)) v = order[static_cast<std::size_t>(v)];
      TableColumn& column = out_.schema.columns[place.schema];
      column = place.reader->column();
      if (!request_.schema) look_at(column, *place.reader, c);
    }
    drop_keys();
  }

  // What is no property of a row: a count of them, a column of nothing.
  void look_at(TableColumn& column, const ColumnReader& reader, std::size_t c) {
    const bool alone = columns_ == 1;
    if (reader.all_missing() && !alone && request_.columns.empty()) {
      column.kind = ColumnKind::key;
      if (!column.name.empty()) remark("{} is empty and left out", column_text(c));
      return;
    }
    if (column.kind == ColumnKind::key)
      return remark("{} has another text in nearly every row: a key, which is left out", column_text(c));
    const bool counts = reader.counts() && rows_ >= 10 && !alone && column.kind == ColumnKind::whole;
    const bool index = counts && c == 0 && out_.header && is_index_name(column.name) &&
                       (reader.first() == 0 || reader.first() == 1);
    if (index) {
      column.kind = ColumnKind::key, column.counts = true, column.first = reader.first();
      return remark("{} counts rows: an index, which is left out", column_text(c));
    }
    if (counts && !request_.numbers_only && request_.columns.empty())
      remark("{} counts {:.0f}, {:.0f}, {:.0f} …; if it is an index, --drop {}", column_text(c),
             reader.first(), reader.first() + 1, reader.first() + 2,
             names_.empty() ? fmt::format("{}", c + 1) : column.name);
    if (label_ == kNone && !request_.numbers_only && may_be_classes(column))
      remark(
          "{} holds whole numbers and is learnt as such; if they are classes, --label-column {} takes them "
          "out",
          column_text(c), column.name);
  }

  template <class... Args>
  void remark(fmt::format_string<Args...> text, Args&&... args) {
    out_.remarks.push_back(fmt::format("{}: {}", where_, fmt::format(text, std::forward<Args>(args)...)));
  }

  // The matrix without the columns that became keys.
  void drop_keys() {
    std::vector<std::size_t> value(out_.schema.columns.size(), kNone), kept;
    for (const Place& place : places_)
      if (place.reader) value[place.schema] = place.value;
    for (std::size_t s = 0; s < value.size(); ++s)
      if (value[s] != kNone && out_.schema.columns[s].kind != ColumnKind::key) kept.push_back(value[s]);
    if (kept.empty())
      throw RequestError(Complaint{std::string(where_), "no column but keys",
                                   "at least one that tells something",
                                   "--columns NAME takes it all the same"});
    if (kept.size() == columns_) return;
    for (std::size_t i = 0; i < rows_; ++i) {  // in place: a row of the result ends before it begins above
      const double* from = out_.values.data() + i * columns_;
      double* to = out_.values.data() + i * kept.size();
      for (std::size_t k = 0; k < kept.size(); ++k) to[k] = from[kept[k]];
    }
    out_.values.resize(rows_, kept.size());
  }

  std::string_view text_;
  const TableRequest& request_;
  std::string_view where_;
  char separator_;
  ColumnNames names_{};
  std::vector<Place> places_{};
  std::vector<std::pair<std::size_t, const char*>> others_{};  // columns that hold more than numbers
  std::size_t label_ = kNone, columns_ = 0, rows_ = 0, room_ = 0;
  TableRows out_{};
};

}  // namespace

char separator_of(std::string_view path) {
  if (has_ending(path, ".gz")) path.remove_suffix(3);
  return has_ending(path, ".tsv") || has_ending(path, ".tab") ? '\t' : ',';
}

TableRows parse_table(ByteSpan bytes, const TableRequest& request, std::string_view where, char usual) {
  Bytes room;
  return TableParser(text_in(bytes, where, room), request, where, usual).parse();
}

TableRows read_table(const std::string& path, const TableRequest& request) {
  return parse_table(read_file(path), request, path, separator_of(path));
}

}  // namespace pushforward::io
