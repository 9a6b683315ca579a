// SPDX-License-Identifier: Apache-2.0
//
// The options that go with every DATA argument.
#pragma once

#include "command_line.hpp"
#include "data/pictures.hpp"
#include "pushforward/data.hpp"

namespace pushforward::cli {

/// Declares how pictures are read.
inline void add_picture_options(CommandLine& line, LoadOptions& options, PictureOptions& pictures) {
  line.text("--resize", options.resize, "Brings pictures to one size", {.type = "HxW", .group = "Data"});
  line.text("--fit", pictures.fit,
            "What --resize does to another aspect ratio: crop (to the middle), pad or stretch",
            {.type = "FIT", .group = "Data"});
  line.flag("--grey", options.grey, "Makes pictures grey", {.group = "Data"});
  line.flag("--skip-broken", pictures.skip_broken, "Goes on without pictures that cannot be read",
            {.group = "Data"});
}

/// Declares --label-column, --labels and how pictures are read; `options.seed` is the caller's to set.
inline void add_data_options(CommandLine& line, LoadOptions& options, PictureOptions& pictures) {
  line.text("--label-column", options.label_column,
            "Column of a CSV or TSV that holds the labels: a name, or a number from 1",
            {.type = "NAME", .group = "Data"});
  line.text("--labels", options.labels_file, "Labels for the rows: NPY, IDX, or a text file of one a line",
            {.type = "FILE", .group = "Data"});
  add_picture_options(line, options, pictures);
}

}  // namespace pushforward::cli
