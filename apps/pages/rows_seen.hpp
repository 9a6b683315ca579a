// SPDX-License-Identifier: Apache-2.0
// Rows on a page: images as a grid, points of the plane as a cloud, tables column by column.
#pragma once

#include <string>

#include "pages/blocks.hpp"
#include "pages/columns.hpp"
#include "pages/page.hpp"
#include "pushforward/data.hpp"
#include "pushforward/shape.hpp"

namespace pushforward::pages {

bool is_plane(RowShape shape);
/// Whether rows of this shape are shown column by column.
bool is_columns(RowShape shape);

struct GridLook {
  std::size_t columns = 20;
  std::size_t group = 0;  ///< a double gap after every so many
};
/// Images as they are, a pixel a pixel; the page enlarges them.
Json images_block(View<const float> rows, RowShape shape, const GridLook& look,
                  const std::string& alternative, const std::string& caption);

/// Two tables beside each other: every column, what goes with what, ten rows of `y`. Sections of their own.
void add_columns(Page& page, const ColumnTable& x, const ColumnTable& y);

/// Distances of `made` rows to their closest `training` row, beside those of `fresh` rows (without any: of
/// training rows to each other), as shares.
Json closest_block(const Dataset& made, const Dataset& training, const Dataset* fresh);

}  // namespace pushforward::pages
