// SPDX-License-Identifier: Apache-2.0
//
// NPY, NumPy's format of one array [Kern, NEP 1, 2007; numpy.lib.format].
//
// "\x93NUMPY", two bytes of version, the length of a header (2 bytes in version 1, 4 in 2 and 3), the header,
// which is a Python dictionary {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }, and the elements.
// Versions 1 to 3 are read with every real type (float16 too), either byte and axis order; complex numbers,
// dates, structures and pickled objects are refused by name; text is read by npy_texts() alone. Version 1 is
// written, elements from a multiple of 64 bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "io/array.hpp"

namespace pushforward::io {

/// Checks everything before any element is touched; borrows `bytes`. `where` names the file in errors.
ArrayView parse_npy(ByteSpan bytes, std::string_view where);
/// The same from a file.
ArrayFile read_npy(const std::string& path);
/// The elements of an array of texts ('<U…' or '|S…'), as UTF-8; nothing where it is one of others.
std::optional<std::vector<std::string>> npy_texts(ByteSpan bytes, std::string_view where);

/// The header that goes before the elements of `array`.
std::string npy_header(const ArrayView& array);
/// Replaces the file `path`, atomically. `array` must be native and in C order (as its constructors make it).
void write_npy(const std::string& path, const ArrayView& array);

}  // namespace pushforward::io
