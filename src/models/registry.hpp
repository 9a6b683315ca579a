// SPDX-License-Identifier: Apache-2.0
//
// What rows of the table of models are made with: each is a function at the bottom of its model's file, with
// a line in registry.cpp.
#pragma once

#include <memory>

#include "pushforward/models.hpp"

namespace pushforward {

/// A row's `make`: a model of the struct that the table reads.
template <class M, class T>
auto model_from(const OptionTable<T>& table) {
  return [&table](const Options& options, RowShape shape) -> std::unique_ptr<Model> {
    return std::make_unique<M>(table.read(options), shape);
  };
}

/// A row's `settle` or `settle_on`: settle(struct, …).
template <class T, class Settle>
auto settled_by(const OptionTable<T>& table, Settle settle) {
  return [&table, settle](Options& options, const auto&... data) {
    table.change(options, [&](T& own) { settle(own, data...); });
  };
}

/// The table of a solved model: of the training, what it has.
template <class T>
OptionTable<T> solved_table(OptionTable<T> own) {
  return own
      .take(&T::training, option_table(TrainOptions{}), {"validation", "standardize", "threads", "seed"})
      .part(&T::data, option_table(DataOptions{}));
}

}  // namespace pushforward
