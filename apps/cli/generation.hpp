// SPDX-License-Identifier: Apache-2.0
//
// How good generated rows are: what `evaluate` and `compare` say of models that generate.
//
// Rows come from a run, or from a file of samples that stands for one; they are in the data's own units.
// Distances and the memorisation check are taken in a Space: the units that the run was trained in, or an
// autoencoder's codes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "command.hpp"
#include "pushforward/data.hpp"
#include "pushforward/fields.hpp"
#include "pushforward/run.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::cli {

struct GenerationOptions {
  std::string metrics{};  ///< SPECs; empty for the defaults, of which what cannot be is left out
  std::size_t samples = 2000;
  std::string features{};           ///< RUN of an autoencoder
  std::string parzen{};             ///< "gan" or "gmmn"
  std::string parzen_validation{};  ///< DATA on which σ is chosen
  std::string training{};           ///< DATA for the memorisation check of a file of samples
  bool floors = false;              ///< each distance beside its floor: between two halves of DATA
};
/// What is measured where -m names nothing.
constexpr const char* kDefaultDistances = "mmd,sliced";
/// Declares -m, --samples, --features, --parzen, --parzen-validation and --training.
void add_generation_options(CommandLine& line, GenerationOptions& options);

/// What nobody asked for must not spoil what was asked: where rows do not allow it, a note says so.
void or_leave_out(const std::string& what, const std::function<void()>& work, const Common& common);

/// Where generated rows come from: rows(n) gives n of them, or as many as there are.
struct SampleSource {
  std::string name;
  RowShape shape;
  std::function<Tensor(std::size_t n)> rows;
  /// Of a run on a table: the same rows as data, categories and all.
  std::function<Dataset(std::size_t n)> table{};
};
/// The same rows for the same seed, the first ones of any longer demand. Of a conditional run: row i under
/// the i-th of `conditions`, again and again, or as often as in training where there are none.
SampleSource samples_of(const Run& run, std::uint64_t seed, const Dataset* conditions = nullptr);
SampleSource samples_of(Dataset data);
/// Whether RUN is no run but DATA: a named set, a toy, a file.
bool stands_for_a_run(const std::string& argument);

/// Brings rows from the data's units to where they are measured.
using Space = std::function<Dataset(Dataset)>;
/// The run's own; of a table, standard deviations of the training rows (TableUnits), the same for every
/// model.
Space units_of(const Run& run);
/// Codes (means) of an autoencoder; RequestError when RUN has none.
Space codes_of(const std::string& run);

/// What is measured against, and where.
struct Against {
  const Dataset& data;        ///< in its own units
  const std::string& name;    ///< the DATA argument
  const Dataset* training{};  ///< what was trained on, where known and other rows than `data`
  Space space;
};

/// "modes", "high_quality", "reverse_kl" (where DATA has modes), "parzen", "parzen_standard_error", "sigma"
/// (where asked for) and "memorisation" (where the training rows are known).
Fields generation_scores(const SampleSource& source, const Against& against, const GenerationOptions& options,
                         const Common& common);
/// The distances that are measured: those of -m, or the defaults.
std::vector<Spec> specs_of(const GenerationOptions& options);
/// Readings of them: as many generated rows as asked for, against as many of DATA. A default that these rows
/// do not allow is left out, with a note.
struct Distances {
  std::vector<Spec> specs{};  ///< what was measured
  std::vector<Fields> readings{};
};
Distances generation_distances(const SampleSource& source, const Against& against,
                               const GenerationOptions& options, const Common& common);

/// Notes that belong beside the figures: what a Parzen score is worth.
void note_scores(const GenerationOptions& options, const Common& common);

}  // namespace pushforward::cli
