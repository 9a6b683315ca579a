// SPDX-License-Identifier: Apache-2.0
#include "data_argument.hpp"

#include <algorithm>

#include "data/formats.hpp"
#include "data/parts.hpp"
#include "data/pictures.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/run.hpp"

namespace pushforward::cli {
bool names_pictures(const std::string& argument) {
  return data::is_picture(data::parse_argument(argument).source);
}

LoadOptions load_for(const std::string& argument, LoadOptions load, const std::vector<std::string>& all) {
  const auto table = [](const std::string& one) {
    if (one.empty()) return false;
    const data::FileFormat* format = data::format_named(data::parse_argument(one).source);
    return format != nullptr && format->holds == data::Holds::table;
  };
  if (!table(argument) && std::ranges::any_of(all, table))
    for (std::string* option :
         {&load.label_column, &load.header, &load.columns, &load.drop, &load.schema_file})
      option->clear();
  const auto pictures = [](const std::string& one) { return !one.empty() && names_pictures(one); };
  if (!pictures(argument) && std::ranges::any_of(all, pictures)) load.grey = false, load.resize.clear();
  return load;
}

Dataset load_told(const std::string& argument, const LoadOptions& load, PictureOptions pictures, bool quiet,
                  std::vector<std::string>* names) {
  NamedRows loaded;
  {
    ProgressBar bar("reading pictures", quiet);
    pictures.progress = [&](double done) { bar.update(done, argument); };
    loaded = load_named_rows(argument, load, pictures);
  }
  for (const std::string& remark : loaded.data.remarks) note(remark, quiet);
  if (names != nullptr) *names = std::move(loaded.names);
  return std::move(loaded.data);
}

namespace {

LoadRows telling(bool quiet) {
  return [quiet](const std::string& name, const LoadOptions& load, const PictureOptions& pictures) {
    return load_told(name, load, pictures, quiet);
  };
}

}  // namespace

TrainingData load_training_data(const std::string& argument, const Options& options, bool quiet) {
  return pushforward::load_training_data(argument, options, telling(quiet));
}

TrainingData load_training_data(const Run& run, bool quiet) {
  return pushforward::load_training_data(run, telling(quiet));
}

}  // namespace pushforward::cli
