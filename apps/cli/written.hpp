// SPDX-License-Identifier: Apache-2.0
//
// What a command says whose result is a file: with --json an object about it on standard output, else a
// note.
#pragma once

#include <string>

#include "command.hpp"
#include "output.hpp"
#include "pushforward/shape.hpp"

namespace pushforward::cli {

/// Of a row: [d], [height, width] or [height, width, channels].
Json shape_json(const RowShape& shape);
/// {"output": path, then what `facts` holds}, or "PATH written" followed by `hint`.
void tell_written(const std::string& path, const Json& facts, const Common& common,
                  const std::string& hint = "");

}  // namespace pushforward::cli
