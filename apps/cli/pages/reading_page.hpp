// SPDX-License-Identifier: Apache-2.0
//
// The page about two samples: how far apart they are, where they differ, and which rows say so.
#pragma once

#include <vector>

#include "../samples.hpp"
#include "page.hpp"
#include "pushforward/fields.hpp"

namespace pushforward::cli {

/// `readings` are those of `specs`, as `distance` prints them.
Page reading_page(const SamplePair& pair, const std::vector<Spec>& specs, const std::vector<Fields>& readings,
                  const Common& common);

}  // namespace pushforward::cli
