// SPDX-License-Identifier: Apache-2.0
//
// Animated GIF, written by giflib: grey pictures exactly, coloured ones on the best 256 colours of each
// frame.
#pragma once

#include <span>
#include <string>

#include "io/png.hpp"

namespace pushforward::io {

/// Frames of one size, grey or RGB, `hundredths` of a second each, repeated for ever. RequestError when
/// frames differ in size or there are none.
Bytes encode_gif(std::span<const Image> frames, int hundredths);
/// The same into a file, atomically.
void write_gif(const std::string& path, std::span<const Image> frames, int hundredths);

}  // namespace pushforward::io
