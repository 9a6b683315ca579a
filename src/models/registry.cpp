// SPDX-License-Identifier: Apache-2.0
// The table of models: one line each. The command line, documentation and tests walk it.
#include "models/registry.hpp"

namespace pushforward {

std::span<const ModelEntry> models() {
  static const std::vector<ModelEntry> table = {
      pca_entry(),        //
      ppca_entry(),       //
      fa_entry(),         //
      ae_entry(),         //
      sae_entry(),        //
      dae_entry(),        //
      vae_entry(),        //
      iwae_entry(),       //
      generator_entry(),  //
      gmmn_entry(),       //
      gan_entry(),        //
      wgan_entry(),       //
      wae_entry(),        //
      flow_entry(),       //
  };
  return table;
}

const ModelEntry& find_model(std::string_view name) {
  std::vector<std::string> valid;
  for (const ModelEntry& entry : models()) {
    if (entry.name == name) return entry;
    valid.push_back(entry.name);
  }
  throw unknown_word("model", name, valid);
}

}  // namespace pushforward
