// SPDX-License-Identifier: Apache-2.0
// UTF-8 by its table of well-formed sequences (Unicode 15, table 3-7).
#include "core/text.hpp"

#include <cstdint>

#include <fmt/format.h>

namespace pushforward {
namespace {

struct Character {
  std::size_t bytes = 1;  // taken from the text
  std::uint32_t code = 0;
  bool valid = false;
};

// The character at the front of a text that is not empty; one byte where it is none.
Character first_of(std::string_view text) {
  const auto at = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) : 0u;
  };
  const std::uint32_t lead = at(0);
  if (lead < 0x80) return {1, lead, true};
  const std::size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  std::uint32_t code = lead & (0x7Fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((at(i) & 0xC0) != 0x80) return {1, lead, false};
    code = code << 6 | (at(i) & 0x3F);
  }
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (lead < 0xC2 || lead > 0xF4 || code < kLeast[bytes] || code > 0x10FFFF || surrogate)
    return {1, lead, false};
  return {bytes, code, true};
}

// What a terminal or a reader would obey rather than see.
bool commands(std::uint32_t code) {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool direction = code == 0x061C || code == 0x200E || code == 0x200F ||
                         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return control || direction || code == 0x2028 || code == 0x2029;
}

std::string escaped(std::string_view bytes) {
  if (bytes == "\n") return "\\n";
  if (bytes == "\t") return "\\t";
  if (bytes == "\r") return "\\r";
  std::string out;
  for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return out;
}

std::string shown(std::string_view text, std::string_view kept) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character c = first_of(text);
    const std::string_view bytes = text.substr(0, c.bytes);
    const bool plain = c.valid && (!commands(c.code) || kept.find(bytes) != std::string_view::npos);
    if (plain)
      out += bytes;
    else
      out += escaped(bytes);
    text.remove_prefix(c.bytes);
  }
  return out;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const Character c = first_of(text);
    if (!c.valid) return false;
    text.remove_prefix(c.bytes);
  }
  return true;
}

std::string printable(std::string_view text) { return shown(text, ""); }
std::string printable_lines(std::string_view text) { return shown(text, "\n\t"); }

}  // namespace pushforward
