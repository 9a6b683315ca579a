// SPDX-License-Identifier: Apache-2.0
//
// Words as lines, for pictures of pixels: strokes that are painted smooth at any place.
#pragma once

#include "report/drawing.hpp"

namespace pushforward::report {

/// The strokes of words that stand on a line through `at`, from there to the right. ASCII alone.
std::vector<std::vector<Place>> strokes_of(const std::string& text, Place at);

}  // namespace pushforward::report
