// SPDX-License-Identifier: Apache-2.0
//
// One call that says what a distance does not keep of what it promises.
//
// A distance's registry row states facts: symmetric, a metric, weighted, differentiable in points or weights.
// `check_distance` tries each claim on random and on awkward samples (duplicates, constant columns, one
// point), for the default options and for every options text that a worked example uses, and returns what it
// found; an empty list is a pass. It needs no test framework and works on a class of your own:
//
//   const DistanceEntry mine{.name = "mine", …, .make = [](const Spec& spec, std::uint64_t) { … }};
//   for (const Finding& finding : check_distance(mine)) std::cerr << finding.text() << '\n';
//
// What is tried: the worked examples; the same value whatever gradient is asked for, and to the same bits
// when asked again; ≥ 0, zero on itself, symmetry, the triangle (with the half-and-half mixture of two
// samples, which exposes every squared Hilbert distance), an atom split in two, each where the facts claim
// it; gradients in points and weights, into poisoned and prefilled buffers, against central differences;
// float32 against float64 input; bad input refused with the row and the column. Why these: each is how a bug
// of a well-known library went unnoticed for years (a value halved together with its derivative; a gradient
// added where it should be written; a distance with the wrong sign checked against an oracle with the same
// sign).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pushforward/distance.hpp"
#pragma GCC visibility push(default)
namespace pushforward {

/// A promise that was not kept.
struct Finding {
  std::string subject;  ///< the SPEC
  std::string promise;  ///< "symmetric", "gradient in points", …
  std::string detail;   ///< what was got and what was wanted

  std::string text() const { return subject + ": " + promise + ": " + detail; }
};

struct ConformanceOptions {
  std::uint64_t seed = 1;
  double gradient_tolerance = 1e-6;   ///< of a gradient's entries, relative to its largest
  double value_tolerance = 1e-9;      ///< where two computations in double must agree, relative
  double precision_tolerance = 1e-5;  ///< float32 input against the same numbers in float64, relative
};

/// Everything above for one row. Cost: some hundred measurements of samples of at most 9 points.
std::vector<Finding> check_distance(const DistanceEntry& entry, const ConformanceOptions& options = {});
/// The same for every row of the registry that is not learned.
std::vector<Finding> check_distances(const ConformanceOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop
