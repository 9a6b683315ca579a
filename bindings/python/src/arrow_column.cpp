// SPDX-License-Identifier: Apache-2.0
// Cells of Arrow columns, as numbers and as a CSV has them.
#include <charconv>
#include <chrono>
#include <cstring>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "arrow.hpp"
#include "pushforward/error.hpp"

namespace pushforward::python {
namespace {

__extension__ using Wide = __int128;

double half_as_double(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) return fraction ? NAN : sign * HUGE_VAL;
  return sign * (exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24));
}

template <class T>
T value_at(const void* values, std::int64_t i) {
  return static_cast<const T*>(values)[i];
}
template <class T>
double at(const void* values, std::int64_t i) {
  return static_cast<double>(value_at<T>(values, i));
}

// By the format's letter; null for what is no number.
auto getter_of(std::string_view format) -> double (*)(const void*, std::int64_t) {
  if (format.size() != 1) return nullptr;
  switch (format[0]) {
    case 'b':
      return [](const void* v, std::int64_t i) { return bit_at(v, i) ? 1.0 : 0.0; };
    case 'c':
      return at<std::int8_t>;
    case 'C':
      return at<std::uint8_t>;
    case 's':
      return at<std::int16_t>;
    case 'S':
      return at<std::uint16_t>;
    case 'i':
      return at<std::int32_t>;
    case 'I':
      return at<std::uint32_t>;
    case 'l':
      return at<std::int64_t>;
    case 'L':
      return at<std::uint64_t>;
    case 'e':
      return [](const void* v, std::int64_t i) {
        return half_as_double(static_cast<const std::uint16_t*>(v)[i]);
      };
    case 'f':
      return at<float>;
    case 'g':
      return at<double>;
    default:
      return nullptr;
  }
}

std::int64_t ticks_of(std::string_view format) {
  if (format == "tdD") return -1;
  if (format == "tdm" || format.starts_with("tsm:")) return 1000;
  if (format.starts_with("tss:")) return 1;
  if (format.starts_with("tsu:")) return 1'000'000;
  return format.starts_with("tsn:") ? 1'000'000'000 : 0;
}

// A fraction as it is written: 1.0, not 1, for that would be a whole number. NaN is a cell without a value.
template <class T>
std::string fraction_text(T value) {
  if (std::isnan(value)) return {};
  std::string text = fmt::format("{}", value);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

std::string digits_of(Wide value) {
  std::string digits;
  for (Wide left = value; left != 0 || digits.empty(); left /= 10) {
    const int digit = static_cast<int>(left % 10);
    digits.insert(digits.begin(), static_cast<char>('0' + (digit < 0 ? -digit : digit)));
  }
  return digits;
}

// Text of one of the three layouts: offsets of 32 or 64 bits, or views, whose short texts lie within.
std::string text_of(std::string_view format, const ArrowArray& values, std::int64_t i) {
  if (format == "vu") {
    const char* view = static_cast<const char*>(values.buffers[1]) + 16 * i;
    std::int32_t length, part[2];
    std::memcpy(&length, view, sizeof length), std::memcpy(part, view + 8, sizeof part);
    const char* begin =
        length <= 12 ? view + 4 : static_cast<const char*>(values.buffers[2 + part[0]]) + part[1];
    return {begin, static_cast<std::size_t>(length)};
  }
  const auto offset = [&](std::int64_t k) {
    return format == "U" ? value_at<std::int64_t>(values.buffers[1], k)
                         : std::int64_t{value_at<std::int32_t>(values.buffers[1], k)};
  };
  const std::int64_t begin = offset(i), end = offset(i + 1);
  if (begin == end) return {};
  return {static_cast<const char*>(values.buffers[2]) + begin, static_cast<std::size_t>(end - begin)};
}

bool is_text(std::string_view format) { return format == "u" || format == "U" || format == "vu"; }

std::string time_text(std::int64_t seconds, bool days) {
  using namespace std::chrono;
  const sys_seconds time{std::chrono::seconds(seconds)};
  const auto day = floor<std::chrono::days>(time);
  const year_month_day date(day);
  if (!(date.year() >= year(1) && date.year() <= year(9999)))
    throw RequestError(Complaint{"a date", fmt::format("the year {}", int(date.year())), "1 … 9999"});
  const std::string text =
      fmt::format("{:04}-{:02}-{:02}", int(date.year()), unsigned(date.month()), unsigned(date.day()));
  if (days) return text;
  const hh_mm_ss clock(time - day);
  return fmt::format("{}T{:02}:{:02}:{:02}", text, clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

}  // namespace

ArrowColumn::ArrowColumn(const ArrowSchema& schema, std::string name)
    : name_(std::move(name)), format_(schema.format) {
  get_ = getter_of(format_);
  if (schema.dictionary != nullptr) {
    categories_ = std::make_unique<ArrowColumn>(*schema.dictionary, name_);
    return;
  }
  per_second_ = ticks_of(format_);
  int precision = 0, bits = 128;
  if (format_.starts_with("d:") &&
      std::sscanf(format_.c_str(), "d:%d,%d,%d", &precision, &decimals_, &bits) >= 2 && bits <= 128)
    decimal_bits_ = bits;
}

std::string ArrowColumn::kind() const {
  if (categories_) return "categories";
  if (is_text(format_)) return "text";
  if (format_.starts_with("tD")) return "durations";
  if (format_.starts_with('t')) return "dates or times";
  if (format_.starts_with("d:")) return "decimals";
  if (format_.starts_with('+')) return "lists";
  return "values of Arrow format '" + format_ + "'";
}

bool ArrowColumn::number() const { return !categories_ && (get_ != nullptr || decimal()); }

double ArrowColumn::number_at(const ArrowArray& values, std::int64_t i) const {
  if (!decimal()) return get_(values.buffers[1], i);
  const std::string text = decimal_text(values.buffers[1], i);
  double value = 0;  // rounded once
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string ArrowColumn::decimal_text(const void* values, std::int64_t i) const {
  Wide value = 0;
  if (decimal_bits_ == 32) value = value_at<std::int32_t>(values, i);
  if (decimal_bits_ == 64) value = value_at<std::int64_t>(values, i);
  if (decimal_bits_ == 128) std::memcpy(&value, static_cast<const char*>(values) + 16 * i, sizeof value);
  std::string digits = digits_of(value);
  if (decimals_ < 0) digits.append(static_cast<std::size_t>(-decimals_), '0');
  if (decimals_ > 0) {
    const auto after = static_cast<std::size_t>(decimals_);
    if (digits.size() <= after) digits.insert(0, after + 1 - digits.size(), '0');
    digits.insert(digits.size() - after, 1, '.');
  }
  return (value < 0 ? "-" : "") + digits;
}

std::int64_t ArrowColumn::seconds_at(const ArrowArray& values, std::int64_t i) const {
  if (per_second_ < 0) return 86'400 * std::int64_t{value_at<std::int32_t>(values.buffers[1], i)};
  const std::int64_t ticks = value_at<std::int64_t>(values.buffers[1], i);
  return ticks / per_second_ - (ticks % per_second_ < 0 ? 1 : 0);  // a second that has not ended is not told
}

bool ArrowColumn::has_text() const {
  if (categories_) return categories_->has_text();
  return number() || date() || is_text(format_) || format_ == "n";
}

bool ArrowColumn::at_midnight(const ArrowArray& values, std::int64_t i) const {
  return !date() || is_null(values, i) || seconds_at(values, i) % 86'400 == 0;
}

std::string ArrowColumn::text_at(const ArrowArray& values, std::int64_t i, bool days) const {
  if (format_ == "n" || is_null(values, i)) return {};
  if (categories_) {
    const auto place = static_cast<std::int64_t>(get_(values.buffers[1], i));
    return categories_->text_at(*values.dictionary, values.dictionary->offset + place, days);
  }
  if (is_text(format_)) return text_of(format_, values, i);
  if (date()) return time_text(seconds_at(values, i), days);
  const void* numbers = values.buffers[1];
  if (decimal()) return decimal_text(numbers, i);
  switch (format_[0]) {
    case 'b':
      return bit_at(numbers, i) ? "true" : "false";
    case 'f':
      return fraction_text(value_at<float>(numbers, i));
    case 'e':
    case 'g':
      return fraction_text(get_(numbers, i));
    case 'l':
      return std::to_string(value_at<std::int64_t>(numbers, i));
    case 'L':
      return std::to_string(value_at<std::uint64_t>(numbers, i));
    default:
      return std::to_string(static_cast<std::int64_t>(get_(numbers, i)));
  }
}

}  // namespace pushforward::python
