// SPDX-License-Identifier: Apache-2.0
#include "pushforward/condition.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "io/column_reader.hpp"
#include "io/safetensors.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"
#include "train/table_run.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kMostSeen = 4096;  // conditions that are kept; of more, evenly spaced ones
constexpr std::size_t kMostLabels = 10000;

std::string label_name(const Dataset& rows, std::int32_t label) {
  const auto at = static_cast<std::size_t>(label);
  return label >= 0 && at < rows.label_names.size() ? rows.label_names[at] : fmt::format("{}", label);
}

const Matrix<double>& values_of(const Dataset& rows) { return std::get<Matrix<double>>(rows.rows_data); }

// The columns that have values, in the order of theirs.
std::vector<const TableColumn*> valued(const TableSchema& schema) {
  std::vector<const TableColumn*> out;
  for (const TableColumn& column : schema.columns)
    if (column.kind != ColumnKind::key) out.push_back(&column);
  return out;
}

// Some of a table's columns (places among those with values), with or without its keys.
Dataset columns_of(const Dataset& rows, const TableSchema& schema, const std::vector<std::size_t>& places,
                   bool keys) {
  auto part = std::make_shared<TableSchema>();
  part->separator = schema.separator;
  std::size_t at = 0;
  for (const TableColumn& column : schema.columns) {
    const bool key = column.kind == ColumnKind::key;
    if (key ? keys : std::ranges::count(places, at) > 0) part->columns.push_back(column);
    at += key ? 0 : 1;
  }
  const Matrix<double>& from = values_of(rows);
  Matrix<double> to(from.rows(), places.size());
  for (std::size_t i = 0; i < from.rows(); ++i)
    for (std::size_t j = 0; j < places.size(); ++j) to(i, j) = from(i, places[j]);
  Dataset out = rows;
  out.shape = {1, places.size(), 1, false};
  out.rows_data = std::move(to), out.columns.clear();
  for (const TableColumn* column : valued(*part))
    if (rows.header) out.columns.push_back(column->name);
  out.schema = std::move(part);
  return out;
}

std::vector<std::size_t> others(const std::vector<std::size_t>& places, std::size_t count) {
  std::vector<std::size_t> out;
  for (std::size_t at = 0; at < count; ++at)
    if (std::ranges::count(places, at) == 0) out.push_back(at);
  return out;
}

Dataset as_conditions(Tensor rows) {
  Dataset out;
  out.name = "conditions", out.shape = {1, rows.cols(), 1, false}, out.standardized = true;
  out.rows_data = std::move(rows);
  return out;
}

// `count` conditions from `first` on, over again where there are fewer.
Tensor again(const Dataset& conditions, std::size_t first, std::size_t count) {
  std::vector<std::uint32_t> index(count);
  for (std::size_t i = 0; i < count; ++i)
    index[i] = static_cast<std::uint32_t>((first + i) % std::max<std::size_t>(1, conditions.rows()));
  Tensor out(count, conditions.cols());
  conditions.gather(index, out);
  return out;
}

// Whether a value goes on with ",COLUMN=".
bool names_another(std::string_view value, const std::vector<std::string>& columns) {
  return std::ranges::any_of(
      columns, [&](const std::string& column) { return value.find("," + column + "=") != value.npos; });
}

std::string file_of(const std::string& run) { return run + "/condition.safetensors"; }
std::string table_of(const std::string& run) { return run + "/condition_table.safetensors"; }

}  // namespace

Conditions::Conditions(std::string_view what, const Dataset& training) {
  what == "label" ? take_labels(training) : take_columns(what, training);
  learn(training);
}

void Conditions::take_labels(const Dataset& training) {
  if (training.labels.empty())
    throw RequestError(Complaint{"--condition label", fmt::format("'{}' without labels", training.name),
                                 "labels", "--labels FILE, --label-column COLUMN or a folder a class"});
  std::vector<std::int32_t> all = training.labels;
  std::ranges::sort(all);
  all.erase(std::ranges::unique(all).begin(), all.end());
  if (all.size() < 2 || all.size() > kMostLabels)
    throw RequestError(Complaint{"--condition label", fmt::format("{} labels", all.size()),
                                 fmt::format("2 to {}", kMostLabels)});
  for (const std::int32_t label : all) labels_.push_back(label_name(training, label));
}

void Conditions::take_columns(std::string_view what, const Dataset& training) {
  if (!training.schema)
    throw RequestError(Complaint{"--condition", fmt::format("'{}' for data that are no table", what), "label",
                                 "columns are a table's"});
  std::vector<std::string> names;
  const std::vector<const TableColumn*> known = valued(*training.schema);
  for (const TableColumn* column : known) names.push_back(column->name);
  for (const std::string& word : split(what, ',')) {
    const auto found = std::ranges::find(names, word);
    if (found == names.end()) throw unknown_word("--condition", word, names);
    places_.push_back(static_cast<std::size_t>(found - names.begin()));
  }
  std::ranges::sort(places_);
  places_.erase(std::ranges::unique(places_).begin(), places_.end());
  if (places_.size() == known.size())
    throw RequestError(
        Complaint{"--condition", "every column", "at least one column that is none, for the model to make"});
  schema_ = training.schema, header_ = training.header;
  encoding_ = TableEncoding(columns_of(training, *schema_, places_, false), NumberScale::quantile);
}

// Conditions of the training rows, each once and how often; of very many, some evenly spaced.
void Conditions::learn(const Dataset& training) {
  const Dataset all = of(training);
  const Tensor rows = all.spaced(0, all.rows());
  std::map<std::vector<float>, double> counts;
  for (std::size_t i = 0; i < rows.rows() && counts.size() <= kMostSeen; ++i)
    counts[{rows.row(i), rows.row(i) + rows.cols()}] += 1;
  if (counts.size() > kMostSeen) {
    seen_ = all.spaced(0, kMostSeen);
    up_to_.resize(seen_.rows());
    std::iota(up_to_.begin(), up_to_.end(), 1.0);
    return;
  }
  seen_.resize(counts.size(), rows.cols());
  double sum = 0;
  for (const auto& [row, count] : counts) {
    std::ranges::copy(row, seen_.row(up_to_.size()));
    up_to_.push_back(sum += count);
  }
}

Conditions::Conditions(const std::string& run) {
  const io::Safetensors file = io::read_safetensors(file_of(run));
  const std::string& labels = file.text("labels");
  if (!labels.empty()) labels_ = split(labels, '\n');
  if (const std::string& schema = file.text("schema"); !schema.empty()) {
    schema_ = std::make_shared<const TableSchema>(parse_schema(schema, file_of(run)));
    header_ = file.text("header") == "yes";
    encoding_ = *read_encoding_file(table_of(run));
    const std::vector<const TableColumn*> known = valued(*schema_);
    for (const TableColumn& column : encoding_.schema().columns)
      for (std::size_t at = 0; at < known.size(); ++at)
        if (known[at]->name == column.name) places_.push_back(at);
  }
  const io::ArrayView* rows = file.find("seen");
  if (rows == nullptr || rows->shape.size() != 2 || rows->shape[1] != width() || rows->shape[0] == 0)
    throw RequestError(Complaint{file_of(run), "no conditions", fmt::format("rows of {}", width())});
  const std::vector<float> values = io::to_vector<float>(*rows, file_of(run));
  seen_.resize(rows->shape[0], width());
  std::ranges::copy(values, seen_.data());
  const std::size_t count[] = {seen_.rows()};
  up_to_ = io::to_vector<double>(file.get("up_to", io::Dtype::f64, count), file_of(run));
}

void Conditions::write(const std::string& run) const {
  std::string labels;
  for (const std::string& label : labels_) labels += (labels.empty() ? "" : "\n") + label;
  io::write_safetensors(file_of(run),
                        {{"seen", io::ArrayView(seen_.view())}, {"up_to", io::ArrayView(up_to_)}},
                        {{"labels", labels},
                         {"schema", schema_ ? schema_text(*schema_) : ""},
                         {"header", header_ ? "yes" : "no"}});
  if (schema_) write_encoding_file(table_of(run), encoding_);
}

std::size_t Conditions::width() const { return schema_ ? encoding_.width() : labels_.size(); }

std::size_t Conditions::label_place(const Dataset& rows, std::int32_t label) const {
  const std::string name = label_name(rows, label);
  const auto found = std::ranges::find(labels_, name);
  if (found == labels_.end()) throw unknown_word("label", name, labels_);
  return static_cast<std::size_t>(found - labels_.begin());
}

Dataset Conditions::of(const Dataset& rows) const {
  if (schema_) {
    if (rows.schema && *rows.schema == encoding_.schema()) {
      const Dataset alone = encoding_.encode(rows);
      return as_conditions(alone.floats(0, alone.rows()));
    }
    if (rows.cols() != valued(*schema_).size() || rows.standardized)
      throw RequestError(Complaint{rows.name, fmt::format("rows of {}", rows.shape.text()),
                                   "rows as loaded, with the columns that the run was conditioned on"});
    const Dataset encoded = encoding_.encode(columns_of(rows, *schema_, places_, false));
    return as_conditions(encoded.floats(0, encoded.rows()));
  }
  if (rows.labels.size() != rows.rows())
    throw RequestError(Complaint{rows.name, "rows without labels", "labels, which the run was conditioned on",
                                 "a label column, a folder a class or --labels FILE"});
  std::map<std::int32_t, std::size_t> places;
  Tensor out(rows.rows(), width());
  out.zero();
  for (std::size_t i = 0; i < out.rows(); ++i) {
    const auto [place, isnew] = places.try_emplace(rows.labels[i], 0);
    if (isnew) place->second = label_place(rows, rows.labels[i]);
    out(i, place->second) = 1;
  }
  return as_conditions(std::move(out));
}

Dataset Conditions::rest(Dataset rows) const {
  if (!schema_ || !rows.schema) return rows;
  const std::size_t all = valued(*schema_).size();
  if (valued(*rows.schema).size() != all || rows.cols() != all) return rows;
  return columns_of(rows, *rows.schema, others(places_, all), true);
}

Dataset Conditions::whole(const Dataset& rest, const Dataset& conditions) const {
  if (!schema_) return rest;
  const Dataset told = encoding_.decode(again(conditions, 0, rest.rows()).view());
  const std::vector<const TableColumn*> known = valued(*schema_);
  const std::vector<std::size_t> own = others(places_, known.size());
  Matrix<double> values(rest.rows(), known.size());
  for (std::size_t i = 0; i < values.rows(); ++i) {
    for (std::size_t j = 0; j < places_.size(); ++j) values(i, places_[j]) = values_of(told)(i, j);
    for (std::size_t j = 0; j < own.size(); ++j) values(i, own[j]) = values_of(rest)(i, j);
  }
  Dataset out = rest;
  out.shape = {1, known.size(), 1, false};
  out.rows_data = std::move(values), out.schema = schema_, out.columns.clear();
  for (const TableColumn* column : known)
    if (header_) out.columns.push_back(column->name);
  return out;
}

// "label=7" or "cut=Ideal": sets those numbers of a condition.
void Conditions::fix(std::string_view word, Fixed& fixed) const {
  const std::size_t equals = word.find('=');
  if (equals == word.npos)
    throw RequestError(Complaint{"--where", fmt::format("'{}'", word), "COLUMN=VALUE"});
  const std::string name(word.substr(0, equals)), text(word.substr(equals + 1));
  if (schema_) return fix_column(name, text, fixed);
  if (name != "label") throw unknown_word("--where", name, std::vector<std::string>{"label"});
  if (std::ranges::count(fixed.given, true) > 0)
    throw RequestError(Complaint{"--label", "two labels", "one", "--conditions FILE says one for each row"});
  const auto found = std::ranges::find(labels_, text);
  if (found == labels_.end()) throw unknown_word("--label", text, labels_);
  fixed.given.assign(width(), true), fixed.exact.assign(width(), true);
  fixed.values.assign(width(), 0);
  fixed.values[static_cast<std::size_t>(found - labels_.begin())] = 1;
}

void Conditions::fix_column(const std::string& name, const std::string& text, Fixed& fixed) const {
  std::vector<std::string> names;
  for (const TableColumn& column : encoding_.schema().columns) names.push_back(column.name);
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) throw unknown_word("--where", name, names);
  const auto at = static_cast<std::size_t>(found - names.begin());
  const TableColumn& column = encoding_.schema().columns[at];
  const std::string where = fmt::format("--where {}", name);
  const std::size_t begin = encoding_.begin_of(at);
  if (fixed.given[begin])
    throw RequestError(Complaint{where, "two values", "one", "--conditions FILE says one for each row"});
  double value = 0;
  if (!io::ColumnReader(column, true).read(text, value)) {
    if (names_another(text, names))
      throw RequestError(
          Complaint{where, fmt::format("'{}'", text), "one column", "--where once for each column"});
    if (column.kind == ColumnKind::category) throw unknown_word(where, text, column.categories);
    throw RequestError(
        Complaint{where, fmt::format("'{}'", text), fmt::format("a {}", kind_name(column.kind))});
  }
  const std::vector<float> cell = encoding_.cell(at, value);
  for (std::size_t k = 0; k < cell.size(); ++k) {
    fixed.values[begin + k] = cell[k], fixed.given[begin + k] = true;
    fixed.exact[begin + k] = column.kind == ColumnKind::category || column.kind == ColumnKind::truth;
  }
}

// Training rows that have the categories asked for, and their shares added up.
Conditions::Seen Conditions::seen_with(const Fixed& fixed) const {
  Seen out;
  for (std::size_t i = 0; i < seen_.rows(); ++i) {
    bool same = true;
    for (std::size_t k = 0; k < width(); ++k)
      same = same && (!fixed.exact[k] || seen_(i, k) == fixed.values[k]);
    if (!same) continue;
    out.rows.push_back(i);
    out.up_to.push_back((out.up_to.empty() ? 0 : out.up_to.back()) + up_to_[i] -
                        (i == 0 ? 0 : up_to_[i - 1]));
  }
  return out;
}

Dataset Conditions::draw(std::size_t n, const std::vector<std::string>& where, const Draw& draw) const {
  Fixed fixed{std::vector<float>(width(), 0), std::vector<bool>(width()), std::vector<bool>(width())};
  for (const std::string& word : where) fix(word, fixed);
  const Seen seen = seen_with(fixed);
  if (seen.rows.empty() && std::ranges::count(fixed.given, false) > 0)
    throw RequestError(Complaint{"--where", "categories that no training row has together",
                                 "every column of the condition, or categories that occur"});
  Tensor out(n, width());
  for (std::size_t i = 0; i < n; ++i) {
    if (!seen.rows.empty()) {
      const double u = uniform01(draw, static_cast<std::uint32_t>(i)) * seen.up_to.back();
      const auto chosen = std::upper_bound(seen.up_to.begin(), seen.up_to.end() - 1, u) - seen.up_to.begin();
      std::copy_n(seen_.row(seen.rows[static_cast<std::size_t>(chosen)]), width(), out.row(i));
    }
    for (std::size_t k = 0; k < width(); ++k)
      if (fixed.given[k]) out(i, k) = fixed.values[k];
  }
  return as_conditions(std::move(out));
}

Dataset conditions_of(const Run& run, const Dataset& rows) {
  return run.conditions ? run.conditions->of(rows) : Dataset{};
}

Dataset drawn_conditions(const Run& run, std::size_t n, const std::vector<std::string>& where,
                         std::uint64_t seed) {
  return run.conditions ? run.conditions->draw(n, where, Draw{seed}.on("conditions")) : Dataset{};
}

void tell(const Run& run, const Dataset& conditions, std::size_t first, std::size_t count) {
  if (!run.conditions) return;
  if (conditions.rows() == 0)
    throw RequestError(Complaint{run.path.empty() ? "a conditional model" : run.path,
                                 "rows without conditions",
                                 "the conditions of each, for it was trained with --condition"});
  if (auto* model = as<Conditional>(*run.model)) model->tell(again(conditions, first, count));
}

std::shared_ptr<const TableSchema> whole_schema(const Run& run) {
  if (run.conditions && run.conditions->columns()) return run.conditions->schema();
  return run.encoding ? run.encoding->shared_schema() : nullptr;
}

Dataset restore_rows(const Run& run, Tensor& rows, const Dataset& conditions) {
  const Dataset rest = restore_rows(run, rows);
  return run.conditions && conditions.rows() > 0 ? run.conditions->whole(rest, conditions) : rest;
}

}  // namespace pushforward
