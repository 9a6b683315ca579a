// SPDX-License-Identifier: Apache-2.0
// Trainings of chapters: in memory, with the options that the command line would have.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "chapter.hpp"
#include "pushforward/train.hpp"

namespace pushforward::cli::walkthrough {

struct Training {
  std::string model, data;  ///< as after `pushforward train`
  std::map<std::string, std::string> options;
  double first = 0, last = 1;  ///< which part of the chapter's progress it is
};

/// Told at each step and each end of an epoch; the run's model may be looked at.
using OnStep = std::function<void(const Run& run, const Progress& progress)>;

/// Trains to the end; Interrupted on Ctrl-C.
Run trained(const Training& training, const Demonstration& demonstration, const OnStep& on_step = {});

/// Rows as bytes 0 … 255 in base64, of images in 0 … 1.
std::string images_base64(View<const float> rows);
/// Little-endian float32 in base64.
std::string floats_base64(View<const float> values);

/// The parameter of this name; WorkError where there is none.
View<const float> weights_of(const Run& run, const std::string& name);

}  // namespace pushforward::cli::walkthrough
