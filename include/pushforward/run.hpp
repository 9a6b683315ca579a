// SPDX-License-Identifier: Apache-2.0
//
// A run directory: everything that a training needs to go on, and everything that came of it.
//
//   config.toml              every option, defaults included; the data; the shape; the format's version
//   good.safetensors         while training: the last checkpoint from which the loss did not rise
//   model.safetensors        parameters as other commands use them (moving average, best epoch, or last)
//   checkpoint.safetensors   parameters, moments, averages, counters: one atomic file, all that resume reads
//   metrics.jsonl            a line a logged step and an epoch; cut back to the checkpoint on resume
//   data.safetensors         what was taken from the training data: column means and deviations
//   table.safetensors        of a run on a table: its schema (as metadata) and its columns' distribution
//                            functions (table_encoding.hpp)
//   condition.safetensors    of a conditional run: what its conditions are (condition.hpp)
//
// The safetensors files carry a sum of their bytes, config.toml one of each value; a file that is damaged or
// an option that is missing is refused by name. Of config.toml, an editor may change what --resume may
// (resume_options()) and where the data are; that is remarked, anything else refused.
//
// It appears whole, before step 0, and can be resumed from then on. Files are replaced whole, never changed.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pushforward/abilities.hpp"
#include "pushforward/table_encoding.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Column means and deviations (`--standardize`), kept with the run and undone on output; empty = none. For a
/// solved model far from 0 or from 1: means and one power of two, which `scale` repeats (else 0) and figures
/// are freed of.
struct Standardization {
  std::vector<double> mean{}, deviation{};
  double scale = 0;

  bool empty() const { return mean.empty(); }
};

/// XXH64 of the values that a run was trained on, as loaded; 0 = not recorded.
struct DataDigests {
  std::uint64_t training = 0;
  std::uint64_t validation = 0;  ///< of --validation DATA
  std::uint64_t inputs = 0;      ///< the seen halves of pairs
};

class Conditions;

/// A model with its memory, its options and (except in memory-only use) its directory.
struct Run {
  std::string path;  ///< "" = in memory only: no files
  const ModelEntry* entry = nullptr;
  Options options;
  std::string data_name;      ///< the DATA argument that it was trained on
  std::string data_path{};    ///< the same from the root, where it names a file or folder; else ""
  std::size_t data_rows = 0;  ///< its rows, held-out ones included
  DataDigests digests{};
  RowShape shape;                                   ///< of a row as the model sees it
  std::shared_ptr<const TableEncoding> encoding{};  ///< of a run on a table, which comes first
  Standardization standardization;
  std::shared_ptr<const Conditions> conditions{};  ///< of a conditional run
  std::unique_ptr<Model> model;
  Arena arena;
  /// Of pairs (noisy and clean images): what the model sees, row by row, where the training data are what is
  /// asked of it; of a conditional run, the rows' conditions. Empty in most trainings; whoever calls train()
  /// fills it. `validation_inputs`: those of --validation DATA.
  Dataset inputs{}, validation_inputs{};
  /// What an opened run's config.toml says that the program did not write ("config.toml: rate was edited …"),
  /// or "".
  std::string remark{};
};

/// Refuses data (as loaded, before prepare_data) with other values than the run began with; what it has no
/// digest of yet is recorded. train() does so itself where the run does not standardise. `check_shape` looks
/// at rows and columns only.
void check_shape(const Run& run, const Dataset& training);
void check_data(Run& run, const Dataset& training, const Dataset* validation = nullptr);

/// The DATA argument that finds a run's training data from any working folder, if they are still there.
std::string data_argument(const Run& run);

/// Makes a run: builds the model, initialises and prepares it on `training` (as loaded: it is standardised
/// here where the options ask for it, and rows that --validation holds out are left out), and (path not
/// empty) writes the directory, which appears whole. The number of threads in use is recorded where the
/// options leave it open. RequestError if the path exists.
Run create_run(const std::string& path, const ModelEntry& model, Options options, const Dataset& training,
               const std::string& data_name);

enum class Weights { automatic, last, best, ema };
/// Opens a run for use (sample, encode, evaluate, …). RequestError if it is no run directory, of another
/// version, or damaged.
Run open_run(const std::string& path, Weights weights = Weights::automatic);
/// Opens a run to train on, at its checkpoint; train() reads the optimiser's state from there. `changed` are
/// options with new values, of those in resume_options(); RequestError for any other.
Run resume_run(const std::string& path, const std::map<std::string, std::string>& changed = {});

/// How many of the last rows of the training data --validation SHARE holds out; 0 where it names data or is
/// not given.
std::size_t validation_rows(const Options& options, std::size_t rows);

/// The data as the model wants them: standardised with the run's statistics where it has any, once: what is
/// standardised already is given back. What the model's functions take.
Dataset prepare_data(const Run& run, Dataset data);
/// Whether prepare_data has anything to do.
bool prepares(const Run& run);
/// Undoes standardisation, in place. Of a table of numbers, its encoding too; of
/// one with categories, rows are still encoded then: see restore_rows.
void restore_units(const Run& run, View<float> rows);
/// Rows that the model made, as data of the kind that it was trained on: standardisation and a table's
/// encoding undone. `rows` is changed.
Dataset restore_rows(const Run& run, Tensor& rows);

}  // namespace pushforward
#pragma GCC visibility pop
