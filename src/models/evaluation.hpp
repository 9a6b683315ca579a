// SPDX-License-Identifier: Apache-2.0
//
// What models share when they are evaluated: walking over data in blocks, and numbers of fixed size that move
// between float32 parameters and float64 algebra.
#pragma once

#include <string>
#include <vector>

#include "models/moments.hpp"
#include "pushforward/abilities.hpp"
#include "pushforward/learner.hpp"

namespace pushforward {

/// A parameter that no optimiser moves: solved, or looked up in the data.
Parameter kept(std::string name, std::size_t rows, std::size_t cols);

/// A float32 view as a float64 matrix, and back.
EigenMatrix loaded(View<const float> values);
inline EigenMatrix loaded(const Parameter& parameter) { return loaded(View<const float>(parameter.value)); }
void store(const EigenMatrix& from, View<float> to);
inline void store(const EigenMatrix& from, const Parameter& to) { store(from, to.value); }

/// Calls visit(rows, index of the first) on blocks of options.batch rows and reports progress.
void for_evaluation(const Dataset& data, const EvaluateOptions& options,
                    const std::function<void(View<const float> rows, std::size_t first)>& visit);

/// The same for a model, which is told the conditions of each block first (options.inputs), where it is
/// conditional.
void for_evaluation(Model& model, const Dataset& data, const EvaluateOptions& options,
                    const std::function<void(View<const float> rows, std::size_t first)>& visit);

/// Σ over features of (x − reconstruction)², a number a row.
std::vector<double> reconstruction_errors(Model& model, const Dataset& data, const EvaluateOptions& options);

/// A model without noise has nothing to draw: RequestError where `draw` is not null.
void refuse_draws(const Draw* draw, const std::string& model);

double mean_of(const std::vector<double>& values);
/// The standard error of that mean: sd/√n, with n − 1 in the sd; 0 for a single value.
double standard_error_of(const std::vector<double>& values);

}  // namespace pushforward
