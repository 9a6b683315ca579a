// SPDX-License-Identifier: Apache-2.0
// Letters, digits and what no shell looks at stand as they are; single quotes hide the rest.
#include "core/shell_word.hpp"

#include <algorithm>
#include <cctype>

namespace pushforward {

std::string shell_word(std::string_view text) {
  const auto plain = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("_./:@%+=,-").find(c) != std::string_view::npos;
  };
  if (!text.empty() && std::ranges::all_of(text, plain)) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

}  // namespace pushforward
