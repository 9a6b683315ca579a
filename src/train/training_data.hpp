// SPDX-License-Identifier: Apache-2.0
//
// What a training is given, and a training of it: the steps that the program, Python and a program of yours
// must take alike to end in the same bits.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "data/pictures.hpp"
#include "pushforward/train.hpp"

namespace pushforward {

/// What a run trains on, whole, as loaded, and the DATA that --validation names, if it names one. (A share is
/// held out by train().) `inputs` are the noisy halves of pairs (--noisy), row by row.
struct TrainingData {
  Dataset training;
  std::optional<Dataset> validation{}, inputs{};
};

/// How DATA is read, from a model's options (they are recorded in config.toml, so that a resumed run reads
/// the same rows).
LoadOptions load_options(const Options& options, std::uint64_t seed);
PictureOptions picture_options(const Options& options);

/// Loads one DATA argument; a caller may tell how far it is, and what it remarks.
using LoadRows =
    std::function<Dataset(const std::string& argument, const LoadOptions&, const PictureOptions&)>;
Dataset load_silently(const std::string& argument, const LoadOptions& load, const PictureOptions& pictures);

TrainingData load_training_data(const std::string& argument, const Options& options,
                                const LoadRows& load = load_silently);
/// The same of a run that is there already, read as they were then (places.hpp). RequestError where they are
/// gone, or others than those.
TrainingData load_training_data(const Run& run, const LoadRows& load = load_silently);
/// The same where the rows that are trained on are there already.
TrainingData complete_training_data(Dataset training, const Options& options,
                                    const LoadRows& load = load_silently);

/// The options with `given` put in, and with the number of threads, which a resumed run takes, too.
Options options_given(const ModelEntry& model, const std::map<std::string, std::string>& given);

/// Trains `run` on data as loaded: refuses others than it began with, brings them to the run's units, trains.
Summary train_on(Run& run, TrainingData data, const OnProgress& on_progress = {});

}  // namespace pushforward
