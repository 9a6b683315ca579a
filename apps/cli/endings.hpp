// SPDX-License-Identifier: Apache-2.0
//
// An output's ending is what is written: the check that every command makes before it works.
#pragma once

#include <string>
#include <vector>

#include "io/ending.hpp"

namespace pushforward::cli {

using io::has_ending;

/// ".csv, .npy or .png"
std::string endings_text(const std::vector<std::string>& endings);
/// Refuses a path with none of these endings (".csv", …, in small letters), and one that exists, unless
/// `force`.
void check_output(const std::string& path, const std::vector<std::string>& endings, bool force);

}  // namespace pushforward::cli
