// SPDX-License-Identifier: Apache-2.0
//
// How good a model is on data: the figures that `pushforward evaluate` prints, for programs of one's own.
//
//   const Run run = open_run("runs/vae");
//   const Evaluation found = evaluate(run, rows_of(run, load_data("mnist:test"), "mnist:test"));
//
// What a model says of itself comes from Model::evaluate(). What it generates is measured beside data: rows
// come from a run, or from a file of samples that stands for one; they are in the data's own units. Distances
// and the memorisation check are taken in a Space: the units that the run was trained in, or an autoencoder's
// codes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pushforward/data.hpp"
#include "pushforward/fields.hpp"
#include "pushforward/run.hpp"
#include "pushforward/spec.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Who hears of what is left out, and how far the work is; nobody where these are empty.
struct Listener {
  std::function<void(const std::string& sentence)> note{};
  /// Of one piece of work, from its beginning to when this is destroyed.
  using Bar = std::function<void(double done, const std::string& detail)>;  ///< done in 0…1
  std::function<Bar(const std::string& what)> begin{};

  void tell(const std::string& sentence) const {
    if (note) note(sentence);
  }
};
/// What nobody asked for must not spoil what was asked: where rows do not allow it, a note says so.
void or_leave_out(const std::string& what, const std::function<void()>& work, const Listener& listener);

/// The rows that a run is judged on.
struct EvaluatedRows {
  Dataset original;                  ///< in its own units
  Dataset data;                      ///< in the run's
  std::string name;                  ///< the DATA argument
  bool held_out = true;              ///< not the rows that were trained on
  std::optional<Dataset> inputs{};   ///< of pairs: their noisy halves, in the run's units; else conditions
  std::vector<std::string> files{};  ///< of pictures: a row's file
  /// All rows of the training, held-out ones too, where they are at hand; else they are loaded when wanted.
  std::shared_ptr<const Dataset> training{};
};
/// Data as loaded, in the run's units, with the conditions that they have.
EvaluatedRows rows_of(const Run& run, Dataset original, std::string name);
/// Of the run's own data: the held-out rows where there are any, else all.
EvaluatedRows own_rows(const Run& run);
/// The same where the rows that it was trained on are there already; RequestError where they are others.
EvaluatedRows own_rows(const Run& run, Dataset training);
/// What was trained on, without the rows that --validation holds out.
Dataset trained_rows(const Run& run, const EvaluatedRows& rows);

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

/// Brings rows from the data's units to where they are measured.
using Space = std::function<Dataset(Dataset)>;
/// The run's own; of a table, standard deviations of the training rows (TableUnits), the same for every
/// model.
Space units_of(const Run& run);
/// Codes (means) of an autoencoder; RequestError when RUN has none.
Space codes_of(const std::string& run);

struct GenerationOptions {
  std::vector<Spec> distances{};    ///< empty: kDefaultDistances, of which what cannot be is left out
  std::size_t samples = 2000;       ///< generated rows for them, against as many of the data
  std::string features{};           ///< RUN of an autoencoder, on whose codes they are measured
  std::string parzen{};             ///< "gan" or "gmmn": log-likelihood under Parzen windows by a protocol
  std::string parzen_validation{};  ///< DATA on which its σ is chosen
  std::string training{};           ///< DATA for the memorisation check of a file of samples
  bool floors = false;              ///< each distance beside its floor: between two halves of the data
  std::uint64_t seed = 0;
};
/// What is measured where nothing is named.
inline constexpr const char* kDefaultDistances = "mmd,sliced";
/// Refuses what can be asked of generating models only.
void want_generator(const Run& run, const GenerationOptions& options);

/// What the model says of itself on these rows: "squared_error", "elbo", …, in the data's units.
Fields model_figures(const Run& run, const EvaluatedRows& rows, EvaluateOptions options,
                     const Listener& listener = {});

struct Generation {
  /// "modes", "high_quality", "reverse_kl" (where the data have modes), "parzen", "parzen_standard_error",
  /// "sigma" (where asked for) and "memorisation" (where the training rows are known).
  Fields figures{};
  std::vector<Spec> specs{};       ///< the distances that were measured
  std::vector<Fields> readings{};  ///< of each (reading_fields): as many generated rows as of the data
};
/// Refuses a distance of `options` that is not defined for as many rows as these, in that space. Whoever
/// measures something slow first asks before it; score_generation() and evaluate() do.
void check_generation(const EvaluatedRows& rows, const Space& space, const GenerationOptions& options);
/// How good rows are that `source` generates, measured in `space` (or where options.features says). `run`,
/// where not null, knows its training rows.
Generation score_generation(const SampleSource& source, const EvaluatedRows& rows, Space space,
                            const Run* run, const GenerationOptions& options, const Listener& listener = {});

struct Evaluation {
  Fields figures{};                 ///< "rows", the model's own, and those of what it generates
  std::vector<Fields> distances{};  ///< readings of generated rows beside the data
};
/// All of it.
Evaluation evaluate(const Run& run, const EvaluatedRows& rows, const EvaluateOptions& options = {},
                    const GenerationOptions& generation = {}, const Listener& listener = {});

}  // namespace pushforward
#pragma GCC visibility pop
