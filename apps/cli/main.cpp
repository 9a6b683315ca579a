// SPDX-License-Identifier: Apache-2.0
//
// The program: finds the subcommand in the table, parses, runs, and maps what went wrong to an exit status:
// 0 done, 1 the work failed, 2 the request was wrong, 130 interrupted after a checkpoint.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>

#include "command.hpp"
#include "core/synonyms.hpp"
#include "core/text.hpp"
#include "interrupt.hpp"
#include "out_of_memory.hpp"
#include "output.hpp"
#include "output_folders.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/version.hpp"
#include "ranks.hpp"

namespace pushforward::cli {
namespace {

constexpr int kFailed = 1, kBadRequest = 2, kInterrupted = 130;

int fail(Ranks& ranks, int status, const std::string& message) {
  const std::string text = printable(message);
  std::fputs(fmt::format("pushforward: error: {}\n", text).c_str(), stderr);
  return ranks.end(status, text);
}

std::string overview() {
  std::string text =
      "Generative networks, and the distances between distributions that train them.\n\n"
      "Usage: pushforward COMMAND [options]\n";
  std::string group;
  for (const Command& command : commands()) {
    if (command.group != group) text += "\n" + (group = command.group) + ":\n";
    text += fmt::format("  {:<14}{}\n", command.name, command.summary);
  }
  return text +
         "\nEvery command explains itself: pushforward COMMAND --help. Also: --version.\n"
         "Every command takes --seed, --threads, --json and --quiet, and --force to replace an output\n"
         "that exists; train never replaces a run.";
}

const Command& find_command(const std::string& name) {
  std::vector<std::string> valid;
  for (const Command& command : commands()) valid.push_back(command.name);
  return commands()[find_word("command", name, valid)];
}

void run_command(const Command& command, std::vector<std::string> words) {
  if (command.parse_and_run) return command.parse_and_run(std::move(words));
  CommandLine line(command.name, command.summary, command.examples);
  Common common;
  const std::function<void()> work = command.declare(line, common);
  add_common(line, common);
  line.parse(words);
  const OutputFolders folders(line.written_paths());
  set_threads(static_cast<int>(common.threads));
  work();
  note_refused_threads(common.quiet);
}

// A file that is opened while 0, 1 or 2 is closed would get that number, and then every progress line or
// result. /dev/null stands in, open the wrong way round, so that reading or writing fails as it would have.
void occupy_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd)
    if (::fcntl(fd, F_GETFD) < 0 && errno == EBADF) ::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

void run_words(const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help")
    return print_line(overview());
  if (words[0] == "--version" || words[0] == "version")
    return print_line(fmt::format("pushforward {}", version()));
  const Command& command = find_command(words[0]);
  run_within_memory(command, [&] { run_command(command, {words.begin() + 1, words.end()}); });
}

void run(const std::vector<std::string>& words) {
  try {
    run_words(words);
  } catch (const HelpRequested& help) {
    print_line(help.text);
  }
}

}  // namespace
}  // namespace pushforward::cli

int main(int argc, char** argv) {
  using namespace pushforward;
  cli::occupy_standard_descriptors();
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may grow no further is an error like a full disk
  cli::Ranks ranks;
  try {
    cli::load_unwinder();
    const std::vector<std::string> words(argv + 1, argv + argc);
    ranks.join(words);
    cli::run(words);
    return ranks.end(0, "");
  } catch (const cli::Interrupted& interrupted) {
    std::fputs(fmt::format("pushforward: error: {}\n", interrupted.what()).c_str(), stderr);
    return ranks.end(cli::kInterrupted, "");  // all have stopped
  } catch (const RequestError& error) {
    return cli::fail(ranks, cli::kBadRequest, error.what());
  } catch (const std::filesystem::filesystem_error& error) {
    return cli::fail(ranks, cli::kFailed,
                     fmt::format("{}: got '{}', wanted a path that can be used", error.path1().string(),
                                 error.code().message()));
  } catch (const std::exception& error) {
    return cli::fail(ranks, cli::kFailed, error.what());
  }
}
