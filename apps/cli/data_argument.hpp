// SPDX-License-Identifier: Apache-2.0
//
// DATA arguments of a training: which rows are trained on, and which are held out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command.hpp"
#include "data_options.hpp"
#include "pushforward/data.hpp"
#include "pushforward/options.hpp"
#include "train/training_data.hpp"

namespace pushforward::cli {

/// Whether DATA is a folder of pictures, or one: what --resize and --grey are for.
bool names_pictures(const std::string& argument);

/// How to load one of several DATA arguments that share their options: less those that mean something for
/// another of them only, such as --header where this one is a toy and that one a CSV. An empty one was not
/// given.
LoadOptions load_for(const std::string& argument, LoadOptions load, const std::vector<std::string>& all);

/// Loads DATA, with a bar where it takes long, and notes what was read otherwise than one might think.
/// `names`, where not null, are pictures' files.
Dataset load_told(const std::string& argument, const LoadOptions& load, PictureOptions pictures, bool quiet,
                  std::vector<std::string>* names = nullptr);

/// What a run trains on, loaded and told so.
TrainingData load_training_data(const std::string& argument, const Options& options, bool quiet);
TrainingData load_training_data(const Run& run, bool quiet);

}  // namespace pushforward::cli
