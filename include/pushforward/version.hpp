// SPDX-License-Identifier: Apache-2.0
// The version of the library, when a program is compiled (macros) and when it runs (version()).
#pragma once

#define PUSHFORWARD_VERSION_MAJOR 0
#define PUSHFORWARD_VERSION_MINOR 1
#define PUSHFORWARD_VERSION_PATCH 0

#pragma GCC visibility push(default)
namespace pushforward {

/// "0.1.0": of the library that runs. `pushforward --version` prints it, a run's config.toml keeps it.
const char* version();

}  // namespace pushforward
#pragma GCC visibility pop
