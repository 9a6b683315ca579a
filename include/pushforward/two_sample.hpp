// SPDX-License-Identifier: Apache-2.0
//
// Two-sample tests: do X and Y come from one distribution?
//
// Under that hypothesis the n + m pooled points are exchangeable: their labels could have been dealt in any
// other order. So the distance of the samples as they are is compared with the distances after B random
// relabellings, and
//
//   p = (1 + #{b : D_b ≥ D}) / (1 + B)
//
// is an exact p-value for any distance, of any sample size [Phipson & Smyth, "Permutation p-values should
// never be zero", Stat. Appl. Genet. Mol. Biol. 9, 2010]: P(p ≤ α) ≤ α, ties counted against rejection.
//
// Values that are equal in exact arithmetic are a tie, though sums in another order round differently. So two
// values tie when they differ by no more than the rounding of the *terms* that they are made of
// (Distance::rounding): an MMD of 0 is the difference of numbers near 1, and is known to the rounding of
// those.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "pushforward/distance.hpp"
#pragma GCC visibility push(default)
namespace pushforward {

struct PermutationOptions {
  std::size_t permutations = 1000;  ///< B, at least least_permutations(level)
  double level = 0.05;              ///< α: reject when p ≤ α
  std::uint64_t seed = 0;
  std::vector<double> quantiles = {0.05, 0.25, 0.5, 0.75, 0.95, 0.99};  ///< of the null that are reported
};

struct PermutationTest {
  Reading reading;  ///< of the samples as they are
  double p_value = 1;
  bool reject = false;
  double null_mean = 0, null_sd = 0;
  std::optional<double> effect{};  ///< (value − null mean) / null sd; absent where the null does not vary
  std::vector<std::pair<double, double>> null_quantiles{};  ///< (probability, value), linearly interpolated
};

/// The least number of relabellings of which one can reject: p is never below 1/(1 + B).
std::size_t least_permutations(double level);

/// Refuses what `permutation_test` would refuse, before anything is measured: weights, a level or a number of
/// permutations with which nothing can be rejected, a distance without a single value, samples that it is not
/// defined for. `where` names the distance.
void check_test(std::string_view where, const Facts& facts, const Sample& x, const Sample& y,
                const PermutationOptions& options);

/// Freezes what `distance` derives from the data, measures, relabels and measures again, on all threads: with
/// the distance's fast form where it has one (Distance::permuted), else anew each time. Differences within
/// rounding (of the terms that the values are made of, or 10⁻⁶ of the values) are ties. Relabelling b depends
/// on (seed, b) only. Throws RequestError for weighted samples (weights break exchangeability), or a distance
/// without a single value. A learned distance is fitted once, to one half of either sample; the reading and
/// the relabellings are of the other half.
PermutationTest permutation_test(Distance& distance, const Facts& facts, const Sample& x, const Sample& y,
                                 const PermutationOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop
