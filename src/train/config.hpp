// SPDX-License-Identifier: Apache-2.0
//
// config.toml: all that is needed to build a run's model again, in a form that a person reads and edits, and
// that `train --config` takes.
//
//   format = 1                 # of the run directory; another number is refused by name
//   program = "0.1.0"
//   model = "vae"
//   data = "table.csv"         # as typed
//   path = "/home/…/table.csv" # where it is, if it is a file
//   rows = 60000
//   digest = "…"               # of their values; also validation_digest and inputs_digest
//   standardized = true        # data.safetensors belongs to the run
//   [shape]                    # of one observation
//   height = 28 …
//   [options]                  # every option, defaults included
//   latent = 20
//   [check]                    # XXH64 of the text above, and (its low half) of each value
//   text = "…"
//   values = "model:… data:… …"
//
// The last section tells damage from editing. Where the text is not the one that was written, each value is
// compared: an option that is missing, or one that changed and that --resume may not change, is refused by
// name; a changed one of the others (resume_options(), data, path) is taken and remarked. `train --config`
// does not look at it.
#pragma once

#include <optional>
#include <string>

#include "pushforward/run.hpp"

namespace pushforward {

inline constexpr long long kRunFormat = 1;

struct RunConfig {
  std::string model, data;
  std::size_t rows = 0;  ///< of the training data
  RowShape shape;
  std::string path{};
  DataDigests digests{};
  std::optional<bool> standardized{};  ///< not known in runs of an earlier version
  std::vector<std::pair<std::string, std::string>> options{};
  bool checked = false;  ///< whether there was a [check]
  std::string remark{};  ///< what an editor changed, or ""
};

RunConfig config_of(const Run& run);
std::string config_text(const RunConfig& config, const Options& options);
/// `where` is the file's name. RequestError on anything but a config of this format.
RunConfig parse_config(const std::string& text, const std::string& where);

}  // namespace pushforward
