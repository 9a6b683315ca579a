// SPDX-License-Identifier: Apache-2.0
//
// A model: what learns, against which loss, and what it can do afterwards.
//
// A model lists its phases (an autoencoder has one; a GAN has a critic's and a generator's), adds the
// gradient of a phase's loss for a batch, and encodes, decodes and generates where it can. It knows nothing
// of optimisers, epochs or files: train() is the only loop, the run directory the only format. Solved models
// (pca, ppca, fa) have no phases: `prepare` does all.
//
// Letters: B rows of a batch, D features, Z latents.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/arena.hpp"
#include "pushforward/data.hpp"
#include "pushforward/error.hpp"
#include "pushforward/fields.hpp"
#include "pushforward/layer.hpp"
#include "pushforward/options.hpp"
#include "pushforward/step_losses.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class Critic;

/// Who learns, how often in a step, and with what of its own.
struct Phase {
  std::string name;                    ///< "fit", "critic", "generator"
  std::size_t repeats = 1;             ///< updates of this phase in a step
  std::vector<Parameter*> parameters;  ///< no parameter is in two phases
  std::optional<Spec> optimizer{};     ///< else the run's
  std::optional<double> rate{};        ///< else the run's
};

/// A stretch of epochs that comes before the training proper (greedy pre-training), in which other phases
/// learn. Its optimisers begin anew, and the schedule and its warm-up run over it as over a training of its
/// own.
struct Stage {
  std::string name;        ///< "layer 1"
  std::size_t epochs = 0;  ///< it lasts so long; those of --epochs come after
  std::vector<Phase> phases;
};

/// Where a training is.
struct Step {
  std::uint64_t step = 0;  ///< counted from 0
  std::uint64_t total_steps = 0;
  std::size_t repeat = 0;      ///< of this phase within the step
  Pass pass{};                 ///< its draw is this step's: derive streams from it
  std::size_t stage = 0;       ///< of pretraining(); their number in the training proper
  View<const float> inputs{};  ///< of pairs (Run::inputs): what is seen, where the batch is what is asked for
};

struct EvaluateOptions {
  std::size_t draws = 1;       ///< L of the ELBO
  std::size_t importance = 0;  ///< K of the importance-sampled NLL; 0 = do not
  std::size_t batch = 500;
  std::uint64_t seed = 0;
  Precision precision = Precision::f32;
  const Dataset* training = nullptr;  ///< for what is measured against the training data (principal angles)
  const Dataset* inputs =
      nullptr;  ///< of pairs: what is seen, row by row, where the data are what is asked for
  std::function<void(double done)> progress{};  ///< 0…1, now and then
};

class Model {
 public:
  virtual ~Model() = default;

  virtual RowShape data_shape() const = 0;
  /// Every parameter, learnt or kept, with the names that a checkpoint uses.
  virtual std::vector<Parameter*> parameters() = 0;
  /// Looks at the training data once, after parameters are initialised and before step 0 (the mean of the
  /// data, the output's bias); a solved model is solved here. Refuses data that do not suit (cross-entropy
  /// outside 0…1).
  virtual void prepare(const Dataset& /*training*/) {}
  /// What accumulate() is given rows of, where that is not the training data themselves: what a network that
  /// does not learn makes of them, once and not in every step. Called when a training begins or goes on.
  virtual std::optional<Dataset> learnt_from(const Dataset& /*training*/) { return {}; }
  /// Empty: solved by prepare() alone.
  virtual std::vector<Phase> phases() { return {}; }
  /// What learns before phases() do; most models have nothing. A parameter may be in several stages.
  virtual std::vector<Stage> pretraining() { return {}; }
  /// Before the first step of a stage, the training proper included (the last): what begins anew then.
  virtual void begin_stage(std::size_t /*stage*/, const Draw& /*draw*/) {}
  /// After the last step of a stage of pretraining(): looks at the held-out rows (where there are none, the
  /// training rows) and may keep what it finds in parameters that are not trained.
  virtual void end_stage(std::size_t /*stage*/, const Dataset& /*rows*/) {}
  /// Adds the gradient of this phase's mean loss over the batch to its parameters, and returns the loss.
  virtual Losses accumulate(std::size_t phase, View<const float> batch, const Step& step);
  /// The same loss on held-out rows, without gradient.
  virtual Losses validate(View<const float> batch, const Step& step);
  /// What tells how the training goes besides its loss, measured every --monitor-every steps on held-out rows
  /// (or, where there are none, training rows): closed-form distances to generated points, by name. None by
  /// default.
  virtual Losses monitor(View<const float> /*held_out*/, const Step& /*step*/) { return {}; }
  /// What a user should know of losses seen so far (an epoch's mean, or what monitor() returned), in a
  /// sentence that names the network ("critic: it tells all generated points from real ones …"), or "". Said
  /// once.
  virtual std::string warning(const Losses& /*seen*/) const { return {}; }
  /// After the optimiser moved a phase's parameters: projections (unit-norm rows, weight clipping).
  virtual void after_step(std::size_t /*phase*/) {}

  /// Where the last pass first left a number that is not finite ("encoder.0"), or "": for the message of a
  /// training that diverged.
  virtual std::string diagnose() const { return {}; }

  /// What it can do. The defaults cannot, and say so.
  virtual std::size_t latent() const { return 0; }  ///< size of the code, 0 = none
  virtual bool generates() const { return false; }
  virtual bool encodes() const { return latent() > 0; }  ///< a generator has a code and no encoder
  virtual bool draws() const { return false; }           ///< decode() can draw of p(x|z)
  /// z (B × Z) from x (B × D): means; a draw of q(z|x) where `draw` is not null.
  virtual void encode(View<const float> x, View<float> z, const Draw* draw);
  /// x (B × D) from z (B × Z): means of p(x|z); a draw of it where `draw` is not null.
  virtual void decode(View<const float> z, View<float> x, const Draw* draw);
  /// The variances where `encode` and `decode` have means: σ²(x) of each latent of q(z|x) (B × Z), σ²(z) of
  /// each feature of p(x|z) (B × D). RequestError where the model has none.
  virtual void code_variance(View<const float> x, View<float> variance);
  virtual void decoded_variance(View<const float> z, View<float> variance);
  /// z (B × Z) from the prior.
  virtual void sample_latent(View<float> z, const Draw& draw);
  /// Decoded prior draws; the default decodes sample_latent().
  virtual void generate(View<float> x, const Draw& draw, bool draw_pixels);
  virtual void reconstruct(View<const float> x, View<float> y, const Draw* draw);
  /// How good it is on these data: "squared_error", "elbo", "kl", "nll", "log_likelihood", … (CLI.md,
  /// evaluate).
  virtual Fields evaluate(const Dataset& data, const EvaluateOptions& options);
  /// Each row's own score (higher = stranger): squared error, or −ELBO.
  virtual std::vector<double> scores(const Dataset& data, const EvaluateOptions& options);
  /// A line a layer, for --summary.
  virtual std::vector<Fields> summary() { return {}; }
  /// The critic that it is trained against, to look at (contours, histograms), or null.
  virtual Critic* critic() { return nullptr; }
};

/// A row of the registry: all that is known of a model.
struct ModelEntry {
  std::string name, title, formula, source;
  std::vector<OptionRow> options;  ///< its own; common network and training options come from train.hpp
  bool solved = false;
  std::string examples{};  ///< lines for --help
  std::function<std::unique_ptr<Model>(const Options&, RowShape data)> make;
  /// Fills options that were left empty because their defaults depend on other options (a rate that suits a
  /// linear model); create_run() calls it first, so that config.toml has what was used.
  std::function<void(Options&)> settle{};
  /// The same for defaults that depend on the training data, as loaded (a sigmoid output for data in 0…1);
  /// called after `settle`.
  std::function<void(Options&, const Dataset& training)> settle_on{};
};

/// The table in src/models/registry.cpp.
std::span<const ModelEntry> models();
const ModelEntry& find_model(std::string_view name);

}  // namespace pushforward
#pragma GCC visibility pop
