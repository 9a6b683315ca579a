// SPDX-License-Identifier: Apache-2.0
//
// A model: parameters that a run keeps, and what was learnt from data in them.
//
// That is all that every model has. What else it does are interfaces that it also derives from, and a model
// that cannot do a thing does not have that one: Learner and its companions (learner.hpp) for those that are
// trained step by step; codes, generation, evaluation (abilities.hpp); conditions (condition.hpp); slices of
// a batch (row_wise.hpp); ONNX (onnx.hpp). It knows nothing of optimisers, epochs or files: train() is the
// only loop, the run directory the only format. Solved models (pca, ppca, fa) are no learners: `prepare` does
// all.
#pragma once

#include <functional>
#include <memory>
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

#pragma GCC visibility push(default)
namespace pushforward {

class Model {
 public:
  virtual ~Model() = default;

  /// Every parameter, learnt or kept, with the names that a checkpoint uses.
  virtual std::vector<Parameter*> parameters() = 0;
  /// Looks at the training data once, after parameters are initialised and before step 0 (the mean of the
  /// data, the output's bias); a solved model is solved here. Refuses data that do not suit (cross-entropy
  /// outside 0…1).
  virtual void prepare(const Dataset& /*training*/) {}
  /// A line a layer, for --summary.
  virtual std::vector<Fields> summary() { return {}; }
};

/// One of the interfaces that a model has besides Model, or null: `as<Encodes>(model)`.
template <class Ability>
Ability* as(Model& model) {
  return dynamic_cast<Ability*>(&model);
}
template <class Ability>
const Ability* as(const Model& model) {
  return dynamic_cast<const Ability*>(&model);
}
template <class Ability>
bool can(const Model& model) {
  return as<Ability>(model) != nullptr;
}

/// A row of the registry: all that is known of a model.
struct ModelEntry {
  std::string name{}, title{}, formula{}, source{};
  std::vector<OptionRow> options{};  ///< all that it has, those of training and data included (models.hpp)
  bool solved = false;
  std::string examples{};  ///< lines for --help
  std::function<std::unique_ptr<Model>(const Options&, RowShape data)> make{};
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
