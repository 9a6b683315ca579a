// SPDX-License-Identifier: Apache-2.0
//
// What the four names of a generator (generator, gan, gmmn, wgan) share: options, defaults that depend on
// other options or on the data, and the making.
#pragma once

#include "pushforward/models.hpp"

namespace pushforward {

using Recipe = GeneratorOptions::Recipe;

/// Rate, optimiser and critic steps where they were left open: a learned distance takes Adam with little or
/// no momentum and a small rate, as all published recipes do.
void settle_generator(GeneratorOptions& options);
/// A sigmoid output for data in 0…1 (that are not standardised), else a linear one.
void settle_output(NetworkOptions& network, const TrainOptions& options, const Dataset& training);
/// The same, or with --code the codes' activation and that run's options.
void settle_generator_on(GeneratorOptions& options, const Dataset& training);
/// The generator whose distance options.plug names.
std::unique_ptr<Model> make_generator(const GeneratorOptions& options, RowShape data);
/// The row of a recipe, but for what it says.
ModelEntry generator_row(Recipe recipe);

}  // namespace pushforward
