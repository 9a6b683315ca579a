// SPDX-License-Identifier: Apache-2.0
//
// The parts of score_generation(): scores that need no distance, and distances.
#pragma once

#include "pushforward/evaluate.hpp"

namespace pushforward {

/// What is measured against, and where.
struct Against {
  const Dataset& data;        ///< in its own units
  const std::string& name;    ///< the DATA argument
  const Dataset* training{};  ///< what was trained on, where known and other rows than `data`
  Space space;
};

/// At most so many.
Dataset first_rows(const Dataset& data, std::size_t most);

Fields generation_scores(const SampleSource& source, const Against& against, const GenerationOptions& options,
                         const Listener& listener);
/// Fills specs and readings. A default that these rows do not allow is left out, with a note.
void measure_generation(Generation& found, const SampleSource& source, const Against& against,
                        const GenerationOptions& options, const Listener& listener);

}  // namespace pushforward
