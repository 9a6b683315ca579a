// SPDX-License-Identifier: Apache-2.0
//
// --label, --where and --conditions: what rows that a conditional run makes are told.
#pragma once

#include <string>
#include <vector>

#include "command.hpp"
#include "pushforward/condition.hpp"

namespace pushforward::cli {

struct AskedConditions {
  std::string label{};               ///< of a run conditioned on labels
  std::vector<std::string> where{};  ///< "COLUMN=VALUE" each
  std::string file{};                ///< a condition a row

  bool any() const { return !label.empty() || !where.empty() || !file.empty(); }
};

/// Declares --label and --where and, where `file`, --conditions.
void add_conditions(CommandLine& line, AskedConditions& asked, bool file);
/// n conditions as asked for, and what is left open as often as in training; a file says itself how many.
/// None for a run without; RequestError where something was asked of that.
Dataset conditions_for(const Run& run, const AskedConditions& asked, std::size_t n, const Common& common);

}  // namespace pushforward::cli
