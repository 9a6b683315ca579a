// SPDX-License-Identifier: Apache-2.0
//
// What files of this folder share to write their rows: kinds of fields, and a row around a table of fields.
#pragma once

#include <utility>

#include "core/whole_number.hpp"
#include "pushforward/layers.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {

/// "4x3", or "4" for both; from `least`.
OptionKind<Extent> extent_kind(std::size_t least = 1);
/// same (nothing), valid (0) or pixels.
OptionKind<std::optional<Extent>> padding_kind();
/// The name of one of these, or of any.
OptionKind<Activation::Kind> activation_kind(std::vector<Activation::Kind> valid = {});
OptionKind<double> slope_kind();
OptionKind<Initial> initial_kind();  ///< in initialise.cpp

/// f of checked options; linear where there is none.
Activation activation_of(const ActivationOptions& options);
inline Activation carried_activation(const auto& options) {
  return make_activation(options.activation.value_or(Activation::Kind::linear), options.slope);
}

/// A weight of its own rule, and a bias that begins like it by fan-in, at 0 otherwise.
inline Initial initial_of(const auto& options) { return options.initial.value_or(FanInInitial{}); }
inline Initial bias_initial(const Initial& weight) {
  return std::holds_alternative<FanInInitial>(weight) ? weight : ZerosInitial{};
}

inline RowShape image_shape(std::size_t height, std::size_t width, std::size_t channels) {
  return {.height = height, .width = width, .channels = channels, .image = true};
}

/// The same numbers as rows of this shape: reshape or flatten.
LayerPlan shaped(const RowShape& shape);
/// Refuses a passage whose channels must change, by a layer that cannot.
void require_channels(const Passage& passage, const std::string& layer);

/// A twin, or a way back, of the options' own type.
template <class T, class Result, class... Arguments>
auto by_options(Result (*use)(const T&, Arguments...)) {
  return [use](const LayerPlan& plan, Arguments... arguments) { return use(plan.as<T>(), arguments...); };
}

/// `row` with what the table and the struct's fields say; make(options, input) gets checked options.
template <class T, class Make>
LayerEntry layer_row(const OptionTable<T>& table, Make make, LayerEntry row) {
  row.name = table.name(), row.options = table.rows();
  row.read = [&table](const Spec& spec) { return std::any(table.read(spec)); };
  row.make = [&table, make](const LayerPlan& plan, RowShape input) -> std::unique_ptr<Layer> {
    table.check(plan.as<T>());
    return make(plan.as<T>(), input);
  };
  if constexpr (requires(T o) { o.initial; })
    row.initial = [](LayerPlan& plan) { return &plan.as<T>().initial; };
  if constexpr (requires(T o) { o.activation.has_value(); })
    row.activation = [](LayerPlan& plan) {
      return CarriedActivation{plan.as<T>().activation, plan.as<T>().slope};
    };
  return row;
}

}  // namespace pushforward
