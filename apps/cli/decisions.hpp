// SPDX-License-Identifier: Apache-2.0
// What was read and decided, in a line before the first epoch ends.
#pragma once

#include <string>

#include "pushforward/train.hpp"
#include "train/training_data.hpp"

namespace pushforward::cli {

/// What a training is about, without how long it takes: "900 rows of 64x64x3 and 100 held out; conv 32
/// 4x4/2, …; latent 128; 2.2M parameters; likelihood gaussian:optimal; bf16".
std::string decisions(const Run& run, const TrainingData& data);
/// "6000 steps of 32 rows, 35 ms each: 3:30 left".
std::string length_text(const Run& run, const Progress& progress, double seconds_a_step);

}  // namespace pushforward::cli
