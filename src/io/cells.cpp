// SPDX-License-Identifier: Apache-2.0
#include "io/cells.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>

namespace pushforward::io {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

constexpr std::array<double, 16> kTens = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                          1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

// Digits with at most one point, 15 digits at most; false for anything else.
bool short_number(std::string_view cell, double& value, int& decimals) {
  std::size_t at = !cell.empty() && cell[0] == '-' ? 1 : 0;
  std::uint64_t digits = 0;
  std::size_t count = 0, point = std::string_view::npos;
  for (const std::size_t begin = at; at < cell.size(); ++at) {
    if (is_digit(cell[at])) {
      digits = digits * 10 + static_cast<std::uint64_t>(cell[at] - '0'), ++count;
    } else if (cell[at] == '.' && point == std::string_view::npos) {
      point = at;
    } else {
      return false;
    }
    if (at - begin > 15) return false;
  }
  if (count == 0 || count > 15) return false;
  const std::size_t after = point == std::string_view::npos ? 0 : cell.size() - point - 1;
  decimals = static_cast<int>(after);
  value = static_cast<double>(digits) / kTens[after];
  if (cell[0] == '-') value = -value;
  return true;
}

std::optional<double> long_number(std::string_view cell, int& decimals) {
  if (cell.size() > 1 && cell[0] == '+' && cell[1] != '-') cell.remove_prefix(1);
  double value = 0;
  const auto [end, problem] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (cell.empty() || end != cell.data() + cell.size()) return std::nullopt;
  // Too small for a double is 0 or subnormal, which strtod gives and from_chars does not.
  if (problem == std::errc::result_out_of_range) value = std::strtod(std::string(cell).c_str(), nullptr);
  const std::size_t point = cell.find('.');
  decimals = cell.find_first_of("eE") != std::string_view::npos ? -1
             : point == std::string_view::npos                  ? 0
                                                                : static_cast<int>(cell.size() - point - 1);
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

// "1,234,567" with its commas taken out; false unless they stand where thousands have them.
bool ungrouped(std::string_view text, char thousands, char decimal, std::string& out) {
  std::size_t run = 0;
  bool grouped = false, whole = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (whole && c == thousands) {
      if (run == 0 || run > 3 || (grouped && run != 3)) return false;
      grouped = true, run = 0;
      continue;
    }
    if (c == decimal) {
      if (!whole || (grouped && run != 3)) return false;
      whole = false, out += '.';
      continue;
    }
    if (whole && is_digit(c)) ++run;
    out += c;
  }
  return !(whole && grouped && run != 3);
}

std::string_view without_affixes(std::string_view cell, const NumberForm& form, bool& negative) {
  if (cell.size() > 1 && cell[0] == '-' && !form.prefix.empty() && cell.substr(1).starts_with(form.prefix))
    cell.remove_prefix(1), negative = true;
  if (cell.starts_with(form.prefix)) cell.remove_prefix(form.prefix.size());
  if (cell.ends_with(form.suffix)) cell.remove_suffix(form.suffix.size());
  return trimmed(cell);
}

constexpr std::string_view kSigns[] = {"$", "€", "£", "%"};

struct DateParts {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0;
  double second = 0;
};

int two_digits(std::string_view text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

int days_in(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (month == 2 && leap ? 1 : 0);
}

// Days since 1970-01-01 in the Gregorian calendar, and back [Hinnant, "chrono-compatible low-level date
// algorithms", 2014].
std::int64_t days_of(int year, int month, int day) {
  const std::int64_t y = year - (month <= 2 ? 1 : 0), era = (y >= 0 ? y : y - 399) / 400,
                     of_era = y - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

DateParts date_of(std::int64_t days) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097, of_era = days - era * 146097;
  const std::int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;
  DateParts out;
  out.day = static_cast<int>(of_year - (153 * m + 2) / 5 + 1);
  out.month = static_cast<int>(m < 10 ? m + 3 : m - 9);
  out.year = static_cast<int>(y + era * 400 + (out.month <= 2 ? 1 : 0));
  return out;
}

bool valid(const DateParts& p) {
  return p.month >= 1 && p.month <= 12 && p.day >= 1 && p.day <= days_in(p.year, p.month) && p.hour < 24 &&
         p.minute < 60 && p.second < 60;
}

constexpr std::string_view kDateForms[] = {"YYYY-MM-DD", "YYYY/MM/DD", "DD.MM.YYYY", "MM/DD/YYYY",
                                           "DD/MM/YYYY", "DD-MM-YYYY", "YYYYMMDD"};
constexpr std::string_view kTimeForms[] = {"", " hh:mm", " hh:mm:ss", "Thh:mm", "Thh:mm:ss", "Thh:mm:ssZ"};

bool fits(std::string_view cell, std::string_view form) {
  if (cell.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool letter = std::string_view("YMDhms").find(form[i]) != std::string_view::npos;
    if (letter ? !is_digit(cell[i]) : cell[i] != form[i]) return false;
  }
  return true;
}

std::string grouped(const std::string& plain, char thousands) {
  std::string digits = plain;
  const std::size_t begin = digits.starts_with('-') ? 1 : 0;
  for (std::size_t at = digits.size(); at > begin + 3; at -= 3) digits.insert(at - 3, 1, thousands);
  return digits;
}

std::string number_text(const TableColumn& column, double value) {
  std::string text = column.kind == ColumnKind::whole && column.decimals < 0 ? fmt::format("{:.0f}", value)
                     : column.decimals >= 0 ? fmt::format("{:.{}f}", value, column.decimals)
                                            : fmt::format("{}", value);
  if (text.find_first_not_of("-0.") == std::string::npos && text.starts_with('-')) text.erase(0, 1);
  const NumberForm& form = column.form;
  if (form.plain()) return text;
  const std::size_t point = text.find('.');
  std::string whole = text.substr(0, point), rest;
  if (point != std::string::npos) rest = text.substr(point + 1);
  if (form.thousands != 0) whole = grouped(whole, form.thousands);
  const bool negative = whole.starts_with('-') && !form.prefix.empty();
  if (negative) whole.erase(0, 1);
  const std::string after = rest.empty() ? std::string() : fmt::format("{}{}", form.decimal, rest);
  return fmt::format("{}{}{}{}{}", negative ? "-" : "", form.prefix, whole, after, form.suffix);
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<double> plain_number(std::string_view cell, int& decimals) {
  double value = 0;
  if (short_number(cell, value, decimals)) return value;
  return long_number(trimmed(cell), decimals);
}

std::optional<double> number_in(std::string_view cell, const NumberForm& form, int& decimals) {
  if (form.plain()) return plain_number(cell, decimals);
  bool negative = false;
  cell = without_affixes(trimmed(cell), form, negative);
  std::string digits;
  if (!ungrouped(cell, form.thousands, form.decimal, digits)) return std::nullopt;
  std::optional<double> value = plain_number(digits, decimals);
  if (value && negative) value = -*value;
  return value;
}

std::optional<NumberForm> form_of_number(std::string_view cell, bool comma_decimals) {
  int decimals = 0;
  NumberForm form;
  cell = trimmed(cell);
  if (!comma_decimals && plain_number(cell, decimals)) return form;
  const std::string_view unsigned_cell = cell.starts_with('-') ? cell.substr(1) : cell;
  for (std::string_view sign : kSigns) {
    if (sign != "%" && unsigned_cell.starts_with(sign)) form.prefix = sign;
    if (!form.prefix.empty() || !cell.ends_with(sign)) continue;
    const bool apart = cell.size() > sign.size() && cell[cell.size() - sign.size() - 1] == ' ';
    form.suffix = fmt::format("{}{}", apart ? " " : "", sign);
  }
  if (comma_decimals) form.decimal = ',';
  const char group = comma_decimals ? '.' : ',';
  if (number_in(cell, form, decimals)) return form;
  form.thousands = group;
  if (number_in(cell, form, decimals)) return form;
  return std::nullopt;
}

bool is_missing(std::string_view cell) {
  cell = trimmed(cell);
  if (cell.size() > 5) return false;
  constexpr std::string_view kWords[] = {"",     "NA",   "na",   "N/A",  "n/a",  "NaN", "nan",  "NAN", "#N/A",
                                         "NULL", "null", "Null", "None", "<NA>", "?",   "-nan", "NaT"};
  return std::find(std::begin(kWords), std::end(kWords), cell) != std::end(kWords);
}

int truth_of(std::string_view cell) {
  cell = trimmed(cell);
  if (cell == "True" || cell == "true" || cell == "TRUE") return 1;
  if (cell == "False" || cell == "false" || cell == "FALSE") return 0;
  return -1;
}

std::string date_form_of(std::string_view cell, bool day_first) {
  cell = trimmed(cell);
  if (cell.size() < 10 || cell.size() > 20 || !is_digit(cell[0])) return "";  // 20200101 may be a number
  for (std::string_view date : kDateForms)
    for (std::string_view time : kTimeForms) {
      if (date == "YYYYMMDD" || (day_first && date == "MM/DD/YYYY")) continue;
      const std::string form = fmt::format("{}{}", date, time);
      if (fits(cell, form) && date_in(cell, form)) return form;
    }
  return "";
}

std::optional<double> date_in(std::string_view cell, std::string_view form) {
  cell = trimmed(cell);
  if (!fits(cell, form)) return std::nullopt;
  DateParts p;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (i > 0 && form[i] == form[i - 1]) continue;
    if (form[i] == 'Y') p.year = two_digits(cell.substr(i)) * 100 + two_digits(cell.substr(i + 2));
    if (form[i] == 'M') p.month = two_digits(cell.substr(i));
    if (form[i] == 'D') p.day = two_digits(cell.substr(i));
    if (form[i] == 'h') p.hour = two_digits(cell.substr(i));
    if (form[i] == 'm') p.minute = two_digits(cell.substr(i));
    if (form[i] == 's') p.second = two_digits(cell.substr(i));
  }
  if (!valid(p)) return std::nullopt;
  return static_cast<double>(days_of(p.year, p.month, p.day)) * 86400 + p.hour * 3600.0 + p.minute * 60.0 +
         p.second;
}

std::string date_text(double seconds, std::string_view form) {
  constexpr double kYear1 = -62135596800.0, kYear9999 = 253402300799.0;  // what four digits hold
  const auto whole = static_cast<std::int64_t>(std::clamp(std::round(seconds), kYear1, kYear9999));
  const std::int64_t days = (whole >= 0 ? whole : whole - 86399) / 86400, rest = whole - days * 86400;
  const DateParts p = date_of(days);
  std::string out;
  for (std::size_t i = 0; i < form.size(); ++i) {
    if (i > 0 && form[i] == form[i - 1] && form[i] != ':') continue;
    switch (form[i]) {
      case 'Y':
        out += fmt::format("{:04}", p.year);
        break;
      case 'M':
        out += fmt::format("{:02}", p.month);
        break;
      case 'D':
        out += fmt::format("{:02}", p.day);
        break;
      case 'h':
        out += fmt::format("{:02}", rest / 3600);
        break;
      case 'm':
        out += fmt::format("{:02}", rest / 60 % 60);
        break;
      case 's':
        out += fmt::format("{:02}", rest % 60);
        break;
      default:
        out += form[i];
    }
  }
  return out;
}

double nearest_value(const TableColumn& column, double value) {
  if (std::isnan(value)) return value;
  if (column.kind == ColumnKind::category || column.kind == ColumnKind::truth) {
    const double last = static_cast<double>(std::max<std::size_t>(1, column.categories.size())) - 1;
    return std::clamp(std::round(value), 0.0, last);
  }
  value = std::clamp(value, column.low, column.high);
  if (column.kind == ColumnKind::whole) return std::round(value);
  if (column.kind == ColumnKind::date) {
    const bool seconds = column.date_form.find('s') != std::string::npos;
    const bool minutes = column.date_form.find('m') != std::string::npos;
    const double unit = seconds ? 1 : minutes ? 60 : 86400;
    return std::floor(value / unit) * unit;
  }
  if (column.kind != ColumnKind::number || column.decimals < 0 || column.decimals > 15) return value;
  const double ten = kTens[static_cast<std::size_t>(column.decimals)];
  return std::abs(value) < 1e15 / ten ? std::round(value * ten) / ten : value;
}

std::string cell_text(const TableColumn& column, double value) {
  if (std::isnan(value)) return column.missing_text;
  switch (column.kind) {
    case ColumnKind::truth:
    case ColumnKind::category: {
      const auto place = static_cast<std::size_t>(nearest_value(column, value));
      return place < column.categories.size() ? column.categories[place] : "";
    }
    case ColumnKind::date:
      return date_text(value, column.date_form);
    default:
      return number_text(column, value);
  }
}

}  // namespace pushforward::io
