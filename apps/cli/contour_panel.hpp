// SPDX-License-Identifier: Apache-2.0
//
// A function over a part of the plane, as a panel of a drawing: tints between level lines, in a frame.
#pragma once

#include <vector>

#include "report/drawing.hpp"
#include "report/surface.hpp"

namespace pushforward::cli {

/// Where in the drawing, in pixels.
struct Panel {
  double left, top, width, height;
};

/// Of a band between two levels.
enum class Tints {
  two_sided,   ///< low orange, the middle white, high blue
  from_white,  ///< low white, high blue: a density
};

/// Tints between the levels, which rise; the level lines; the frame. The axes are for what is drawn on top.
report::Axes draw_contours(report::Drawing& to, const Panel& at, const report::Surface& surface,
                           const std::vector<double>& levels, Tints tints = Tints::two_sided);
/// Level lines alone.
void draw_level_lines(report::Drawing& to, const report::Axes& axes, const report::Surface& surface,
                      const std::vector<double>& levels, const report::Stroke& stroke);

}  // namespace pushforward::cli
