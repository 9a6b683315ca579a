// SPDX-License-Identifier: Apache-2.0
#include "things.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "pushforward/data.hpp"
#include "pushforward/error.hpp"
#include "pushforward/run.hpp"
#include "train/can_go_on.hpp"

namespace pushforward::cli::studio {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kLongestName = 80;

bool is_run(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path + "/config.toml", ignored);
}

std::vector<std::string> runs_within(const std::string& folder) {
  std::vector<std::string> runs;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (is_run(entry.path().string())) runs.push_back(entry.path().string());
  std::sort(runs.begin(), runs.end());
  return runs;
}

std::string last_piece(const std::string& path) {
  const fs::path piece(path);
  return (piece.has_filename() ? piece : piece.parent_path()).filename().string();
}

Json run_json(const std::string& name, const std::string& path) {
  try {
    const Run run = open_run(path);
    return {{"name", name},
            {"model", run.entry->name},
            {"data", run.data_name},
            {"latent", code_size(*run.model)},
            {"generates", can<Generative>(*run.model)},
            {"goes_on", can_go_on(path)}};
  } catch (const Error& problem) {
    return {{"name", name}, {"error", problem.what()}};
  }
}

}  // namespace

Things::Things(const std::vector<std::string>& arguments, std::string folder, std::uint64_t seed)
    : folder_(std::move(folder)) {
  for (const std::string& argument : arguments) add_argument(argument, seed);
  for (const std::string& path : runs_within(folder_)) add_run(path);
}

void Things::add_argument(const std::string& argument, std::uint64_t seed) {
  if (is_run(argument)) return add_run(argument);
  if (const std::vector<std::string> several = runs_within(argument); !several.empty()) {
    for (const std::string& path : several) add_run(path);
    return;
  }
  const Dataset data = load_data(argument, {.mixed = true, .seed = seed});
  data_.emplace_back(argument, fmt::format("{} rows of {}", data.rows(), data.shape.text()));
}

void Things::add_run(const std::string& path) {
  const std::lock_guard lock(mutex_);
  std::error_code ignored;
  for (const auto& [name, known] : runs_)
    if (fs::equivalent(known, path, ignored)) return;
  std::string name = last_piece(path);
  for (int k = 2; runs_.contains(name); ++k) name = fmt::format("{} ({})", last_piece(path), k);
  runs_.emplace(name, path);
}

std::string Things::run_path(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(name);
  if (found == runs_.end())
    throw RequestError(Complaint{"run", "'" + name + "'", "one of the studio's runs"});
  return found->second;
}

std::string Things::data_argument(const std::string& name) const {
  for (const auto& [argument, about] : data_)
    if (argument == name) return argument;
  for (const NamedData& named : named_data())
    if (named.present && (named.name == name || named.name + ":test" == name)) return name;
  throw RequestError(
      Complaint{"data", "'" + name + "'", "data that the studio was started with, or a named set"});
}

std::string Things::new_path(const std::string& name) const {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  if (name.empty() || name.size() > kLongestName || name[0] == '.' ||
      name.find_first_not_of(kLetters) != std::string::npos)
    throw RequestError(
        Complaint{"name", "'" + name + "'", "letters, digits, '-', '_' and '.', no '.' first"});
  std::error_code problem;
  fs::create_directories(folder_, problem);
  if (problem) throw RequestError(Complaint{folder_, problem.message(), "a folder that can be made"});
  const std::string path = (fs::path(folder_) / name).string();
  if (exists(path)) throw RequestError(path + " already exists; choose another name");
  return path;
}

Json Things::json() const {
  std::map<std::string, std::string> runs;
  {
    const std::lock_guard lock(mutex_);
    runs = runs_;
  }
  Json list = Json::array(), data = Json::array(), models_json = Json::array();
  for (const auto& [name, path] : runs) list.push_back(run_json(name, path));
  for (const auto& [argument, about] : data_) data.push_back({{"name", argument}, {"about", about}});
  for (const NamedData& named : named_data())
    if (named.present) data.push_back({{"name", named.name}, {"about", named.summary}});
  for (const ModelEntry& model : models())
    models_json.push_back({{"name", model.name}, {"title", model.title}});
  return {{"runs", std::move(list)},
          {"data", std::move(data)},
          {"models", std::move(models_json)},
          {"folder", folder_}};
}

}  // namespace pushforward::cli::studio
