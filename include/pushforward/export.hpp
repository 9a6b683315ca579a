// SPDX-License-Identifier: Apache-2.0
//
// A run's networks for other runtimes, as ONNX files.
#pragma once

#include <string>
#include <vector>

#include "pushforward/onnx.hpp"
#include "pushforward/run.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// The names of what can be exported of a run: "encoder", "decoder", "generator", "denoiser", "critic",
/// "velocity". RequestError for a model that is no OnnxModel.
std::vector<std::string> onnx_parts(const Run& run);

/// One of them as a graph, from and to the data's own units: what --standardize takes off is part of it. Its
/// metadata say model, part, seed, what the data look like and what was taken off.
OnnxGraph onnx_graph(const Run& run, const std::string& part);

/// The same as a file, whole or not at all.
void write_onnx(const Run& run, const std::string& part, const std::string& path);

}  // namespace pushforward
#pragma GCC visibility pop
