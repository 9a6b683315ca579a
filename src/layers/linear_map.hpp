// SPDX-License-Identifier: Apache-2.0
//
// A layer that is a fixed linear map of every row: y = A·x, without parameters.
//
// Its backward is the adjoint, its tangent is itself, and nothing curves: pooling by means, upsampling,
// shapes and orders of channels need say only A and Aᵀ.
#pragma once

#include <functional>
#include <string>

#include "pushforward/layer.hpp"
#include "pushforward/onnx.hpp"

namespace pushforward {

/// Writes `to` from `from`, rows to rows.
using RowMap = std::function<void(View<const float> from, View<float> to)>;

/// Adds the map's nodes to a graph.
using WriteMap = std::function<OnnxRows(OnnxGraph& graph, const OnnxRows& x)>;

/// The layer y = A·x; `map` is A and `adjoint` Aᵀ.
std::unique_ptr<Layer> make_linear_map(std::string description, RowShape output, double operations,
                                       RowMap map, RowMap adjoint, WriteMap write);

}  // namespace pushforward
