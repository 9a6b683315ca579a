// SPDX-License-Identifier: Apache-2.0
//
// What the training loop asks of a model.
//
// A learner lists its phases (an autoencoder has one; a GAN has a critic's and a generator's) and adds the
// gradient of a phase's loss for a batch. Some have stages before that (Staged), or tell how a training goes
// besides its loss (Monitored); some are trained against a distance (Adversarial), whose critic others look
// at.
//
// Letters: B rows of a batch, D features.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pushforward/model.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/spec.hpp"
#include "pushforward/step_losses.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class Critic;

/// Who learns, how often in a step, and with what of its own.
struct Phase {
  std::string name;                             ///< "fit", "critic", "generator"
  std::size_t repeats = 1;                      ///< updates of this phase in a step
  std::vector<Parameter*> parameters;           ///< no parameter is in two phases
  std::optional<OptimizerOptions> optimizer{};  ///< else the run's
  std::optional<double> rate{};                 ///< else the run's
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

/// A model that learns step by step.
class Learner {
 public:
  virtual ~Learner() = default;

  /// One or more; no learner is solved by Model::prepare() alone.
  virtual std::vector<Phase> phases() = 0;
  /// Adds the gradient of this phase's mean loss over the batch to its parameters, and returns the loss.
  virtual Losses accumulate(std::size_t phase, View<const float> batch, const Step& step) = 0;
  /// The last phase's loss on other rows of the same space, without gradient.
  virtual Losses validate(View<const float> batch, const Step& step) = 0;
  /// After the optimiser moved a phase's parameters: projections (unit-norm rows, weight clipping).
  virtual void after_step(std::size_t /*phase*/) {}
  /// Called when a training begins or goes on, with all of its data, which outlive it.
  virtual void begin(const Dataset& /*training*/) {}
  /// What accumulate() and validate() are given in place of these rows, where that is not the rows
  /// themselves: what a network that does not learn makes of them, once and not in every step.
  virtual std::optional<Dataset> learnt_from(const Dataset& /*rows*/) { return {}; }
  /// Where the last pass first left a number that is not finite ("encoder.0"), or "": for the message of a
  /// training that diverged.
  virtual std::string diagnose() const { return {}; }
};

/// A learner that other phases come before (greedy pre-training).
class Staged {
 public:
  virtual ~Staged() = default;
  /// What learns before phases() do. A parameter may be in several stages.
  virtual std::vector<Stage> pretraining() = 0;
  /// Before the first step of a stage, the training proper included (the last): what begins anew then.
  virtual void begin_stage(std::size_t stage, const Draw& draw) = 0;
  /// After the last step of a stage of pretraining(): looks at the held-out rows (where there are none, the
  /// training rows) and may keep what it finds in parameters that are not trained.
  virtual void end_stage(std::size_t stage, const Dataset& rows) = 0;
  /// The squared errors that end_stage() found, one a stage that has ended so.
  virtual std::vector<double> stage_errors() const = 0;
};

/// A learner that tells how its training goes besides its loss.
class Monitored {
 public:
  virtual ~Monitored() = default;
  /// Measured every --monitor-every steps on held-out rows (or, where there are none, training rows):
  /// closed-form distances to generated points, by name.
  virtual Losses monitor(View<const float> held_out, const Step& step) = 0;
  /// What a user should know of losses seen so far (an epoch's mean, or what monitor() returned), in a
  /// sentence that names the network ("critic: it tells all generated points from real ones …"), or "". Said
  /// once.
  virtual std::string warning(const Losses& seen) const = 0;
};

/// A learner that makes a distance small, measured or learned.
class Adversarial {
 public:
  virtual ~Adversarial() = default;
  /// The network of a learned distance, or null.
  virtual Critic* critic() = 0;
  /// Whether rows of data, each by itself, are what the distance compares: not codes, packs of rows, or rows
  /// beside conditions.
  virtual bool compares_rows() const = 0;
  /// The distance's SPEC.
  virtual const Spec& distance() const = 0;
};

/// The model as a learner. RequestError where it is solved.
Learner& learner(Model& model);
/// The critic whose scores of a row say something, or null.
Critic* critic_of_rows(Model& model);

}  // namespace pushforward
#pragma GCC visibility pop
