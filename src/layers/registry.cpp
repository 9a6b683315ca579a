// SPDX-License-Identifier: Apache-2.0
// The table of layers. To add one: a file in this folder with layer_entry() of its options, these in
// layers.hpp, and a line here.
#include "core/row.hpp"
#include "pushforward/layers.hpp"

namespace pushforward {

std::span<const LayerEntry> layers() {
  static const std::vector<LayerEntry> table = {
      layer_entry(DenseOptions{}),                  //
      layer_entry(ActivationOptions{}),             //
      layer_entry(MaxoutOptions{}),                 //
      layer_entry(DropoutOptions{}),                //
      layer_entry(BatchNormOptions{}),              //
      layer_entry(LayerNormOptions{}),              //
      layer_entry(GroupNormOptions{}),              //
      layer_entry(ConvolutionOptions{}),            //
      layer_entry(TransposedConvolutionOptions{}),  //
      layer_entry(MaxPoolOptions{}),                //
      layer_entry(AveragePoolOptions{}),            //
      layer_entry(UpsampleOptions{}),               //
      layer_entry(UnpoolOptions{}),                 //
      layer_entry(ResidualOptions{}),               //
      layer_entry(FlattenOptions{}),                //
      layer_entry(ReshapeOptions{}),                //
      layer_entry(StackChannelsOptions{}),          //
  };
  return table;
}

const LayerEntry& find_layer(std::string_view name) { return find_row(layers(), name, "layer"); }

LayerPlan::LayerPlan(const LayerEntry& entry, const Spec& spec)
    : entry_(&entry), options_(entry.read(spec)) {}

LayerPlan read_layer(const Spec& spec) { return {find_layer(spec.name), spec}; }

std::unique_ptr<Layer> make_layer(const LayerPlan& plan, RowShape input) {
  return plan.entry().make(plan, input);
}
std::unique_ptr<Layer> make_layer(const Spec& spec, RowShape input) {
  return make_layer(read_layer(spec), input);
}

}  // namespace pushforward
