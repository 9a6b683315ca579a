// SPDX-License-Identifier: Apache-2.0
//
// pushforward completion: what a shell needs to complete commands, models and options.
//
// The words come from the table of commands and the registries, so that a new model or option completes
// without a line here; what may follow an option, from its declaration or from the reader of its values. DATA
// and files are left to the shell's own completion of names.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"
#include "core/unknown_word.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/train.hpp"

namespace pushforward::cli {
namespace {

struct Words {
  std::string command;
  std::vector<std::string> words;      // that may stand anywhere
  std::vector<ValuedOption> valued{};  // and what may follow those that take a value
};

// What the reader of a model's option takes, as it says itself of a word that is none; empty where it takes
// numbers, paths or any text.
std::vector<std::string> words_of(const ModelEntry& model, const OptionRow& row) {
  Options options = options_of(model);
  options.set(row.name, "?");
  try {
    model.make(options, {.width = 2});
  } catch (const UnknownWord& unknown) {
    return unknown.valid();
  } catch (const std::exception&) {  // of whatever else it wants
  }
  return {};
}

void add_words(std::vector<std::string>& to, const std::vector<std::string>& more) {
  for (const std::string& word : more)
    if (std::find(to.begin(), to.end(), word) == to.end()) to.push_back(word);
}

// train: the options of every model.
void add_models(Words& to) {
  add_words(to.words, {"--config", "--resume", "--data", "--output", "--animate", "--summary", "--json",
                       "--quiet", "--help"});
  to.valued = {{{"--config"}, {}},
               {{"--resume"}, {}},
               {{"--data"}, {}},
               {{"-o", "--output"}, {}},
               {{"--animate"}, {}}};
  std::map<std::string, std::vector<std::string>> values;
  for (const ModelEntry& model : models()) {
    const Options options = options_of(model);
    for (const OptionRow& row : options.rows()) {
      add_words(to.words, {"--" + row.name});
      if (!row.flag) add_words(values[row.name], words_of(model, row));
    }
  }
  for (auto& [name, words] : values) to.valued.push_back({{"--" + name}, std::move(words)});
}

Words words_of(const Command& command) {
  Words all{command.name, command.first_words ? command.first_words() : std::vector<std::string>{}};
  std::vector<Declare> declared = command.actions ? command.actions() : std::vector<Declare>{};
  if (command.declare) declared.push_back(command.declare);
  for (const Declare& declare : declared) {
    CommandLine line(command.name, command.summary, "");
    Common common;
    declare(line, common);
    add_common(line, common);
    add_words(all.words, line.names());
    for (ValuedOption& option : line.valued())
      if (std::ranges::find(all.valued, option.names, &ValuedOption::names) == all.valued.end())
        all.valued.push_back(std::move(option));
  }
  if (command.learns) add_models(all);
  return all;
}

std::vector<Words> all_words() {
  std::vector<Words> all;
  for (const Command& command : commands()) all.push_back(words_of(command));
  return all;
}

std::vector<std::string> names(const std::vector<Words>& all) {
  std::vector<std::string> out;
  for (const Words& one : all) out.push_back(one.command);
  return out;
}

// Behind an option with a value: `with` of its words, or of none, where the shell's own names of files do.
template <class With>
std::string cases_of(const Words& one, With with) {
  std::vector<std::string> any;
  std::string text;
  for (const ValuedOption& option : one.valued) {
    const std::string pattern = fmt::format("{}", fmt::join(option.names, "|"));
    if (option.words.empty())
      any.push_back(pattern);
    else
      text += with(pattern, option.words);
  }
  return any.empty() ? text : text + with(fmt::format("{}", fmt::join(any, "|")), {});
}

// The word is taken from the line, as bash breaks it at ':' and '=', and what stands before the last of these
// is cut off again from what is offered. In a list, what follows the last comma is completed.
constexpr const char* kBashHead =
    R"(# bash completion of pushforward; for example: source <(pushforward completion bash)
_pushforward() {
  local line=${COMP_LINE:0:COMP_POINT} word typed before words list= i
  word=${line##*[[:space:]]}
  read -ra typed <<< "${line%"$word"}"
  before=${typed[-1]}
  if [[ $word == --*=* ]]; then before=${word%%=*} word=${word#*=}; fi
  if [[ ${#typed[@]} -eq 1 ]]; then
    words=")";
constexpr const char* kBashTail = R"(    esac
  fi
  if [[ $word == *,* ]]; then list=${word%,*},; fi
  mapfile -t COMPREPLY < <(compgen -P "$list" -W "$words" -- "${word##*,}")
  if [[ $word == *[:=]* ]]; then
    list=${word%"${word##*[:=]}"}
    for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$list"}; done
  fi
}
complete -o default -o bashdefault -F _pushforward pushforward)";

std::string bash(const std::vector<Words>& all) {
  std::string text = kBashHead + fmt::format("{}", fmt::join(names(all), " ")) +
                     " --help --version\"\n"
                     "  else\n"
                     "    case ${typed[1]} in\n";
  for (const Words& one : all) {
    text += fmt::format("      {}) case $before in\n", one.command);
    text += cases_of(one, [](const std::string& pattern, const std::vector<std::string>& words) {
      return fmt::format("        {}) words=\"{}\" ;;\n", pattern, fmt::join(words, " "));
    });
    text += fmt::format("        *) words=\"{}\" ;;\n        esac ;;\n", fmt::join(one.words, " "));
  }
  return text + kBashTail;
}

std::string zsh(const std::vector<Words>& all) {
  std::string text =
      "#compdef pushforward\n"
      "# zsh completion of pushforward; for example: pushforward completion zsh > ~/.zfunc/_pushforward\n"
      "_pushforward() {\n"
      "  local before=$words[CURRENT-1]\n"
      "  if (( CURRENT == 2 )); then\n"
      "    compadd -- " +
      fmt::format("{}", fmt::join(names(all), " ")) +
      " --help --version\n"
      "    return\n"
      "  fi\n"
      "  if [[ $PREFIX == --*=* ]]; then before=${PREFIX%%=*}; compset -P '*='; fi\n"
      "  case $words[2] in\n";
  for (const Words& one : all) {
    text += fmt::format("    {}) case $before in\n", one.command);
    text += cases_of(one, [](const std::string& pattern, const std::vector<std::string>& words) {
      if (words.empty()) return fmt::format("      {}) ;;\n", pattern);
      return fmt::format("      {}) compset -P '*,'; compadd -- {}; return ;;\n", pattern,
                         fmt::join(words, " "));
    });
    text += fmt::format("      *) compadd -- {} ;;\n      esac ;;\n", fmt::join(one.words, " "));
  }
  return text + "  esac\n  _files\n}\n_pushforward \"$@\"";
}

// An option of fish: -l long, -s short, with its value's words or, where there are none, a file.
std::string fish_option(const std::string& name, const std::vector<ValuedOption>& valued) {
  const auto option = std::find_if(valued.begin(), valued.end(), [&](const ValuedOption& one) {
    return std::find(one.names.begin(), one.names.end(), name) != one.names.end();
  });
  std::string text = fmt::format(" -l {}", name.substr(2));
  if (option == valued.end()) return text;
  for (const std::string& other : option->names)
    if (!other.starts_with("--")) text += fmt::format(" -s {}", other.substr(1));
  return text + (option->words.empty() ? " -r" : fmt::format(" -x -a '{}'", fmt::join(option->words, " ")));
}

std::string fish(const std::vector<Words>& all) {
  std::string text = "# fish completion of pushforward; for example: pushforward completion fish | source\n";
  for (const Command& command : commands())
    text += fmt::format("complete -c pushforward -n __fish_use_subcommand -a {} -d '{}'\n", command.name,
                        command.summary);
  for (const Words& one : all)
    for (const std::string& word : one.words)
      text += fmt::format("complete -c pushforward -n '__fish_seen_subcommand_from {}'{}\n", one.command,
                          word.starts_with("--") ? fish_option(word, one.valued) : " -a " + word);
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
