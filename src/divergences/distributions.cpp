// SPDX-License-Identifier: Apache-2.0
//
// From masses to a distribution: what is refused, and the division by the sum.
//
// Masses are first scaled by a power of two (exactly) so that the largest lies in [½, 1): a million masses of
// 1e305 do not overflow, and subnormal ones keep their digits. A sum within 1e-6 of 1 is taken for rounding
// of the user's file and divided out, so that all the identities of the registry hold (they assume that both
// sums are 1).
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/summation.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

std::string place(std::size_t i, std::size_t columns) {
  if (columns == 0) return fmt::format("entry {} (counting from 0)", i);
  return fmt::format("row {}, column {} (counting from 0)", i / columns, i % columns);
}

void check_mass(std::string_view where, double mass, std::size_t i, std::size_t columns) {
  if (std::isfinite(mass) && mass >= 0) return;
  const std::string got = std::isnan(mass) ? "NaN" : fmt::format("{}", mass);
  throw RequestError(Complaint{std::string(where), fmt::format("{} at {}", got, place(i, columns)),
                               "masses that are finite and not negative"});
}

}  // namespace

std::vector<double> distribution_of(std::string_view where, std::span<const double> masses,
                                    const MassRules& rules) {
  if (masses.empty()) throw RequestError(Complaint{std::string(where), "no masses", "at least one"});
  for (std::size_t i = 0; i < masses.size(); ++i) check_mass(where, masses[i], i, rules.columns);
  const double largest = *std::max_element(masses.begin(), masses.end());
  if (largest == 0)
    throw RequestError(Complaint{std::string(where), "masses that are all 0", "at least one above 0"});
  const int exponent = std::ilogb(largest) + 1;
  std::vector<double> scaled(masses.begin(), masses.end());
  CompensatedSum sum;
  for (double& mass : scaled) mass = std::scalbn(mass, -exponent), sum.add(mass);
  const double total = std::scalbn(sum.value(), exponent);
  if (!rules.normalize && !(std::abs(total - 1) <= rules.tolerance))
    throw RequestError(Complaint{std::string(where), fmt::format("masses that sum to {:.9g}", total),
                                 fmt::format("a sum of 1 within {:g}", rules.tolerance),
                                 "--normalize divides them by their sum"});
  // A file's own probabilities are kept to the bit where their sum is 1 already.
  if (total == 1) return {masses.begin(), masses.end()};
  for (double& mass : scaled) mass /= sum.value();
  return scaled;
}

}  // namespace pushforward
