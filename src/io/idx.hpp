// SPDX-License-Identifier: Apache-2.0
//
// IDX, the format of MNIST [LeCun, Cortes & Burges, "The MNIST database", section "File formats"].
//
// Two zero bytes, a code of the element type, the number of axes, each axis's length as a big-endian 32-bit
// number, then the elements, big-endian, in C order. Files are often gzipped as a whole: the header is
// inflated first, and it decides how much more is.
#pragma once

#include <string>
#include <string_view>

#include "io/array.hpp"

namespace pushforward::io {

/// Borrows `bytes`, which are not gzipped. `where` names the file in errors.
ArrayView parse_idx(ByteSpan bytes, std::string_view where);
/// The same, gzipped or not; what was inflated is kept in the result.
ArrayFile parse_idx_maybe_gzipped(Bytes bytes, std::string_view where);
ArrayFile read_idx(const std::string& path);

}  // namespace pushforward::io
