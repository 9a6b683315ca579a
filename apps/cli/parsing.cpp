// SPDX-License-Identifier: Apache-2.0
// CLI11 behind this program's manners: errors in one line that name the nearest valid word.
#include <algorithm>

#include <fmt/format.h>

#include "command.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

RequestError explain(const CLI::App& app, const CLI::ParseError& problem) {
  const std::string where = app.get_name();
  const std::vector<std::string> extra = app.remaining(true);
  if (!extra.empty() && extra.front().starts_with("-")) {
    const std::string near = nearest_word(extra.front(), option_names(app));
    return RequestError(Complaint{where, fmt::format("'{}'", extra.front()), "an option that --help lists",
                                  near.empty() ? "" : fmt::format("did you mean '{}'?", near)});
  }
  if (!extra.empty())
    return RequestError(Complaint{where, fmt::format("'{}'", extra.front()), "nothing more",
                                  "options begin with '--'; see --help"});
  return RequestError(fmt::format("{}: {}; see --help", where, problem.what()));
}

}  // namespace

void add_common(CLI::App& app, Common& common) {
  app.add_option("--seed", common.seed, "Seed of everything random")->capture_default_str();
  app.add_option("--threads", common.threads, "Threads (default: the processors this process may use)");
  app.add_flag("--json", common.json, "Print exactly one JSON value on standard output");
  app.add_flag("--quiet", common.quiet, "No progress and no notes");
  app.add_flag("--force", common.force, "Replace output files that exist");
}

std::unique_ptr<CLI::App> make_app(const std::string& name, const std::string& summary,
                                   const std::string& examples) {
  auto app = std::make_unique<CLI::App>(summary, "pushforward " + name);
  app->get_formatter()->column_width(34);
  if (!examples.empty()) app->footer("Examples:\n" + examples);
  return app;
}

void parse_words(CLI::App& app, std::vector<std::string> words) {
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    throw HelpRequested{app.help()};
  } catch (const CLI::ParseError& problem) {
    throw explain(app, problem);
  }
}

}  // namespace pushforward::cli
