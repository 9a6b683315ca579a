// SPDX-License-Identifier: Apache-2.0
//
// One function a model: each is defined at the bottom of the model's file and has its line in registry.cpp.
#pragma once

#include "pushforward/model.hpp"

namespace pushforward {

ModelEntry pca_entry();
ModelEntry ppca_entry();
ModelEntry fa_entry();
ModelEntry ae_entry();
ModelEntry sae_entry();
ModelEntry dae_entry();
ModelEntry vae_entry();
ModelEntry iwae_entry();
ModelEntry generator_entry();
ModelEntry gmmn_entry();
ModelEntry gan_entry();
ModelEntry wgan_entry();
ModelEntry wae_entry();
ModelEntry flow_entry();

}  // namespace pushforward
