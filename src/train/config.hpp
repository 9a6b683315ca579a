// SPDX-License-Identifier: Apache-2.0
//
// config.toml: all that is needed to build a run's model again, in a form that a person reads and edits, and
// that `train --config` takes.
//
//   format = 1                 # of the run directory; another number is refused by name
//   program = "0.1.0"
//   model = "vae"
//   data = "mnist"
//   rows = 60000
//   [shape]                    # of one observation
//   height = 28 …
//   [options]                  # every option, defaults included
//   latent = 20
#pragma once

#include <string>

#include "pushforward/run.hpp"

namespace pushforward {

inline constexpr long long kRunFormat = 1;

struct RunConfig {
  std::string model, data;
  std::size_t rows = 0;  ///< of the training data
  RowShape shape;
  std::vector<std::pair<std::string, std::string>> options{};
};

std::string config_text(const RunConfig& config, const Options& options);
/// `where` is the file's name. RequestError on anything but a config of this format.
RunConfig parse_config(const std::string& text, const std::string& where);

}  // namespace pushforward
