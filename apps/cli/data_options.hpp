// SPDX-License-Identifier: Apache-2.0
//
// The options that go with every DATA argument.
#pragma once

#include "command_line.hpp"
#include "pushforward/data.hpp"

namespace pushforward::cli {

/// Declares --label-column, --labels, --resize and --grey; `options.seed` is the caller's to set.
inline void add_data_options(CommandLine& line, LoadOptions& options) {
  line.text("--label-column", options.label_column,
            "Column of a CSV or TSV that holds the labels: a name, or a number from 1",
            {.type = "NAME", .group = "Data"});
  line.text("--labels", options.labels_file, "Labels for the rows: NPY, IDX, or a text file of one a line",
            {.type = "FILE", .group = "Data"});
  line.text("--resize", options.resize, "Brings the images of a folder to one size",
            {.type = "HxW", .group = "Data"});
  line.flag("--grey", options.grey, "Makes the images of a folder grey", {.group = "Data"});
}

}  // namespace pushforward::cli
