// SPDX-License-Identifier: Apache-2.0
//
// Pictures of data: a grid of images, or the density of points in the plane.
#pragma once

#include "io/png.hpp"
#include "pushforward/data.hpp"

namespace pushforward::data {

/// The rows (n × shape.size(), 0 is black and 1 is white, what lies outside is clipped) as images side by
/// side, `across` to a line (0 = as square as can be), with `gap` grey pixels between them. `shape` has 1 or
/// 3 channels.
io::Image image_grid(View<const float> rows, const RowShape& shape, std::size_t across = 0,
                     std::size_t gap = 2);

/// Counts of points (n × 2) in size × size equal cells over the square around all of them, as grey: white is
/// none, black the most; the square root of the count, so that thin places show.
io::Image density(View<const float> points, std::size_t size = 512);

/// The first `most` images of a data set of images, brought to 0…1 by its range where it exceeds that, or the
/// density of its points where they lie in the plane. RequestError for anything else.
io::Image picture(const Dataset& data, std::size_t most = 100);

}  // namespace pushforward::data
