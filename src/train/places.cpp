// SPDX-License-Identifier: Apache-2.0
#include "train/places.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "data/digest.hpp"
#include "data/parts.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStandardInput = "-";
constexpr std::string_view kFiles[] = {"validation", "noisy", "labels", "schema", "init", "names", "code"};

bool has_file(const Options& options, std::string_view name) {
  return options.known(name) && options.has(name) && names_file(name, options.text(name));
}

// Known by its name alone, whatever lies in the folder.
bool has_no_place(const std::string& argument) {
  return argument.starts_with("toy:") || data::is_named(data::parse_argument(argument).source);
}

}  // namespace

std::string place_of(const std::string& argument) {
  if (argument.empty() || has_no_place(argument)) return "";
  std::error_code problem;
  for (std::size_t end = argument.size(); end > 0; end = argument.find_last_of("[@:", end - 1)) {
    if (end == std::string::npos) break;
    if (fs::exists(argument.substr(0, end), problem))
      return fs::absolute(argument, problem).lexically_normal().string();
  }
  return "";
}

bool names_data(const std::string& validation) {
  return validation.find_first_not_of("0123456789.eE+-") != std::string::npos;
}

bool names_file(std::string_view option, const std::string& text) {
  if (option == "validation") return names_data(text);
  return option == "source" || std::ranges::find(kFiles, option) != std::end(kFiles);
}

std::vector<OptionRow> place_options() {
  return {{"validation", "", "where the data of --validation are now"},
          {"noisy", "", "where the noisy halves of pairs are now"},
          {"labels", "", "where the file of labels is now"}};
}

void settle_places(Options& options) {
  for (const std::string_view name : kFiles) {
    if (!has_file(options, name)) continue;
    if (std::string place = place_of(options.text(name)); !place.empty()) options.set(name, std::move(place));
  }
}

void move_places(Options& options, const std::map<std::string, std::string>& moved) {
  for (const auto& [name, value] : moved) {
    const bool data = name != "validation" || names_data(value);
    if (!has_file(options, name) || value.empty() || !data)
      throw RequestError(Complaint{"--resume", fmt::format("--{} {}", name, value),
                                   fmt::format("a new place for --{} of a run that has one", name),
                                   "begin a new run, with --init RUN for its weights"});
    options.set(name, value);
  }
  settle_places(options);
}

void give_data(Run& run, const std::string& argument) {
  run.data_path = place_of(argument);
  if (run.data_path.empty()) run.data_name = argument;
}

std::string known_data(const Run& run) {
  const std::string argument = data_argument(run);
  const bool there = argument != kStandardInput && !place_of(argument).empty();
  if (there || has_no_place(argument)) return argument;
  const std::string got = !run.data_path.empty() ? fmt::format("no training data at {}", run.data_path)
                          : argument == kStandardInput
                              ? "training data that came from standard input"
                              : fmt::format("training data '{}', which lie in no file", argument);
  throw RequestError(Complaint{run.path, got, "them again", "--data DATA says where they are now"});
}

void check_training_data(const Run& run, const Dataset& training) {
  const std::uint64_t found = digest_of(training);
  if (run.digests.training == 0 || run.digests.training == found) return;
  throw RequestError(
      Complaint{training.name, fmt::format("other values (digest {:016x})", found),
                fmt::format("those that the run was trained on ({:016x})", run.digests.training),
                "as DATA, any rows can be used"});
}

}  // namespace pushforward
