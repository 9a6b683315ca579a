// SPDX-License-Identifier: Apache-2.0
//
// The program: a table of subcommands, one file each. Nothing else prints, parses or exits.
#include <cstdio>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "command.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward::cli {
namespace {

constexpr int kFailed = 1, kBadRequest = 2;

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      distance_command(),
  };
  return table;
}

void add_common(CLI::App& app, Common& common) {
  app.add_option("--seed", common.seed, "Seed of everything random")->capture_default_str();
  app.add_option("--threads", common.threads, "Threads (default: the processors this process may use)");
  app.add_flag("--json", common.json, "Print exactly one JSON value on standard output");
  app.add_flag("--quiet", common.quiet, "No progress and no notes");
  app.add_flag("--force", common.force, "Replace output files that exist");
}

int fail(int status, const std::string& message) {
  std::fputs(fmt::format("pushforward: error: {}\n", message).c_str(), stderr);
  return status;
}

// What CLI11 says, in this program's words: one line, and the nearest valid word for a misspelt one.
std::string explain(const CLI::App& app, const CLI::ParseError& problem) {
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  std::vector<std::string> valid;
  for (const CLI::Option* option : at->get_options()) valid.push_back(option->get_name());
  for (const CLI::App* child : at->get_subcommands([](const CLI::App*) { return true; }))
    valid.push_back(child->get_name());
  const std::vector<std::string> extra = at->remaining(true);
  const std::string where = at->get_name().empty() ? "command line" : at->get_name();
  if (!extra.empty()) {
    const std::string near = nearest_word(extra.front(), valid);
    const bool option = extra.front().starts_with("-");
    return Error(Complaint{where, fmt::format("'{}'", extra.front()),
                           option ? "an option that --help lists" : "nothing more, or a known word",
                           near.empty() ? fmt::format("see pushforward {} --help", at->get_name())
                                        : fmt::format("did you mean '{}'?", near)})
        .what();
  }
  return fmt::format("{}: {}; see --help", where, problem.what());
}

int run(int argc, char** argv) {
  CLI::App app("Generative networks, and the distances between distributions that train them.", "");
  app.set_version_flag("--version", std::string("pushforward " PUSHFORWARD_VERSION));
  app.require_subcommand(0, 1);
  Common common;
  std::function<void()> chosen;
  for (const Command& command : commands()) {
    CLI::App* sub = app.add_subcommand(command.name, command.summary)->group(command.group);
    if (!command.examples.empty()) sub->footer("Examples:\n" + command.examples);
    add_common(*sub, common);
    sub->parse_complete_callback([&chosen, work = command.declare(*sub, common)] { chosen = work; });
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print_line(app.help());
    return 0;
  } catch (const CLI::CallForVersion&) {
    print_line("pushforward " PUSHFORWARD_VERSION);
    return 0;
  } catch (const CLI::ParseError& problem) {
    return fail(kBadRequest, explain(app, problem));
  }
  if (!chosen) {
    print_line(app.help());
    return 0;
  }
  set_threads(common.threads);
  chosen();
  return 0;
}

}  // namespace
}  // namespace pushforward::cli

int main(int argc, char** argv) {
  using namespace pushforward;
  try {
    return cli::run(argc, argv);
  } catch (const RequestError& error) {
    return cli::fail(cli::kBadRequest, error.what());
  } catch (const WorkError& error) {
    return cli::fail(cli::kFailed, error.what());
  } catch (const std::bad_alloc&) {
    return cli::fail(cli::kFailed,
                     "memory: got none left, wanted more; use fewer rows or a streaming option");
  } catch (const std::exception& error) {
    return cli::fail(cli::kFailed, error.what());
  }
}
