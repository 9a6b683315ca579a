// SPDX-License-Identifier: Apache-2.0
// Two files that a browser sent become the page about two samples; they are kept as long as that takes.
#pragma once

#include "../command.hpp"
#include "server.hpp"

namespace pushforward::cli::studio {

/// RequestError where they are not two, or no data that can be read.
Answer reading_of(const std::vector<Uploaded>& files, const Common& common);

}  // namespace pushforward::cli::studio
