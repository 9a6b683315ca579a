// SPDX-License-Identifier: Apache-2.0
// The table of subcommands: one file each.
#include "command.hpp"

namespace pushforward::cli {

Command data_command();
Command train_command();
Command sample_command();
Command encode_command();
Command decode_command();
Command reconstruct_command();
Command denoise_command();
Command manifold_command();
Command interpolate_command();
Command evaluate_command();
Command compare_command();
Command report_command();
Command run_command();
Command export_command();
Command distance_command();
Command animate_command();
Command learn_theta_command();
Command walkthrough_command();
Command studio_command();
Command completion_command();
Command test_command();
Command divergence_command();
Command entropy_command();
Command code_command();
Command density_command();
Command fit_command();
Command transport_command();
Command barycenter_command();
Command witness_command();

std::span<const Command> commands() {
  static const std::vector<Command> table = {
      // Data
      data_command(),
      // Train and use a network
      train_command(),
      sample_command(),
      encode_command(),
      decode_command(),
      reconstruct_command(),
      denoise_command(),
      manifold_command(),
      interpolate_command(),
      evaluate_command(),
      compare_command(),
      report_command(),
      run_command(),
      export_command(),
      // Measure
      distance_command(),
      test_command(),
      divergence_command(),
      entropy_command(),
      code_command(),
      density_command(),
      fit_command(),
      transport_command(),
      barycenter_command(),
      witness_command(),
      // Show
      animate_command(),
      learn_theta_command(),
      walkthrough_command(),
      studio_command(),
      completion_command(),
  };
  return table;
}

}  // namespace pushforward::cli
