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
  line.text("--layout", pictures.layout,
            "What the axes of an array mean, a letter each: n rows, c channels, h height, w width, d numbers",
            {.type = "nchw", .group = "Data"});
  line.flag("--grey", options.grey, "Makes pictures grey", {.group = "Data"});
  line.flag("--skip-broken", pictures.skip_broken, "Goes on without pictures that cannot be read",
            {.group = "Data"});
}

/// Declares how a table is read.
inline void add_table_options(CommandLine& line, LoadOptions& options) {
  line.text("--header", options.header, "Whether the first row of a CSV or TSV holds names (default: looks)",
            {.type = "yes|no", .group = "Data"});
  line.text("--columns", options.columns, "Only these columns of a table: names or numbers from 1",
            {.type = "A,B,…", .group = "Data"});
  line.text("--drop", options.drop, "Columns of a table that are left out",
            {.type = "A,B,…", .group = "Data"});
}

/// Declares how tables, labels and pictures are read; `options.seed` is the caller's to set.
inline void add_data_options(CommandLine& line, LoadOptions& options, PictureOptions& pictures) {
  line.text("--label-column", options.label_column,
            "Column of a CSV or TSV that holds the labels: a name, or a number from 1",
            {.type = "NAME", .group = "Data"});
  add_table_options(line, options);
  line.text("--schema", options.schema_file, "What the columns of a table are",
            {.type = "FILE.toml", .group = "Data"});
  line.text("--labels", options.labels_file, "Labels for the rows: NPY, IDX, or a text file of one a line",
            {.type = "FILE", .group = "Data"});
  add_picture_options(line, options, pictures);
}

}  // namespace pushforward::cli
