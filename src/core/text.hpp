// SPDX-License-Identifier: Apache-2.0
//
// Text that came from outside (names, cells, messages of other programs), made safe to show.
//
// A terminal obeys control bytes: a file's name could set its title or colors, or move the cursor over what
// was said before. So nothing reaches it but visible characters: control characters (C0, DEL, C1), the ones
// that turn the direction of writing or break lines (Unicode 15, "Default_Ignorable" bidi controls, U+2028,
// U+2029) and bytes that are no UTF-8 (RFC 3629: no surrogates, nothing overlong) are written as \n, \t or
// \xNN, byte by byte, so that two different names never look the same.
#pragma once

#include <string>
#include <string_view>

namespace pushforward {

/// Without the blanks at its ends.
inline std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}
/// Whether all of it is UTF-8.
bool is_utf8(std::string_view text);

/// On one line, with nothing in it that a terminal would obey.
std::string printable(std::string_view text);
/// The same for a text of many lines: newlines and tabs stay.
std::string printable_lines(std::string_view text);

}  // namespace pushforward
