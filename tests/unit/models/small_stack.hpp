// SPDX-License-Identifier: Apache-2.0
//
// A small stack for both of its test files, and what a training leaves in its parameters.
#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "unit/models/run_files.hpp"
#include "unit/models/support.hpp"

namespace pushforward::testing {

// 70 rows of 12 in batches of 20: 4 steps an epoch. Three layers, 2 epochs each, then 3 of the whole.
inline const Settings kStack = {{"hidden", "9,7"},        {"latent", "3"},  {"batch", "20"},  {"epochs", "3"},
                                {"pretrain-epochs", "2"}, {"rate", "0.01"}, {"threads", "1"}, {"seed", "4"},
                                {"loss", "mse"}};
inline constexpr std::uint64_t kStageSteps = 8;

inline Dataset stack_data() { return grey_data(70, 12); }

using Values = std::map<std::string, std::vector<float>>;

inline Values values_of(const Run& run) {
  Values out;
  for (const Parameter* p : run.arena.parameters())
    out[p->name] = {p->value.span().begin(), p->value.span().end()};
  return out;
}

// The parameters before and after certain steps of a training.
struct Snapshots {
  std::map<std::uint64_t, Values> after;
  Summary summary;

  Snapshots(Run& run, const Dataset& data, std::vector<std::uint64_t> steps) {
    after[0] = values_of(run);
    summary = train(run, data, nullptr, [&](const Progress& p) {
      if (!p.epoch_end && std::find(steps.begin(), steps.end(), p.step) != steps.end())
        after[p.step] = values_of(run);
      return Continue::yes;
    });
    after[UINT64_MAX] = values_of(run);
  }
};

}  // namespace pushforward::testing
