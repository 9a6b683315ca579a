// SPDX-License-Identifier: Apache-2.0
//
// Numbers into a page: {{coding.entropy}} becomes the number of that path, {{coding.entropy:3}} with 3
// significant digits in place of 6.
#pragma once

#include <string>
#include <string_view>

#include "../output.hpp"

namespace pushforward::cli::walkthrough {

/// As a page shows a number: "1.12667", "−0.5", "∞", "1.2 × 10⁻⁷".
std::string shown(double value, int digits = 6);

/// WorkError where the page names a path that `numbers` has not.
std::string fill(std::string_view html, const Json& numbers);

/// The value of "a.0.b"; null where there is none.
const Json* find(const Json& numbers, std::string_view path);

}  // namespace pushforward::cli::walkthrough
