// SPDX-License-Identifier: Apache-2.0
//
// Weights that a run begins with: --init RUN, or --init FILE.safetensors [--names FILE.toml], a PyTorch
// state_dict or any other file of named arrays.
//
// Of a run, parameters of the same name are taken. A file is strict, as PyTorch's own load_state_dict is:
// every parameter and every array is used, or the names file (weight_names.hpp) says that it is not; only
// what the model took from the data (--center) may be missing.
//
// PyTorch's layouts differ in two places. A filter is channels first there and channels last here; that is
// known from the layer. Where an image becomes a vector, as before a dense layer, so are its numbers; the
// names file says it (`inputs`, `outputs`).
#pragma once

#include <string>

#include "pushforward/run.hpp"

namespace pushforward {

/// `names` may be "". RequestError that says which array, its shape and the one wanted, or what is left over
/// on both sides.
void start_from(Run& run, const std::string& place, const std::string& names);

}  // namespace pushforward
