// SPDX-License-Identifier: Apache-2.0
//
// What the data ask for where the user left it open: how long a training is and how often it is looked at,
// the likelihood that fits them, and of pictures the network that does. What is chosen becomes the run's
// options.
#pragma once

#include "pushforward/data.hpp"
#include "pushforward/options.hpp"

namespace pushforward {

/// Whether the option exists and nobody has set it.
bool is_left_open(const Options& options, std::string_view name);

/// Before a model settles its options: for pictures that are no drawings in black and white, a Gaussian whose
/// scale is the squared error (a half-tone is no probability), and from 32×32 (in color 16×16) on, halving
/// convolutions down to 8×8 or so, in smaller batches, with a rate that falls to 0.
void propose_for_pictures(Options& options, const Dataset& training);

/// Of arrays that are no tables and have values outside 0…1 or are standardized: a Gaussian likelihood with a
/// variance of its own, and where values lie far beyond 1 and are no pictures, columns of mean 0 and
/// variance 1.
void propose_for_numbers(Options& options, const Dataset& training);

/// The model's own number of passes, but never fewer steps than it takes to learn anything, nor more than an
/// evening's work; monitors ten times a run or oftener.
void settle_length(Options& options, std::size_t rows);

/// Where --validation is left open, of pictures and tables a tenth of the rows, at most 1000 of them; of
/// fewer than 1000 rows none, nor of rows in the order of their labels, as the last are of one kind.
void settle_validation(Options& options, const Dataset& training);

}  // namespace pushforward
