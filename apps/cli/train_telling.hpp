// SPDX-License-Identifier: Apache-2.0
// What a training says of itself: an epoch as a line and as JSON, and how it ended.
#pragma once

#include <optional>
#include <string>

#include "output.hpp"
#include "pushforward/train.hpp"

namespace pushforward::cli {

Json epoch_json(const Progress& progress);
std::string epoch_text(const Progress& progress);
/// "  mmd 0.012  variety 0.98"; "" where nothing was monitored.
std::string monitor_text(const std::optional<Losses>& monitor);
Fields summary_fields(const Summary& summary, const Options& options);

}  // namespace pushforward::cli
