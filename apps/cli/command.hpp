// SPDX-License-Identifier: Apache-2.0
//
// What a subcommand is. To add one: a file in this folder that defines its Command, and a row in
// commands.cpp. A subcommand declares its options on a CLI::App and returns what to do; main.cpp alone maps
// failures to exit statuses, and output.hpp alone writes to standard output.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

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
  /// Declares options on `app`; the returned function runs the command after parsing. `common` is filled by
  /// then.
  std::function<std::function<void()>(CLI::App& app, const Common& common)> declare;
  /// Where options depend on other arguments (train: on the model), this runs instead, on the words after the
  /// name.
  std::function<void(std::vector<std::string> words)> parse_and_run{};
  /// What may follow the name (for shell completion), where it is not a file: models, shells.
  std::function<std::vector<std::string>()> first_words{};
};

/// The table, in the order of --help.
std::span<const Command> commands();

/// Thrown to print a help text and succeed.
struct HelpRequested {
  std::string text;
};

/// Adds --seed, --threads, --json, --quiet, --force.
void add_common(CLI::App& app, Common& common);
/// An app for a command: "pushforward NAME", its summary, its examples below the help.
std::unique_ptr<CLI::App> make_app(const std::string& name, const std::string& summary,
                                   const std::string& examples);
/// Parses; throws HelpRequested, or RequestError in this program's words that names the nearest valid one.
void parse_words(CLI::App& app, std::vector<std::string> words);

}  // namespace pushforward::cli
