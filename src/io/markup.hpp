// SPDX-License-Identifier: Apache-2.0
// Text within HTML or SVG.
#pragma once

#include <string>
#include <string_view>

namespace pushforward::io {

/// &, <, > and " as they are written there.
inline std::string escape_markup(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == '&'   ? "&amp;"
           : c == '<' ? "&lt;"
           : c == '>' ? "&gt;"
           : c == '"' ? "&quot;"
                      : std::string(1, c);
  return out;
}

}  // namespace pushforward::io
