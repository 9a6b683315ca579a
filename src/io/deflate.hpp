// SPDX-License-Identifier: Apache-2.0
//
// Gzip files (RFC 1952), by zlib.
//
// A small file may expand a thousandfold; so the caller says how much is wanted, and nobody allocates what
// the input cannot possibly hold.
#pragma once

#include <string_view>

#include "io/bytes.hpp"

namespace pushforward::io {

/// Begins with gzip's magic bytes.
bool is_gzip(ByteSpan bytes);

/// Inflates a gzip file, at most `most` bytes of it (what follows is not looked at). RequestError when it is
/// broken, or ends early.
Bytes gunzip(ByteSpan bytes, std::size_t most, std::string_view where);

}  // namespace pushforward::io
