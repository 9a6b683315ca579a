// SPDX-License-Identifier: Apache-2.0
//
// What the commands that compare two samples share: reading X and Y with their weights, and showing a
// reading.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "data/pictures.hpp"
#include "output.hpp"
#include "pushforward/common_units.hpp"
#include "pushforward/data.hpp"
#include "pushforward/distance.hpp"

namespace pushforward::cli {

/// Options of commands that take two DATA arguments.
struct SampleOptions {
  std::string x, y;
  std::string weights_x{}, weights_y{};
  bool normalize = false;
  bool any_mass = false;                       ///< weights may have any sum
  bool any_width = false;                      ///< X and Y may have different columns
  bool standardize = false, scalable = false;  ///< the second: the command has --standardize
  LoadOptions load{};                          ///< of both, and of `points`
  std::string points{};                        ///< a third DATA of some commands: where to look
  PictureOptions pictures{};

  std::vector<std::string> sources() const { return {x, y, points}; }
  bool weighted() const { return !weights_x.empty() || !weights_y.empty(); }
};

/// Declares --weights-x, --weights-y, --normalize, --label-column, --header, --resize and --grey.
void add_sample_options(CommandLine& line, SampleOptions& options);

/// X, Y and what else decides which numbers are read, as they would be typed: "a.csv b.csv --columns u,v".
std::string data_words(const SampleOptions& options, std::uint64_t seed);

/// Declares --standardize.
void add_standardize(CommandLine& line, SampleOptions& options);

/// Points may be written out: 0,1,3 on the line, '0,0;1,2' in the plane; anything else is load_told's.
Dataset load_rows(const std::string& argument, const LoadOptions& load, PictureOptions pictures, bool quiet);
/// n numbers, as text or in one column or one row of any file that can be read; none for "". Their sum is 1
/// within 1e-6, unless `normalize` divides by it or it may be any. `of` is whose weights they are.
std::vector<double> load_weights(const std::string& file, std::size_t n, const std::string& of,
                                 bool normalize, bool any_mass = false);

/// Two data sets as weighted samples; owns what the samples borrow.
class SamplePair {
 public:
  /// Loads both (a toy in Y gets seed + 1); refuses shapes that do not fit, naming both.
  SamplePair(const SampleOptions& options, std::uint64_t seed, bool quiet);
  Sample x() const { return sample(0); }
  Sample y() const { return sample(1); }
  const Dataset& x_data() const { return data_[0]; }
  const Dataset& y_data() const { return data_[1]; }
  /// Where --standardize was given.
  const std::optional<CommonUnits>& units() const { return units_; }

 private:
  Sample sample(std::size_t which) const;
  void note_scales(bool quiet) const;

  Dataset data_[2];
  Matrix<double> storage_[2];
  std::vector<Points> points_;
  std::vector<double> weights_[2];
  std::optional<CommonUnits> units_{};
};

/// Says of a reading between standardized samples that it is, and in which unit.
void tell_standardized(Fields& fields);

/// Every distance (or those named): formula, facts, options with defaults, source, worked examples.
void list_distances(const std::vector<std::string>& names, bool json);

/// Names of those distances whose facts `fits` likes: what an option may be, for help and completion.
std::vector<std::string> distances_that(const std::function<bool(const Facts&)>& fits);
/// What can be descended.
std::vector<std::string> distances_with_gradient();

}  // namespace pushforward::cli
