// SPDX-License-Identifier: Apache-2.0
// What a figure of `evaluate` says, in half a sentence, and which way is better.
#pragma once

#include <string_view>

namespace pushforward::pages {

struct FigureNote {
  std::string_view name, about;
  std::string_view better;  ///< "higher", "lower", "" where neither is
};

/// Of a figure by its name, parts with a blank between ("memorisation ratio"), numbers of lists left away;
/// null where there is nothing to say.
const FigureNote* figure_note(std::string_view name);

}  // namespace pushforward::pages
