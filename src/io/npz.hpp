// SPDX-License-Identifier: Apache-2.0
//
// NPZ, NumPy's archive of named arrays: a ZIP file [PKWARE APPNOTE 6.3] whose members are NPY files.
//
// Only the central directory at the end is believed (as ZIP demands); members may be stored or deflated, with
// 64-bit sizes (NumPy reserves room for them). A member's size is checked against what its compressed bytes
// can hold before memory is taken, and its CRC-32 after. Encrypted and split archives are refused.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/array.hpp"

namespace pushforward::io {

/// One member of a ZIP archive, as its directory tells.
struct ZipMember {
  std::string name;
  ByteSpan packed{};  ///< borrowed from the archive
  std::size_t size = 0;
  std::uint32_t crc = 0;
  bool deflated = false;
};

std::vector<ZipMember> parse_zip(ByteSpan bytes, std::string_view where);
/// The member's contents, inflated and checked.
Bytes unpack(const ZipMember& member, std::string_view where);

/// Names of the arrays, without ".npy".
std::vector<std::string> npz_keys(ByteSpan bytes, std::string_view where);
/// The array called `key`; an empty key will do where there is one array only. RequestError lists the keys
/// there are. The bytes are the member's own, so `archive` need not outlive the result.
ArrayFile parse_npz(ByteSpan archive, std::string_view key, std::string_view where);
ArrayFile read_npz(const std::string& path, std::string_view key);
/// Its NPY file, as it is.
Bytes npz_member(ByteSpan archive, std::string_view key, std::string_view where);

/// Replaces the file `path`, atomically; arrays as for write_npy. Times are left at ZIP's zero (1980), so
/// that the same arrays are the same bytes. Arrays and archive must stay under 4 GiB: WorkError otherwise.
void write_npz(const std::string& path, const std::vector<std::pair<std::string, ArrayView>>& arrays,
               bool deflated = true);

}  // namespace pushforward::io
