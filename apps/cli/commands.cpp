// SPDX-License-Identifier: Apache-2.0
// The table of subcommands: one file each.
#include "command.hpp"

namespace pushforward::cli {

Command data_command();
Command distance_command();
Command divergence_command();
Command entropy_command();
Command code_command();
Command density_command();

std::span<const Command> commands() {
  static const std::vector<Command> table = {
      // Data
      data_command(),
      // Measure
      distance_command(),
      divergence_command(),
      entropy_command(),
      code_command(),
      density_command(),
  };
  return table;
}

}  // namespace pushforward::cli
