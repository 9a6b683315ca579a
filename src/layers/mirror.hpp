// SPDX-License-Identifier: Apache-2.0
//
// The way back through a network: which layers undo the sizes of which (`LayerEntry::mirror`).
//
//   convolution        transposed convolution of the same geometry, with the padding that hits the size
//   transposed         convolution
//   dense, maxout      dense, and a reshape where an image went in
//   pooling            upsampling to the size that went in; unpooling, where max pooling says undo=unpool
//   upsampling         average pooling
//   unpooling          max pooling
//   residual           upsampling where it has a stride, then a residual block back to the channels
//   flatten, reshape   reshape, flatten
//
// A body is taken apart into blocks, each a layer that changes the shape and what follows it (normalisation,
// activation, dropout). The way back runs through the blocks from the last to the first; behind the layer
// that undoes block i comes what follows block i − 1, so that every size has the same company both ways.
#pragma once

#include <vector>

#include "pushforward/layer.hpp"

namespace pushforward {

/// The layers of `body` mirrored, from its output's shape to rows of `input`, of `channels` channels.
/// `from_code`: something else made that output's shape (a dense layer from a code), and what follows the
/// last block follows it, too. RequestError where a layer has no way back.
std::vector<LayerPlan> mirrored(RowShape input, const std::vector<LayerPlan>& body, std::size_t channels,
                                bool from_code);

}  // namespace pushforward
