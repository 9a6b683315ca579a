// SPDX-License-Identifier: Apache-2.0
//
// What a subcommand is. To add one: a file in this folder that defines its Command, and a row in main.cpp's
// table. A subcommand declares its options on a CLI::App and returns what to do; main.cpp alone maps failures
// to exit statuses, and output.hpp alone writes to standard output.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <CLI/CLI.hpp>

namespace pushforward::cli {

/// What every command understands.
struct Common {
  std::uint64_t seed = 0;
  int threads = 0;  ///< 0 = the processors that this process may use
  bool json = false, quiet = false, force = false;
};

struct Command {
  std::string name, summary;
  std::string group;     ///< "Data", "Train and use a network", "Measure", "Show"
  std::string examples;  ///< lines printed at the end of --help
  /// Declares options on `app`; the returned function runs the command after parsing.
  std::function<std::function<void()>(CLI::App& app, const Common& common)> declare;
};

// One function a file, in the order of the table in main.cpp.
Command distance_command();

}  // namespace pushforward::cli
