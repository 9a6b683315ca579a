// SPDX-License-Identifier: Apache-2.0
// Whole numbers from text, with their range.
#include "core/whole_number.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr double kLargestExact = 9007199254740992;  // 2^53: doubles from here on skip whole numbers

// A sign and a magnitude; `huge`, where 64 bits do not hold it.
struct Signed {
  bool negative = false, huge = false;
  std::uint64_t magnitude = 0;
};

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<std::uint64_t> from_scientific(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stop != end || !(value >= 0 && value < kLargestExact)) return std::nullopt;
  if (value != std::floor(value)) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

std::optional<Signed> read(std::string_view text) {
  Signed number;
  number.negative = text.starts_with('-');
  if (number.negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || text.front() == '-' || text.front() == '+') return std::nullopt;
  if (!all_digits(text)) {
    const std::optional<std::uint64_t> magnitude = from_scientific(text);
    if (!magnitude) return std::nullopt;
    number.magnitude = *magnitude;
    return number;
  }
  const auto [stop, problem] = std::from_chars(text.data(), text.data() + text.size(), number.magnitude);
  number.huge = problem == std::errc::result_out_of_range;
  return number;
}

}  // namespace

std::string WholeRange::text() const {
  if (most == std::numeric_limits<std::uint64_t>::max())
    return fmt::format("a whole number from {} to 2^64-1", least);
  return fmt::format("a whole number from {} to {}", least, most);
}

std::uint64_t whole_number(std::string_view text, std::string_view where, WholeRange range) {
  const std::optional<Signed> number = read(text);
  if (!number) throw RequestError(Complaint{std::string(where), fmt::format("'{}'", text), range.text()});
  const bool below = number->negative && number->magnitude > 0;
  if (below || number->huge || number->magnitude < range.least || number->magnitude > range.most)
    throw RequestError(Complaint{std::string(where), std::string(text), range.text()});
  return number->magnitude;
}

}  // namespace pushforward
