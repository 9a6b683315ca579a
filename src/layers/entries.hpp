// SPDX-License-Identifier: Apache-2.0
// Rows of the layer registry, one function a file of this folder.
#pragma once

#include "pushforward/layer.hpp"

namespace pushforward {

LayerEntry dense_entry();
LayerEntry activation_entry();
LayerEntry maxout_entry();
LayerEntry dropout_entry();
LayerEntry batch_norm_entry();
LayerEntry layer_norm_entry();
LayerEntry convolution_entry();
LayerEntry transposed_convolution_entry();
LayerEntry flatten_entry();
LayerEntry reshape_entry();
LayerEntry stack_channels_entry();
LayerEntry max_pool_entry();
LayerEntry average_pool_entry();
LayerEntry upsample_entry();
LayerEntry unpool_entry();
LayerEntry group_norm_entry();
LayerEntry residual_entry();

}  // namespace pushforward
