// SPDX-License-Identifier: Apache-2.0
//
// NPZ, NumPy's archive of named arrays: a ZIP file [PKWARE APPNOTE 6.3] whose members are NPY files; by
// libzip.
//
// A member's size is checked against what its compressed bytes can hold before memory is taken, and its
// CRC-32 after. Encrypted and split archives are refused.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/array.hpp"

namespace pushforward::io {

/// Names of the arrays, without ".npy".
std::vector<std::string> npz_keys(ByteSpan bytes, std::string_view where);
/// The array called `key`; an empty key will do where there is one array only. RequestError lists the keys
/// there are. The bytes are the member's own, so `archive` need not outlive the result.
ArrayFile parse_npz(ByteSpan archive, std::string_view key, std::string_view where);
ArrayFile read_npz(const std::string& path, std::string_view key);
/// Its NPY file, as it is.
Bytes npz_member(ByteSpan archive, std::string_view key, std::string_view where);

/// Replaces the file `path`, atomically; arrays as for write_npy. Times are left at ZIP's zero (1980), so
/// that the same arrays are the same bytes. Arrays that are not stored compressed take the archive's size in
/// memory.
void write_npz(const std::string& path, const std::vector<std::pair<std::string, ArrayView>>& arrays,
               bool deflated = true);

}  // namespace pushforward::io
