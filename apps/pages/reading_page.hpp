// SPDX-License-Identifier: Apache-2.0
//
// The page about two samples: how far apart they are, where they differ, and which rows say so.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "pages/page.hpp"
#include "pushforward/data.hpp"
#include "pushforward/fields.hpp"
#include "pushforward/sample.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::pages {

struct TwoSamples {
  const Dataset &x, &y;
  /// Places of the samples in the units that they were measured in; empty: as they are.
  std::function<Matrix<double>(const Points&)> in_units{};
  bool weighted = false;  ///< weights break the exchangeability that a test stands on: none is made
};
/// `readings` are those of `specs`, as `distance` prints them.
Page reading_page(const TwoSamples& samples, const std::vector<Spec>& specs,
                  const std::vector<Fields>& readings, std::uint64_t seed);

}  // namespace pushforward::pages
