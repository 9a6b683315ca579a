// SPDX-License-Identifier: Apache-2.0
// Kinds of fields of layers.
#include "layers/layer_row.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kLargest = 1 << 16;  // of any size of a window

std::string text_of(const Extent& e) {
  return e.height == e.width ? fmt::format("{}", e.height) : fmt::format("{}x{}", e.height, e.width);
}

[[noreturn]] void refuse_extent(const std::string& where, std::string_view got, std::size_t least) {
  throw RequestError(Complaint{where, std::string(got), fmt::format("sizes from {} to {}", least, kLargest)});
}

Extent read_extent(const OptionText& text, std::size_t least) {
  const std::vector<std::string> pieces = split(text.text, 'x');
  if (pieces.size() > 2)
    throw RequestError(Complaint{text.where, std::string(text.text), "a size, or rows x columns: 4x3"});
  const auto size = [&](const std::string& piece) {
    const long long n = parse_count(piece, text.where);
    if (n < static_cast<long long>(least) || n > static_cast<long long>(kLargest))
      refuse_extent(text.where, text.text, least);
    return static_cast<std::size_t>(n);
  };
  const std::size_t first = size(pieces.front());
  return {first, pieces.size() == 2 ? size(pieces[1]) : first};
}

void check_extent(const Extent& e, const std::string& where, std::size_t least) {
  for (const std::size_t n : {e.height, e.width})
    if (n < least || n > kLargest) refuse_extent(where, text_of(e), least);
}

}  // namespace

OptionKind<Extent> extent_kind(std::size_t least) {
  return {.read = [=](const OptionText& text) { return read_extent(text, least); },
          .text = [](const Extent& e, char) { return text_of(e); },
          .check = [=](const Extent& e, const std::string& where) { check_extent(e, where, least); }};
}

OptionKind<std::optional<Extent>> padding_kind() {
  using Padding = std::optional<Extent>;
  return {.read = [](const OptionText& text) -> Padding {
            if (text.text == "same") return std::nullopt;
            return text.text == "valid" ? Extent{0, 0} : read_extent(text, 0);
          },
          .text = [](const Padding& padding, char) { return padding ? text_of(*padding) : "same"; },
          .check =
              [](const Padding& padding, const std::string& where) {
                if (padding) check_extent(*padding, where, 0);
              }};
}

OptionKind<Activation::Kind> activation_kind(std::vector<Activation::Kind> valid) {
  OptionWords<Activation::Kind> words;
  for (std::size_t i = 0; i < activation_names().size(); ++i)
    if (const auto kind = static_cast<Activation::Kind>(i);
        valid.empty() || std::ranges::count(valid, kind) > 0)
      words.emplace_back(activation_name(kind), kind);
  OptionKind<Activation::Kind> kind = word_of(words);
  kind.check = [=](Activation::Kind value, const std::string& where) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : words) names.push_back(name);
    find_option_word({activation_name(value), where}, names);
  };
  return kind;
}

OptionKind<double> slope_kind() { return number_of(0, 1e6); }

void require_channels(const Passage& passage, const std::string& layer) {
  if (passage.channels != passage.input.channels)
    throw RequestError(Complaint{"network", layer + " first", "a convolution or dense layer first",
                                 "two numbers a feature must come out of the decoder's last layer"});
}

}  // namespace pushforward
