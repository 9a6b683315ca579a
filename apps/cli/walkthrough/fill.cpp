// SPDX-License-Identifier: Apache-2.0
#include "fill.hpp"

#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "io/markup.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::cli::walkthrough {
namespace {

std::string superscript(std::string_view digits) {
  static constexpr const char* raised[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string text;
  for (const char c : digits) text += c == '-' ? "⁻" : raised[c - '0'];
  return text;
}

// Infinities are texts in JSON.
std::optional<double> number_of(const Json& value) {
  if (value.is_number()) return value.get<double>();
  const auto* text = value.get_ptr<const std::string*>();
  if (text && *text == "inf") return INFINITY;
  if (text && *text == "-inf") return -INFINITY;
  return std::nullopt;
}

std::string place(std::string_view name, const Json& numbers) {
  int digits = 6;
  std::string_view path = name;
  if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
    std::from_chars(name.data() + colon + 1, name.data() + name.size(), digits);
    path = name.substr(0, colon);
  }
  const Json* value = find(numbers, path);
  if (!value) throw WorkError(fmt::format("the page's {{{{{}}}}}: the chapter has no such number", name));
  const std::optional<double> number = number_of(*value);
  if (!number) return io::escape_markup(value->is_string() ? value->get<std::string>() : value->dump());
  return fmt::format("<span class=\"n\" data-path=\"{}\">{}</span>", path, shown(*number, digits));
}

}  // namespace

std::string shown(double value, int digits) {
  if (std::isinf(value)) return value > 0 ? "∞" : "−∞";
  std::string text = fmt::format("{:.{}g}", std::abs(value), digits);
  if (const std::size_t e = text.find('e'); e != std::string::npos) {
    const int power = std::stoi(text.substr(e + 1));
    text = text.substr(0, e) + " × 10" + superscript(fmt::format("{}", power));
  }
  return value < 0 ? "−" + text : text;
}

const Json* find(const Json& numbers, std::string_view path) {
  const Json* at = &numbers;
  for (const std::string& step : split(path, '.')) {
    if (at->is_array()) {
      std::size_t index = 0;
      const auto [end, problem] = std::from_chars(step.data(), step.data() + step.size(), index);
      if (problem != std::errc() || end != step.data() + step.size() || index >= at->size()) return nullptr;
      at = &(*at)[index];
    } else {
      const auto found = at->find(step);
      if (found == at->end()) return nullptr;
      at = &*found;
    }
  }
  return at;
}

std::string fill(std::string_view html, const Json& numbers) {
  std::string filled;
  while (true) {
    const std::size_t begin = html.find("{{"), end = html.find("}}", begin);
    if (begin == std::string_view::npos || end == std::string_view::npos) return filled + std::string(html);
    filled += html.substr(0, begin);
    filled += place(html.substr(begin + 2, end - begin - 2), numbers);
    html.remove_prefix(end + 2);
  }
}

}  // namespace pushforward::cli::walkthrough
