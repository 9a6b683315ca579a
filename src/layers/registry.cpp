// SPDX-License-Identifier: Apache-2.0
// The table of layers. To add one: a file in this folder with a function that returns its row, a line in
// entries.hpp, and a line here.
#include "layers/entries.hpp"
#include "pushforward/error.hpp"

namespace pushforward {

std::span<const LayerEntry> layers() {
  static const std::vector<LayerEntry> table = {
      dense_entry(),                   //
      activation_entry(),              //
      maxout_entry(),                  //
      dropout_entry(),                 //
      batch_norm_entry(),              //
      layer_norm_entry(),              //
      group_norm_entry(),              //
      convolution_entry(),             //
      transposed_convolution_entry(),  //
      max_pool_entry(),                //
      average_pool_entry(),            //
      upsample_entry(),                //
      unpool_entry(),                  //
      residual_entry(),                //
      flatten_entry(),                 //
      reshape_entry(),                 //
      stack_channels_entry(),          //
  };
  return table;
}

const LayerEntry& find_layer(std::string_view name) {
  std::vector<std::string> valid;
  for (const LayerEntry& entry : layers()) {
    if (entry.name == name) return entry;
    valid.push_back(entry.name);
  }
  throw unknown_word("layer", name, valid);
}

std::unique_ptr<Layer> make_layer(const Spec& spec, RowShape input) {
  return find_layer(spec.name).make(spec, input);
}

}  // namespace pushforward
