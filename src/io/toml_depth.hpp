// SPDX-License-Identifier: Apache-2.0
//
// A TOML text looked at before it is parsed: toml++ bounds the depth of arrays and inline tables, but takes a
// dotted key (a.a.a… = 1) of any length, makes a table of each dot and walks them recursively: a key of 100
// kB overflows the stack. No option of this program has a dot, so a few are room enough.
#pragma once

#include <string>
#include <string_view>

namespace pushforward::io {

/// RequestError that names the line of a key with more than 16 dots, or a text longer than `longest` bytes.
void check_toml(std::string_view text, const std::string& where, std::size_t longest = 1 << 20);

}  // namespace pushforward::io
