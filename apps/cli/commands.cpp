// SPDX-License-Identifier: Apache-2.0
// The table of subcommands: one file each.
#include "command.hpp"
#include "core/row.hpp"

namespace pushforward::cli {

#define ROW(name) PUSHFORWARD_ROW(Command, name)

std::span<const Command> commands() {
  static const std::vector<Command> table = {
      // Data
      ROW(data_command),  //
      // Train and use a network
      ROW(train_command),        //
      ROW(sample_command),       //
      ROW(encode_command),       //
      ROW(decode_command),       //
      ROW(reconstruct_command),  //
      ROW(denoise_command),      //
      ROW(manifold_command),     //
      ROW(interpolate_command),  //
      ROW(evaluate_command),     //
      ROW(compare_command),      //
      ROW(report_command),       //
      ROW(run_command),          //
      ROW(export_command),       //
      // Measure
      ROW(distance_command),    //
      ROW(test_command),        //
      ROW(divergence_command),  //
      ROW(entropy_command),     //
      ROW(code_command),        //
      ROW(density_command),     //
      ROW(fit_command),         //
      ROW(transport_command),   //
      ROW(barycenter_command),  //
      ROW(witness_command),     //
      // Show
      ROW(animate_command),      //
      ROW(learn_theta_command),  //
      ROW(walkthrough_command),  //
      ROW(studio_command),       //
      ROW(completion_command),   //
  };
  return table;
}

}  // namespace pushforward::cli
