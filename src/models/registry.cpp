// SPDX-License-Identifier: Apache-2.0
// The table of models: one line each. The command line, documentation and tests walk it.
#include "models/registry.hpp"

#include "core/row.hpp"

namespace pushforward {

#define ROW(name) PUSHFORWARD_ROW(ModelEntry, name)

std::span<const ModelEntry> models() {
  static const std::vector<ModelEntry> table = {
      ROW(pca_entry),        //
      ROW(ppca_entry),       //
      ROW(fa_entry),         //
      ROW(ae_entry),         //
      ROW(sae_entry),        //
      ROW(dae_entry),        //
      ROW(vae_entry),        //
      ROW(iwae_entry),       //
      ROW(generator_entry),  //
      ROW(gmmn_entry),       //
      ROW(gan_entry),        //
      ROW(wgan_entry),       //
      ROW(wae_entry),        //
      ROW(flow_entry),       //
  };
  return table;
}

const ModelEntry& find_model(std::string_view name) { return find_row(models(), name, "model"); }

}  // namespace pushforward
