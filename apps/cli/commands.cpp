// SPDX-License-Identifier: Apache-2.0
// The table of subcommands: one file each.
#include "command.hpp"

namespace pushforward::cli {

Command data_command();
Command distance_command();

std::span<const Command> commands() {
  static const std::vector<Command> table = {
      // Data
      data_command(),
      // Measure
      distance_command(),
  };
  return table;
}

}  // namespace pushforward::cli
