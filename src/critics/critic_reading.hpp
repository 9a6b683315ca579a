// SPDX-License-Identifier: Apache-2.0
//
// What a learned reading is worth: beside its exact value where there is one, and in words where it is out of
// the distance's range.
#pragma once

#include "critics/critic_objective.hpp"
#include "pushforward/reading.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

/// Adds "exact_w1", the exact W₁ of these points (of 2000 rows each, evenly spaced, where they are more: then
/// "exact_rows" says so). A function of slope at most 1 shows no more than that of the same points.
void add_exact_w1(Reading& reading, View<const float> real, View<const float> generated);

/// Adds "of_exact", the share of the exact value that the critic shows, where there is an exact value, and
/// "note", a sentence, where the reading is below or above what the distance can be, or behind the exact
/// value.
void judge_reading(Reading& reading, const Objective& objective);

}  // namespace pushforward
