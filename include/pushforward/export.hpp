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

/// One of them as a graph, from and to the data's own units: what --standardize takes off is part of it. Of a
/// table that is encoded (table_encoding.hpp) a row is the encoded one, with probabilities where there are
/// categories. Its metadata say model, part, seed, what the data look like, what was taken off, and of a
/// table its blocks ("n3 b c5": three numbers, a truth value, one of five) and its schema.
OnnxGraph onnx_graph(const Run& run, const std::string& part);

/// The same as a file, whole or not at all.
void write_onnx(const Run& run, const std::string& part, const std::string& path);

}  // namespace pushforward
#pragma GCC visibility pop
