// SPDX-License-Identifier: Apache-2.0
// The version as text, from the numbers of the public header.
#include "pushforward/version.hpp"

#define PUSHFORWARD_TEXT_OF(x) #x
#define PUSHFORWARD_TEXT(x) PUSHFORWARD_TEXT_OF(x)

namespace pushforward {

const char* version() {
  return PUSHFORWARD_TEXT(PUSHFORWARD_VERSION_MAJOR) "." PUSHFORWARD_TEXT(
      PUSHFORWARD_VERSION_MINOR) "." PUSHFORWARD_TEXT(PUSHFORWARD_VERSION_PATCH);
}

}  // namespace pushforward
