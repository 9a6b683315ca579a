// SPDX-License-Identifier: Apache-2.0
#include "io/column_reader.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "io/cells.hpp"

namespace pushforward::io {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostCategories = 1000;  // of a column; more are keys
constexpr std::size_t kFewRows = 20;  // below which a text that never repeats may still be a category

// The one form that all cells have, of which some may show more (thousands).
std::optional<NumberForm> common_form(const std::vector<std::string>& cells, bool comma_decimals) {
  std::optional<NumberForm> common;
  for (const std::string& cell : cells) {
    const std::optional<NumberForm> form = form_of_number(cell, comma_decimals);
    if (!form) return std::nullopt;
    if (!common) common = form;
    if (common->prefix != form->prefix || common->suffix != form->suffix) return std::nullopt;
    if (form->thousands != 0) common->thousands = form->thousands;
  }
  return common;
}

std::string common_date_form(const std::vector<std::string>& cells) {
  for (const bool day_first : {false, true}) {
    const std::string form = date_form_of(cells.front(), day_first);
    const auto fits = [&](const std::string& cell) { return date_in(cell, form).has_value(); };
    if (!form.empty() && std::all_of(cells.begin(), cells.end(), fits)) return form;
  }
  return "";
}

// As they are spelt: "False" and "True", or "false" and "true", …
std::vector<std::string> truth_words(const std::string& cell) {
  const std::string_view word = trimmed(cell);
  if (word == "TRUE" || word == "FALSE") return {"FALSE", "TRUE"};
  if (word == "true" || word == "false") return {"false", "true"};
  return {"False", "True"};
}

}  // namespace

TableColumn guess_column(const std::vector<std::string>& cells, bool comma_decimals) {
  TableColumn column;
  std::vector<std::string> present;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(present),
               [](const std::string& cell) { return !is_missing(cell); });
  if (present.empty()) return column;
  if (const auto form = common_form(present, comma_decimals)) {
    column.form = *form;
    return column;
  }
  if (std::all_of(present.begin(), present.end(), [](const std::string& c) { return truth_of(c) >= 0; })) {
    column.kind = ColumnKind::truth;
    column.categories = truth_words(present.front());
    return column;
  }
  column.date_form = common_date_form(present);
  column.kind = column.date_form.empty() ? ColumnKind::category : ColumnKind::date;
  return column;
}

ColumnReader::ColumnReader(TableColumn column, bool fixed) : column_(std::move(column)), fixed_(fixed) {
  if (fixed_)
    for (const std::string& text : column_.categories) places_.emplace(text, places_.size());
}

bool ColumnReader::read(std::string_view cell, double& value) {
  if (column_.numeric() && read_number(cell, value)) return see(value), true;
  if (is_missing(cell)) {
    const std::string_view text = trimmed(cell);
    if (!column_.missing && fixed_) return false;
    if (!column_.missing) column_.missing = true, column_.missing_text = text;
    counting_ = false, ++missing_;
    value = kMissing;
    return true;
  }
  switch (column_.kind) {
    case ColumnKind::number:
    case ColumnKind::whole:
      return false;
    case ColumnKind::truth: {
      const int truth = truth_of(cell);
      if (truth < 0) return false;
      value = truth;
      break;
    }
    case ColumnKind::date: {
      const std::optional<double> seconds = date_in(cell, column_.date_form);
      if (!seconds) return false;
      value = *seconds;
      break;
    }
    case ColumnKind::key:
      value = 0, ++seen_;
      return true;
    case ColumnKind::category:
      return read_text(trimmed(cell), value);
  }
  see(value);
  return true;
}

bool ColumnReader::read_number(std::string_view cell, double& value) {
  int decimals = 0;
  std::optional<double> number = number_in(cell, column_.form, decimals);
  if (!number) {  // thousands may first show below
    const auto form = cell.empty() ? std::nullopt : form_of_number(cell, column_.form.decimal == ',');
    if (fixed_ || !form || form->prefix != column_.form.prefix || form->suffix != column_.form.suffix)
      return false;
    column_.form.thousands = form->thousands;
    if (!(number = number_in(cell, column_.form, decimals))) return false;
  }
  // More than kMostDecimals are the last digits of a double: it is written with as many as it takes.
  const bool as_it_takes = decimals < 0 || decimals > kMostDecimals || decimals_ < 0;
  decimals_ = as_it_takes ? -1 : std::max(decimals_, decimals);
  value = *number;
  return true;
}

bool ColumnReader::read_text(std::string_view cell, double& value) {
  ++seen_;
  if (too_many_) return value = 0, true;
  const auto found = places_.find(cell);
  if (found != places_.end()) return value = static_cast<double>(found->second), true;
  if (fixed_) {
    const auto other = column_.other.empty() ? places_.end() : places_.find(column_.other);
    if (other == places_.end()) return false;
    return value = static_cast<double>(other->second), true;
  }
  value = static_cast<double>(places_.size());
  kept_.emplace_back(cell);
  places_.emplace(kept_.back(), places_.size());
  too_many_ = places_.size() > kMostCategories;
  return true;
}

void ColumnReader::see(double value) {
  if (seen_ == 0) low_ = high_ = first_ = value;
  if (seen_ > 0 && value != last_ + 1) counting_ = false;
  low_ = std::min(low_, value), high_ = std::max(high_, value);
  whole_ = whole_ && value == std::floor(value) && std::abs(value) < 9e15;
  last_ = value;
  ++seen_;
}

void ColumnReader::become_text() {
  TableColumn column;
  column.name = column_.name, column.kind = ColumnKind::category;
  *this = ColumnReader(std::move(column), false);
  counting_ = false;
}

void ColumnReader::finish_text(std::size_t rows, std::vector<double>& order) {
  if (fixed_) return;
  const std::size_t distinct = kept_.size();
  if (too_many_ || (rows >= kFewRows && 2 * distinct > seen_)) {
    column_.kind = ColumnKind::key;
    return;
  }
  std::vector<std::size_t> sorted(distinct);
  std::iota(sorted.begin(), sorted.end(), std::size_t{0});
  std::sort(sorted.begin(), sorted.end(), [&](std::size_t a, std::size_t b) { return kept_[a] < kept_[b]; });
  order.resize(distinct);
  for (std::size_t i = 0; i < distinct; ++i) {
    order[sorted[i]] = static_cast<double>(i);
    column_.categories.push_back(kept_[sorted[i]]);
  }
}

void ColumnReader::finish(std::size_t rows, std::vector<double>& order) {
  order.clear();
  if (is_text()) return finish_text(rows, order);
  if (fixed_) return;
  if (seen_ > 0) column_.low = low_, column_.high = high_;
  if (column_.kind != ColumnKind::number) return;
  column_.decimals = decimals_;
  if (seen_ > 0 && whole_ && decimals_ >= 0) column_.kind = ColumnKind::whole;
}

}  // namespace pushforward::io
