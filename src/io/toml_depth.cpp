// SPDX-License-Identifier: Apache-2.0
// One pass that knows strings and comments, and counts dots between what ends a key or a value.
#include "io/toml_depth.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward::io {
namespace {

constexpr std::size_t kMostDots = 16;

// Where the string that opens at `begin` ends (just behind its quotes), or the end of the text.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  const char quote = text[begin];
  const std::string three(3, quote);
  const std::string_view closing =
      text.substr(begin).starts_with(three) ? std::string_view(three) : text.substr(begin, 1);
  std::size_t at = begin + closing.size();
  while (at < text.size() && !text.substr(at).starts_with(closing)) {
    if (closing.size() == 1 && text[at] == '\n') return at;  // not closed: the parser will say so
    at += quote == '"' && text[at] == '\\' ? 2 : 1;
  }
  return std::min(text.size(), at + closing.size());
}

}  // namespace

void check_toml(std::string_view text, const std::string& where, std::size_t longest) {
  if (text.size() > longest)
    throw RequestError(
        Complaint{where, fmt::format("{} bytes", text.size()), fmt::format("at most {}", longest)});
  std::size_t dots = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = end_of_string(text, at);
      continue;
    }
    if (c == '#') {
      at = std::min(text.size(), text.find('\n', at));
      continue;
    }
    if (c == '.') ++dots;
    if (std::string_view("=\n,{}[]").find(c) != std::string_view::npos) dots = 0;
    if (dots > kMostDots)
      throw RequestError(Complaint{
          fmt::format("{}:{}", where,
                      1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')),
          "a key of many dots", fmt::format("at most {}", kMostDots)});
    ++at;
  }
}

}  // namespace pushforward::io
