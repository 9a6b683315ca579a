// SPDX-License-Identifier: Apache-2.0
//
// ONNX files, written by hand: a protocol buffer [protobuf.dev, Encoding] is fields of (number, kind) and a
// varint, four bytes, or a length and bytes, so its writer is shorter than what a library's use of it would
// take. The fields' numbers are those of onnx.proto; weights are raw little-endian numbers.
#pragma once

#include <string>

#include "pushforward/onnx.hpp"

namespace pushforward::io {

/// A ModelProto. RequestError beyond 2 GB, which no reader of protocol buffers takes.
std::string onnx_bytes(const OnnxGraph& graph);

}  // namespace pushforward::io
