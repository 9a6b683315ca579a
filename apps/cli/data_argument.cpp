// SPDX-License-Identifier: Apache-2.0
#include "data_argument.hpp"

#include <numeric>

#include "data/noise.hpp"
#include "data/parts.hpp"
#include "data/pictures.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/error.hpp"
#include "pushforward/run.hpp"

namespace pushforward::cli {
namespace {

std::uint64_t seed_of(const Options& options) { return options.seed("seed"); }

}  // namespace

LoadOptions load_options(const Options& options, std::uint64_t seed) {
  return {.label_column = options.text("label-column"),
          .header = options.text("header"),
          .columns = options.text("columns"),
          .drop = options.text("drop"),
          .schema_file = options.text("schema"),
          .schema = {},
          .mixed = true,
          .labels_file = options.text("labels"),
          .resize = options.text("resize"),
          .grey = options.yes("grey"),
          .seed = seed};
}

PictureOptions picture_options(const Options& options) {
  return {.fit = options.text("fit"), .skip_broken = options.yes("skip-broken")};
}

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

TrainingData load_training_data(const std::string& argument, const Options& options, bool quiet) {
  const PictureOptions pictures = picture_options(options);
  TrainingData data{load_told(argument, load_options(options, seed_of(options)), pictures, quiet)};
  const bool share = validation_rows(options, data.training.rows()) > 0;
  if (options.has("validation") && !share) {
    LoadOptions like = load_options(options, seed_of(options) + 1);
    like.schema = data.training.schema;
    data.validation = load_told(options.text("validation"), like, pictures, quiet);
  }
  if (options.known("noisy") && options.has("noisy")) {
    data.inputs = load_told(options.text("noisy"), load_options(options, seed_of(options)), pictures, quiet);
    check_pairs(data.training, *data.inputs);
    if (data.validation)
      throw RequestError(Complaint{"--validation", options.text("validation"),
                                   "a share of the pairs that --noisy makes", "--validation 0.1"});
  }
  return data;
}

OwnRows load_own_rows(const std::string& argument, const Options& options) {
  TrainingData loaded = load_training_data(argument, options);
  if (loaded.validation) return {std::move(*loaded.validation), true};
  const std::size_t rows = loaded.training.rows(), held_out = validation_rows(options, rows);
  if (held_out == 0) return {std::move(loaded.training), false, std::move(loaded.inputs)};
  std::vector<std::uint32_t> last(held_out);
  std::iota(last.begin(), last.end(), static_cast<std::uint32_t>(rows - held_out));
  OwnRows own{loaded.training.select(last), true};
  if (loaded.inputs) own.inputs = loaded.inputs->select(last);
  return own;
}

}  // namespace pushforward::cli
