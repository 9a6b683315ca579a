// SPDX-License-Identifier: Apache-2.0
//
// The options that go with every DATA argument.
#pragma once

#include <CLI/CLI.hpp>

#include "pushforward/data.hpp"

namespace pushforward::cli {

/// Declares --label-column, --labels, --resize and --grey; `options.seed` is the caller's to set.
inline void add_data_options(CLI::App& app, LoadOptions& options) {
  app.add_option("--label-column", options.label_column,
                 "Column of a CSV or TSV that holds the labels: a name, or a number from 1")
      ->type_name("NAME")
      ->group("Data");
  app.add_option("--labels", options.labels_file,
                 "Labels for the rows: NPY, IDX, or a text file of one a line")
      ->type_name("FILE")
      ->group("Data");
  app.add_option("--resize", options.resize, "Brings the images of a folder to one size")
      ->type_name("HxW")
      ->group("Data");
  app.add_flag("--grey", options.grey, "Makes the images of a folder grey")->group("Data");
}

}  // namespace pushforward::cli
