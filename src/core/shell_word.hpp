// SPDX-License-Identifier: Apache-2.0
//
// Commands that are printed to be typed: a name with a blank or a bracket in it is put in quotes.
#pragma once

#include <string>
#include <string_view>

namespace pushforward {

/// As a shell takes it for one word.
std::string shell_word(std::string_view text);

}  // namespace pushforward
