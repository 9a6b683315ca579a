// SPDX-License-Identifier: Apache-2.0
//
// Where rows go: .npy, .csv, .png (a grid of images, or points of the plane) or a folder of PNGs.
#pragma once

#include <string>

#include "pushforward/data.hpp"
#include "report/picture.hpp"

namespace pushforward::cli {

/// Checks, before any work is done, that `path` names something that rows of this shape can be written to:
/// RequestError when it exists (without `force`), has an unknown ending, or is a picture of what is none.
///
/// A folder is replaced whole: only one that holds nothing but pictures of an earlier command, which are
/// called by numbers or by `names`; never `source`, where these come from.
void check_rows_output(const std::string& path, RowShape shape, bool force,
                       const std::vector<std::string>& names = {}, const std::string& source = {});

struct RowsOutput {
  RowShape shape;
  report::GridOptions grid{};
  report::ScatterOptions scatter{};
  std::vector<std::string> columns{};  ///< names for a CSV; empty = x0, x1, …
  std::vector<std::string>
      names{};  ///< of the files that rows came from: a CSV's first column, a folder's files
};

/// Writes rows (float32, in the data's shape). Images are clipped to 0…1 in PNGs.
void write_rows(const std::string& path, View<const float> rows, const RowsOutput& how);

}  // namespace pushforward::cli
