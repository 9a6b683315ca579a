// SPDX-License-Identifier: Apache-2.0
// Kinds of fields, and the walk over a table's fields.
#include "pushforward/option_table.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/synonyms.hpp"
#include "core/text.hpp"
#include "core/whole_number.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// A number behind --name is shown as it was typed, one within a SPEC as it was understood.
std::string shown_number(const OptionText& text, double value) {
  return text.in_spec ? fmt::format("{}", value) : fmt::format("'{}'", text.text);
}

OptionKind<double> number_kind(std::function<bool(double)> valid, const std::string& wanted) {
  return {.read =
              [=](const OptionText& text) {
                const double value = parse_number(text.text, text.where);
                if (!valid(value))
                  throw RequestError(Complaint{text.where, shown_number(text, value), wanted});
                return value;
              },
          .text = [](double value, char) { return fmt::format("{}", value); },
          .check =
              [=](double value, const std::string& where) {
                if (!std::isfinite(value) || !valid(value))
                  throw RequestError(Complaint{where, fmt::format("{}", value), wanted});
              }};
}

template <class Whole>
OptionKind<Whole> whole_kind(WholeRange range) {
  return {.read =
              [=](const OptionText& text) {
                return static_cast<Whole>(whole_number(text.text, text.where, range));
              },
          .text = [](Whole value, char) { return fmt::format("{}", value); },
          .check =
              [=](Whole value, const std::string& where) {
                if (value < range.least || value > range.most)
                  throw RequestError(Complaint{where, fmt::format("{}", value), range.text()});
              }};
}

// "[400, 400]" as Python writes a list, and "400, 400", are 400,400.
std::string_view bare_list(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  return text;
}

// Values of `each`, joined; `none` stands for no value, where there is such a word.
template <class M>
OptionKind<std::vector<M>> list_kind(OptionKind<M> each, std::string none) {
  return {.read =
              [=](const OptionText& text) {
                std::vector<M> values;
                if (!none.empty() && text.text == none) return values;
                for (const std::string& piece : split(bare_list(text.text), text.joint()))
                  values.push_back(each.read({without_blanks(piece), text.where, text.in_spec}));
                return values;
              },
          .text =
              [=](const std::vector<M>& values, char joint) {
                return values.empty() ? none : fmt::format("{}", fmt::join(values, std::string(1, joint)));
              },
          .check =
              [=](const std::vector<M>& values, const std::string& where) {
                for (const M& value : values) each.check(value, where);
              }};
}

bool is_yes(const OptionText& text) {
  if (!text.in_spec && text.text.empty()) return false;
  const std::string word = plain_word(text.text);
  if (word == "yes" || word == "true" || word == "1") return true;
  if (word == "no" || word == "false" || word == "0") return false;
  if (text.in_spec)
    throw unknown_word(text.where, text.text,
                       std::vector<std::string>{"yes", "no", "true", "false", "1", "0"});
  throw RequestError(Complaint{text.where, fmt::format("'{}'", text.text), "yes or no"});
}

}  // namespace

OptionKind<bool> yes_or_no() {
  return {.read = is_yes, .text = [](bool value, char) { return value ? "yes" : "no"; }};
}

OptionKind<bool> yes_flag() {
  OptionKind<bool> kind = yes_or_no();
  kind.flag = true;
  return kind;
}

OptionKind<double> number_of(double low, double high) {
  return number_kind([=](double value) { return value >= low && value <= high; },
                     fmt::format("a number from {} to {}", low, high));
}

OptionKind<double> number_below(double low, double high) {
  return number_kind([=](double value) { return value >= low && value < high; },
                     fmt::format("a number of at least {} and below {}", low, high));
}

OptionKind<double> any_number() {
  return number_kind([](double) { return true; }, "a number");
}

OptionKind<double> positive_number() {
  return number_kind([](double value) { return value > 0; }, "a number above 0");
}

OptionKind<std::size_t> count_of(std::size_t least, std::size_t most) {
  return whole_kind<std::size_t>({least, most});
}

OptionKind<std::uint64_t> seed_option() { return whole_kind<std::uint64_t>(kSeeds); }

OptionKind<std::vector<double>> numbers_of(OptionKind<double> each) { return list_kind(std::move(each), ""); }

OptionKind<std::vector<std::size_t>> sizes_of(std::size_t least, std::size_t most) {
  return list_kind(count_of(least, most), "none");
}

OptionKind<std::string> any_text() {
  return {.read = [](const OptionText& text) { return std::string(text.text); },
          .text = [](const std::string& value, char) { return value; }};
}

OptionKind<std::string> one_of(std::vector<std::string> valid) {
  OptionKind<std::string> kind = any_text();
  kind.read = [=](const OptionText& text) { return valid[find_option_word(text, valid)]; };
  kind.check = [=](const std::string& value, const std::string& where) {
    if (std::find(valid.begin(), valid.end(), value) == valid.end()) throw unknown_word(where, value, valid);
  };
  return kind;
}

std::size_t find_option_word(const OptionText& text, const std::vector<std::string>& valid) {
  return find_word(text.where, text.text, valid);
}

Spec read_inner_spec(const OptionText& text) {
  std::string spec(text.text);
  if (text.in_spec) std::replace(spec.begin(), spec.end(), '+', ',');
  return parse_spec(spec, text.where);
}

std::string inner_spec_text(const Spec& spec, char joint) {
  std::string text = spec.text();
  std::replace(text.begin(), text.end(), ',', joint);
  return text;
}

void OptionFields::add_field(std::shared_ptr<const OptionField> field, const void* defaults) {
  rows_.push_back({field->name(), field->text(defaults, '+'), field->meaning(), field->flag()});
  fields_.push_back(std::move(field));
}

void OptionFields::show(std::string phrase) { rows_.back().fallback = std::move(phrase); }

std::string OptionFields::where(std::string_view field) const {
  return field.empty() ? name_ : fmt::format("{}:{}", name_, field);
}

void OptionFields::read_spec(const Spec& spec, void* options) const {
  SpecReader read(spec);
  for (const auto& field : fields_) {
    const bool given = read.has(field->name());
    const std::string text = read.text(field->name(), "");
    if (given) field->read(options, {text, where(field->name())});
  }
  read.finish();
}

// What shows the default keeps it: a default may be a phrase, and no number is read that was never typed. But
// a Preset's is known as given where it is typed.
void OptionFields::read_options(const Options& given, void* options, const void* defaults) const {
  const std::vector<OptionRow> shown = rows_of(options, defaults, ',');
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i]->take(options, given.value(shown[i].name))) continue;
    const std::string& text = given.text(shown[i].name);
    const bool typed_anew = fields_[i]->preset() && given.given(shown[i].name);
    if (text == shown[i].fallback && !typed_anew) continue;
    const OptionText typed{text, "--" + shown[i].name, false};
    if (text.empty())
      fields_[i]->clear(options, typed);
    else
      fields_[i]->read(options, typed);
  }
}

void OptionFields::give(const void* options, const void* defaults, Options& to) const {
  for (const auto& field : fields_)
    if (field->given(options, defaults))
      to.set(field->name(), field->text(options, ','), field->value(options));
}

void OptionFields::put(const void* before, const void* after, Options& to) const {
  for (const auto& field : fields_) {
    const bool given_now = field->preset() && field->given(after, before) && !field->given(before, before);
    if (std::string text = field->text(after, ','); given_now || text != field->text(before, ','))
      to.set(field->name(), std::move(text), field->value(after));
  }
}

void OptionFields::say_of(std::string_view name, std::string meaning) {
  for (OptionRow& row : rows_)
    if (row.name == name) row.meaning = std::move(meaning);
}

bool OptionFields::has(std::string_view name) const {
  return std::any_of(rows_.begin(), rows_.end(), [&](const OptionRow& row) { return row.name == name; });
}

void OptionFields::check_fields(const void* options) const {
  for (const auto& field : fields_) field->check(options, where(field->name()));
}

// A phrase stands for the table's own default.
std::vector<OptionRow> OptionFields::rows_of(const void* options, const void* defaults, char joint) const {
  std::vector<OptionRow> rows = rows_;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string text = fields_[i]->text(options, joint);
    const bool phrase = rows_[i].fallback != fields_[i]->text(defaults, '+');
    if (!phrase || text != fields_[i]->text(defaults, joint)) rows[i].fallback = text;
  }
  return rows;
}

Spec OptionFields::spec_of(const void* options, const void* defaults) const {
  Spec spec{name_};
  for (const auto& field : fields_)
    if (std::string text = field->text(options, '+'); text != field->text(defaults, '+'))
      spec.options.emplace_back(field->name(), std::move(text));
  return spec;
}

}  // namespace pushforward
