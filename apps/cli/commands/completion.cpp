// SPDX-License-Identifier: Apache-2.0
//
// pushforward completion: what a shell needs to complete commands, models and options.
//
// The words come from the table of commands and the registries, so that a new model or option completes
// without a line here. DATA and files are left to the shell's own completion of names.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/train.hpp"

namespace pushforward::cli {
namespace {

struct Words {
  std::string command;
  std::vector<std::string> words;
};

std::vector<std::string> words_of(const Command& command) {
  std::vector<std::string> words = command.first_words ? command.first_words() : std::vector<std::string>{};
  if (command.declare) {
    CommandLine line(command.name, command.summary, "");
    Common common;
    command.declare(line, common);
    add_common(line, common);
    for (const std::string& name : line.names()) words.push_back(name);
  }
  if (command.parse_and_run) {  // train: the options of every model
    for (const char* name : {"--config", "--resume", "--output", "--summary", "--json", "--quiet", "--help"})
      words.emplace_back(name);
    for (const ModelEntry& model : models()) {
      const Options options = options_of(model);
      for (const OptionRow& row : options.rows())
        if (std::find(words.begin(), words.end(), "--" + row.name) == words.end())
          words.push_back("--" + row.name);
    }
  }
  return words;
}

std::vector<Words> all_words() {
  std::vector<Words> all;
  for (const Command& command : commands()) all.push_back({command.name, words_of(command)});
  return all;
}

std::vector<std::string> names(const std::vector<Words>& all) {
  std::vector<std::string> out;
  for (const Words& one : all) out.push_back(one.command);
  return out;
}

std::string bash(const std::vector<Words>& all) {
  std::string text =
      "# bash completion of pushforward; for example: source <(pushforward completion bash)\n"
      "_pushforward() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} words\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    words=\"" +
      fmt::format("{}", fmt::join(names(all), " ")) +
      " --help --version\"\n"
      "  else\n"
      "    case ${COMP_WORDS[1]} in\n";
  for (const Words& one : all)
    text += fmt::format("      {}) words=\"{}\" ;;\n", one.command, fmt::join(one.words, " "));
  return text +
         "    esac\n"
         "  fi\n"
         "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
         "}\n"
         "complete -o default -o bashdefault -F _pushforward pushforward";
}

std::string zsh(const std::vector<Words>& all) {
  std::string text =
      "#compdef pushforward\n"
      "# zsh completion of pushforward; for example: pushforward completion zsh > ~/.zfunc/_pushforward\n"
      "_pushforward() {\n"
      "  if (( CURRENT == 2 )); then\n"
      "    compadd -- " +
      fmt::format("{}", fmt::join(names(all), " ")) +
      " --help --version\n"
      "    return\n"
      "  fi\n"
      "  case $words[2] in\n";
  for (const Words& one : all)
    text += fmt::format("    {}) compadd -- {} ;;\n", one.command, fmt::join(one.words, " "));
  return text + "  esac\n  _files\n}\n_pushforward \"$@\"";
}

std::string fish(const std::vector<Words>& all) {
  std::string text = "# fish completion of pushforward; for example: pushforward completion fish | source\n";
  for (const Command& command : commands())
    text += fmt::format("complete -c pushforward -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                        command.summary);
  for (const Words& one : all)
    for (const std::string& word : one.words)
      text += word.starts_with("--")
                  ? fmt::format("complete -c pushforward -n '__fish_seen_subcommand_from {}' -l {}\n",
                                one.command, word.substr(2))
                  : fmt::format("complete -c pushforward -n '__fish_seen_subcommand_from {}' -a {}\n",
                                one.command, word);
  text.pop_back();
  return text;
}

std::string script_of(const std::string& shell) {
  const std::vector<Words> all = all_words();
  if (shell == "bash") return bash(all);
  if (shell == "zsh") return zsh(all);
  if (shell == "fish") return fish(all);
  const std::vector<std::string> valid = {"bash", "zsh", "fish"};
  throw unknown_word("completion", shell, valid);
}

void complete(const std::string& shell, const Common& common) {
  const std::string script = script_of(shell);
  common.json ? print_json({{"shell", shell}, {"script", script}}) : print_line(script);
}

}  // namespace

Command completion_command() {
  return {.name = "completion",
          .summary = "A script that completes commands and options in bash, zsh or fish",
          .group = "Show",
          .examples = "  source <(pushforward completion bash)",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto shell = std::make_shared<std::string>();
            line.text("SHELL", *shell, "bash, zsh or fish", {.required = true});
            return [shell, &common] { complete(*shell, common); };
          },
          .parse_and_run = {},
          .first_words =
              [] {
                return std::vector<std::string>{"bash", "zsh", "fish"};
              }};
}

}  // namespace pushforward::cli
