// SPDX-License-Identifier: Apache-2.0
//
// A run's metrics.jsonl as curves.
#pragma once

#include <string>
#include <vector>

#include "output.hpp"
#include "pages/blocks.hpp"

namespace pushforward::cli {

/// A curve a number, in the order of their first appearance.
struct History {
  /// Losses and their parts at the ends of epochs, against the epoch; those of a stage before the
  /// last are curves of their own, "loss, layer 1".
  std::vector<Curve> epochs{};
  /// Closed-form distances to held-out rows, by their names, against the step.
  std::vector<Curve> monitored{};
};
History read_history(const std::string& run_path);
/// The lines of a run's metrics.jsonl that are JSON objects; none where there is no such file.
std::vector<Json> metrics_lines(const std::string& run_path);

/// The curve called `name`, or null.
const Curve* find_curve(const std::vector<Curve>& curves, const std::string& name);

}  // namespace pushforward::cli
