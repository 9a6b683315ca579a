// SPDX-License-Identifier: Apache-2.0
//
// What stands between a layer over images and its convolution in the backward pass: da = dy ⊙ f′(y) for f
// linear or a rectifier, with the sums of da a channel.
#pragma once

#include "ops/activation.hpp"

namespace pushforward {

/// Rows of dy and y are images with channels last. Where f is linear, da is dy and nothing is written;
/// otherwise it is made in `room`, of dy's shape. The sums a channel are added to `bias` where not null.
View<const float> channel_gradient(const Activation& f, std::size_t channels, View<const float> dy,
                                   View<const float> y, View<float> room, float* bias);

}  // namespace pushforward
