// SPDX-License-Identifier: Apache-2.0
// Base 64 with padding [RFC 4648].
#pragma once

#include <string>

#include "io/bytes.hpp"

namespace pushforward::io {

std::string base64(ByteSpan bytes);

}  // namespace pushforward::io
