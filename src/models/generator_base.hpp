// SPDX-License-Identifier: Apache-2.0
//
// What the four names of a generator (generator, gan, gmmn, wgan) share: options, defaults that depend on
// other options or on the data, and the making.
#pragma once

#include "pushforward/model.hpp"

namespace pushforward {

/// All options of a generator; an entry changes the defaults that are its own.
std::vector<OptionRow> generator_options();
/// `rows` with other defaults: {{"rate", "0.0001"}, …}.
std::vector<OptionRow> with_defaults(std::vector<OptionRow> rows,
                                     const std::vector<std::pair<std::string, std::string>>& defaults);
/// Rate, optimiser and critic steps where they were left open: a learned distance takes Adam with little or
/// no momentum and a small rate, as all published recipes do.
void settle_generator(Options& options);
/// A sigmoid output for data in 0…1 (that are not standardised), else a linear one.
void settle_output(Options& options, const Dataset& training);
/// The same, or with --code the codes' activation and that run's options.
void settle_generator_on(Options& options, const Dataset& training);
/// The generator whose distance --distance and its companions name.
std::unique_ptr<Model> make_named_generator(const Options& options, RowShape shape);

}  // namespace pushforward
