// SPDX-License-Identifier: Apache-2.0
//
// How a training went: the numbers of a run's metrics.jsonl, each as a series.
#pragma once

#include <string>
#include <vector>

#pragma GCC visibility push(default)
namespace pushforward {

/// One number over the training; x and y of the same length.
struct Series {
  std::string name;
  std::vector<double> x{}, y{};
};

/// A series a number, in the order of their first appearance.
struct History {
  /// Losses and their parts at the ends of epochs, against the epoch; those of a stage before the
  /// last are series of their own, "loss, layer 1".
  std::vector<Series> epochs{};
  /// Closed-form distances to held-out rows, by their names, against the step.
  std::vector<Series> monitored{};
};
/// Of the run directory at this path; empty where it has no metrics.
History read_history(const std::string& run_path);

/// The series called `name`, or null.
const Series* find_series(const std::vector<Series>& series, const std::string& name);

}  // namespace pushforward
#pragma GCC visibility pop
