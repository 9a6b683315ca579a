// SPDX-License-Identifier: Apache-2.0
#include "data_argument.hpp"

#include <numeric>

#include "data/parts.hpp"
#include "data/pictures.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/run.hpp"

namespace pushforward::cli {
bool names_pictures(const std::string& argument) {
  return data::is_picture(data::parse_argument(argument).source);
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

OwnRows load_own_rows(const Run& run) {
  TrainingData loaded = load_training_data(run, true);
  if (loaded.validation) return {std::move(*loaded.validation), true};
  const std::size_t rows = loaded.training.rows(), held_out = validation_rows(run.options, rows);
  if (held_out == 0) return {std::move(loaded.training), false, std::move(loaded.inputs)};
  std::vector<std::uint32_t> last(held_out);
  std::iota(last.begin(), last.end(), static_cast<std::uint32_t>(rows - held_out));
  OwnRows own{loaded.training.select(last), true};
  if (loaded.inputs) own.inputs = loaded.inputs->select(last);
  return own;
}

}  // namespace pushforward::cli
