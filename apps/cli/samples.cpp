// SPDX-License-Identifier: Apache-2.0
// Two DATA arguments become two weighted samples.
#include "samples.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "core/shell_word.hpp"
#include "data_argument.hpp"
#include "masses.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

bool can_load(const std::string& argument, const LoadOptions& load) {
  try {
    load_data(argument, load);
    return true;
  } catch (const RequestError&) {
    return false;
  }
}

// Of a table that holds more than numbers, a refusal says that --standardize would take it.
Dataset load_numbers(const std::string& argument, const LoadOptions& load, const SampleOptions& options,
                     bool quiet) {
  try {
    return load_rows(argument, load, options.pictures, quiet);
  } catch (const RequestError& error) {
    LoadOptions all = load;
    all.mixed = true;
    const bool read_again = !argument.starts_with("-");  // standard input is read once
    if (!options.scalable || !read_again || !can_load(argument, all)) throw;
    throw RequestError(fmt::format("{}; --standardize takes text, dates and gaps as they are", error.what()));
  }
}

void check_shapes(const Dataset& x, const Dataset& y) {
  if (x.cols() == y.cols() && (!x.shape.image || !y.shape.image || x.shape == y.shape)) return;
  const auto described = [](const Dataset& data) {
    return data.shape.image ? fmt::format("images of {} ('{}')", data.shape.text(), data.name)
                            : fmt::format("{} columns ('{}')", data.cols(), data.name);
  };
  const bool folders = names_pictures(x.name) || names_pictures(y.name);
  throw RequestError(Complaint{"distance", fmt::format("{} and {}", described(x), described(y)),
                               "the same shape",
                               folders ? "--resize HxW and --grey fit folders of pictures" : ""});
}

Matrix<double> first_rows(const Dataset& data, std::size_t most) {
  const Tensor rows = data.floats(0, std::min(data.rows(), most));
  Matrix<double> wide(rows.rows(), rows.cols());
  std::copy(rows.data(), rows.data() + rows.size(), wide.data());
  return wide;
}

std::string column_of(const Dataset& data, std::size_t c) {
  return c < data.columns.size() && !data.columns[c].empty() ? fmt::format("'{}'", data.columns[c])
                                                             : fmt::format("{}", c + 1);
}

}  // namespace

Dataset load_rows(const std::string& argument, const LoadOptions& load, PictureOptions pictures, bool quiet) {
  if (!is_number_text(argument)) return load_told(argument, load, pictures, quiet);
  const Masses numbers = read_numbers(argument, argument);
  const bool line = numbers.rows == 1;
  Matrix<double> rows(line ? numbers.values.size() : numbers.rows, line ? 1 : numbers.columns);
  for (std::size_t i = 0; i < numbers.values.size(); ++i) {
    if (!std::isfinite(numbers.values[i]))
      throw RequestError(Complaint{
          argument, fmt::format("{} at entry {} (counting from 0)", numbers.values[i], i), "finite numbers"});
    rows.data()[i] = numbers.values[i];
  }
  Dataset data;
  data.name = argument, data.shape = {1, 1, rows.cols()}, data.rows_data = std::move(rows);
  return data;
}

std::vector<double> load_weights(const std::string& file, std::size_t n, const std::string& of,
                                 bool normalize, bool any_mass) {
  if (file.empty()) return {};
  const Masses numbers = read_numbers(file, file);
  const std::vector<double>& values = numbers.values;
  if (numbers.is_table() || values.size() != n)
    throw RequestError(Complaint{file, fmt::format("{}x{} numbers", numbers.rows, numbers.columns),
                                 fmt::format("{} weights, one a row of '{}'", n, of)});
  std::vector<double> weights = values;
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (!normalize) {
    if (!any_mass && std::isfinite(sum) && std::abs(sum - 1) > 1e-6)
      throw RequestError(Complaint{file, fmt::format("weights that sum to {:.9g}", sum), "1 (within 1e-6)",
                                   "--normalize divides them by their sum"});
    return weights;
  }
  if (!(sum > 0) || !std::isfinite(sum))
    throw RequestError(Complaint{file, fmt::format("weights that sum to {:.9g}", sum), "a positive sum"});
  for (double& weight : weights) weight /= sum;
  return weights;
}

void add_standardize(CommandLine& line, SampleOptions& options) {
  options.scalable = true;
  line.flag("--standardize", options.standardize,
            "Columns less their mean, over their deviation, of both samples together", {.group = "Data"});
}

void add_sample_options(CommandLine& line, SampleOptions& options) {
  line.text("--weights-x", options.weights_x,
            "Weights, one a row of X: 0.2,0.5,0.3 or a file (default: equal)");
  line.text("--weights-y", options.weights_y,
            "Weights, one a row of Y: 0.2,0.5,0.3 or a file (default: equal)");
  line.flag("--normalize", options.normalize, "Divide weights by their sum");
  line.text("--label-column", options.load.label_column, "Column of a CSV or TSV that is not a feature",
            {.type = "NAME", .group = "Data"});
  add_table_options(line, options.load);
  add_picture_options(line, options.load, options.pictures);
}

std::string data_words(const SampleOptions& options, std::uint64_t seed) {
  const SampleOptions usual;
  std::string words = shell_word(options.x) + " " + shell_word(options.y);
  const auto text = [&](const char* name, const std::string& value, const std::string& unless) {
    if (value != unless) words += fmt::format(" {} {}", name, shell_word(value));
  };
  const auto flag = [&](const char* name, bool on) { words += on ? fmt::format(" {}", name) : ""; };
  const LoadOptions& load = options.load;
  text("--label-column", load.label_column, ""), text("--header", load.header, "");
  text("--columns", load.columns, ""), text("--drop", load.drop, "");
  text("--resize", load.resize, ""), text("--fit", options.pictures.fit, usual.pictures.fit);
  text("--layout", options.pictures.layout, "");
  flag("--grey", load.grey), flag("--skip-broken", options.pictures.skip_broken);
  flag("--standardize", options.standardize);
  if (seed != 0) words += fmt::format(" --seed {}", seed);
  return words;
}

SamplePair::SamplePair(const SampleOptions& options, std::uint64_t seed, bool quiet) {
  const std::string* names[2] = {&options.x, &options.y};
  for (std::size_t i = 0; i < 2; ++i) {
    LoadOptions load = load_for(*names[i], options.load, options.sources());
    load.seed = seed + i;
    load.mixed = options.standardize;
    data_[i] = load.mixed ? load_rows(*names[i], load, options.pictures, quiet)
                          : load_numbers(*names[i], load, options, quiet);
  }
  const bool tables = data_[0].schema && data_[1].schema;  // CommonUnits names their columns
  if (!options.any_width && !(options.standardize && tables)) check_shapes(data_[0], data_[1]);
  if (options.standardize) {
    units_.emplace(data_[0], data_[1]);
    points_ = {Points(units_->x), Points(units_->y)};
  } else {
    for (std::size_t i = 0; i < 2; ++i) points_.push_back(data_[i].points(storage_[i]));
  }
  if (options.scalable && !options.standardize) note_scales(quiet);
  weights_[0] =
      load_weights(options.weights_x, data_[0].rows(), options.x, options.normalize, options.any_mass);
  weights_[1] =
      load_weights(options.weights_y, data_[1].rows(), options.y, options.normalize, options.any_mass);
}

// A column a hundred times wider than another decides alone what is near.
void SamplePair::note_scales(bool quiet) const {
  constexpr std::size_t kSeen = 1000;
  constexpr double kApart = 100;
  if (quiet || data_[0].shape.image || data_[0].cols() < 2 || data_[0].cols() != data_[1].cols()) return;
  Matrix<double> x = first_rows(data_[0], kSeen), y = first_rows(data_[1], kSeen);
  std::vector<double> means;
  const std::vector<double> scales = deviations({x.view(), y.view()}, means);
  std::size_t wide = 0, narrow = scales.size();
  for (std::size_t j = 0; j < scales.size(); ++j) {
    if (scales[j] > scales[wide]) wide = j;
    if (scales[j] > 0 && (narrow == scales.size() || scales[j] < scales[narrow])) narrow = j;
  }
  if (narrow == scales.size() || !(scales[wide] >= kApart * scales[narrow])) return;
  note(fmt::format(
           "column {} varies by {:.3g} and column {} by {:.3g}: the first decides alone; --standardize "
           "measures each in its own deviation",
           column_of(data_[0], wide), scales[wide], column_of(data_[0], narrow), scales[narrow]),
       quiet);
}

void tell_standardized(Fields& fields) {
  for (Field& field : fields)
    if (auto* unit = std::get_if<std::string>(&field.value); unit != nullptr && field.key == "unit")
      *unit = standardized_unit(std::move(*unit));
  fields.emplace_back("standardized", true);
}

Sample SamplePair::sample(std::size_t which) const { return {points_[which], weights_[which]}; }

}  // namespace pushforward::cli
