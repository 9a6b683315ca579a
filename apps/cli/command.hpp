// SPDX-License-Identifier: Apache-2.0
//
// What a subcommand is. To add one: a file in commands/ that defines its Command, and a row in
// commands.cpp. A subcommand declares its options on a CommandLine and returns what to do; main.cpp alone
// maps failures to exit statuses, and output.hpp alone writes to standard output.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "command_line.hpp"

namespace pushforward::cli {

/// What every command understands.
struct Common {
  std::uint64_t seed = 0;
  std::size_t threads = 0;  ///< 0 = the processors that this process may use
  bool json = false, quiet = false, force = false;
};

/// Declares options on a line; the function returned runs the command after parsing. `common` is filled by
/// then.
using Declare = std::function<std::function<void()>(CommandLine& line, const Common& common)>;

struct Command {
  std::string name, summary;
  std::string group;     ///< "Data", "Train and use a network", "Measure", "Show"
  std::string examples;  ///< lines printed at the end of --help
  Declare declare;
  /// Where options depend on other arguments (train: on the model), this runs instead, on the words after the
  /// name.
  std::function<void(std::vector<std::string> words)> parse_and_run{};
  /// What may follow the name (for shell completion), where it is not a file: models, shells.
  std::function<std::vector<std::string>()> first_words{};
  /// What takes less memory; ends the error of one that ran out.
  std::string smaller = "fewer rows take less: DATA@0:1000";
  /// For completion, of a command without `declare`: what its actions declare, and whether it takes the
  /// options of every model.
  std::function<std::vector<Declare>()> actions{};
  bool learns = false;
};

/// The table, in the order of --help.
std::span<const Command> commands();

/// Adds --seed, --threads, --json, --quiet, --force.
void add_common(CommandLine& line, Common& common);

}  // namespace pushforward::cli
