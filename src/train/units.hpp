// SPDX-License-Identifier: Apache-2.0
//
// What is taken off data before float32 sees them.
//
// Networks and kept parameters are float32: 7 digits, squares from 1e-38 to 1e38. Solved models (pca, ppca,
// fa) promise their answer for what the data hold, so a mean far beyond the deviation is taken off in float64
// and kept with the run, and a deviation near the ends of float32 is scaled away by a power of two, which
// figures are multiplied back by. Models that learn by gradient work on the data as they are unless
// --standardize asks otherwise: they are told.
#pragma once

#include <string>

#include "pushforward/run.hpp"

namespace pushforward {

/// Column means and deviations in float64; 1 in place of a deviation of 0.
Standardization column_statistics(const Dataset& data);

/// What a solved model needs taken off, with `scale` set; empty where float32 holds the data as they are.
Standardization solved_units(const Dataset& data);

/// RequestError for data that float32 could not give back, or (with `squares`) whose squares it does not
/// hold.
void check_float32_holds(const Dataset& data, bool squares);

/// What a user should know of data with a mean far beyond their deviation, in a sentence, or "".
std::string offset_advice(const Dataset& data);

/// Figures of a solved model in the data's units: squared errors and variances times scale², likelihoods less
/// D ln scale.
Fields in_data_units(const Run& run, Fields figures);

}  // namespace pushforward
