// SPDX-License-Identifier: Apache-2.0
//
// Where a drawing goes: .png or .svg.
#pragma once

#include <string>

#include "report/drawing.hpp"

namespace pushforward::cli {

/// Whether the ending is that of a drawing.
bool is_drawing(const std::string& path);
/// `title` says in a sentence what is to be seen.
void write_drawing(const std::string& path, const report::Drawing& drawing, const std::string& title);

}  // namespace pushforward::cli
