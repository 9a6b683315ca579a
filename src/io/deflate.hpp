// SPDX-License-Identifier: Apache-2.0
//
// Deflated bytes (RFC 1951, 1952), by zlib: gzip files and members of ZIP archives.
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

/// Inflates a raw deflate stream of exactly `size` bytes. RequestError when it holds anything else.
Bytes inflate_raw(ByteSpan bytes, std::size_t size, std::string_view where);

/// Deflates to a raw stream.
Bytes deflate_raw(ByteSpan bytes);

/// CRC-32 as in ZIP and gzip.
std::uint32_t crc_32(ByteSpan bytes);

}  // namespace pushforward::io
