// SPDX-License-Identifier: Apache-2.0
//
// Where a condition enters a network: beside its rows.
//
//   vectors, and images before dense layers   (x, c): the condition's numbers follow the row's
//   images before convolutions                c as channels, each the same at every place
//
// Conditions stand in their own order; a row of a batch takes its own, draws of a row (which come round after
// round) the same, and where one condition was told, all take it.
#pragma once

#include "layers/named_network.hpp"
#include "pushforward/models.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

/// RequestError where there is a condition: what `command` cannot do yet.
void refuse_conditions(std::size_t width, const std::string& command);

/// Told conditions.
class ToldConditions {
 public:
  explicit ToldConditions(const ConditionOptions& options) : width_(options.size.value_or(0)) {}

  std::size_t width() const { return width_; }
  /// Keeps them; nothing to do where there is no condition. RequestError where they have another width.
  void tell(View<const float> conditions);
  /// Of the conditions of all `rows` rows, those of the rows that Dataset::spaced(0, count) gives.
  void keep_spaced(std::size_t rows, std::size_t count);
  /// All that were told.
  View<const float> all() const { return told_.view(); }
  /// Those of row i; RequestError where nothing was told.
  const float* of_row(std::size_t i) const;

 private:
  std::size_t width_;
  Tensor told_{};
};

/// By how much conditions are multiplied so that they are as far from each other as rows are, mean squares
/// taken, and never by less than 1: where a distance compares both at once, one-hot labels (√2 apart) would
/// else be lost beside a picture.
float matching_scale(View<const float> rows, View<const float> conditions);

/// One way in.
class ConditionInput {
 public:
  /// `channels`: whether what follows is convolutional.
  ConditionInput(const ToldConditions& told, RowShape rows, bool channels)
      : told_(told), rows_(rows), channels_(channels && rows.image) {}

  /// Of a row with its condition.
  RowShape shape() const;
  /// Conditions are multiplied by this number (1 × 1), which must live as long.
  void scale_by(const Parameter& scale) { scale_ = &scale; }
  /// Rows with their conditions; `x` itself where there are none. It lives until the next call.
  View<const float> join(View<const float> x);
  /// The rows' part of a gradient in what join() gave; `joined` itself where there are no conditions.
  View<float> part(View<float> joined);

 private:
  const ToldConditions& told_;
  RowShape rows_;
  bool channels_;
  const Parameter* scale_ = nullptr;
  Tensor joined_{}, part_{};
};

}  // namespace pushforward
