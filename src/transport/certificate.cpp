// SPDX-License-Identifier: Apache-2.0
// Potentials for every atom, the dual value, the gap.
#include "transport/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/summation.hpp"

namespace pushforward {
namespace transport {
namespace {

constexpr double kRounding = 0x1p-53;

double weighted_sum(const Atoms& atoms, const std::vector<double>& values) {
  CompensatedSum sum;
  for (std::size_t r = 0; r < atoms.rows.size(); ++r) sum.add(atoms.weights[r] * values[atoms.rows[r]]);
  return sum.value();
}

double largest_of(const std::vector<double>& values) {
  double largest = 0;
  for (double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

std::vector<std::size_t> without_mass(const Atoms& atoms, std::size_t count) {
  std::vector<std::size_t> all(count), out;
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::set_difference(all.begin(), all.end(), atoms.rows.begin(), atoms.rows.end(), std::back_inserter(out));
  return out;
}

// For each of the atoms `of` the largest potential that is feasible against those of `against`.
void fill(std::vector<double>& out, const std::vector<std::size_t>& of, const std::vector<double>& known,
          const std::vector<std::size_t>& against, bool columns, const SomeCosts& costs_of) {
  if (of.empty()) return;
  const auto costs = costs_of(of, against, columns);
  auto scaled = column_potentials(against.size(), 0.0);
  for (std::size_t k = 0; k < against.size(); ++k) scaled.data()[k] = known[against[k]] / costs->scale();
  for (std::size_t r = 0; r < of.size(); ++r)
    out[of[r]] = costs->smallest(r, scaled.data()).value * costs->scale();
}

}  // namespace
}  // namespace transport

std::string gap_warning(double gap) {
  if (gap <= kProvenGap) return {};
  return fmt::format("not proven optimal: the least cost may be below this plan's by {:.2g} of it", gap);
}

namespace transport {

void extend_potentials(TransportResult& result, const Atoms& x, const Atoms& y, const SomeCosts& costs_of) {
  fill(result.v, without_mass(y, result.v.size()), result.u, x.rows, true, costs_of);
  std::vector<std::size_t> all(result.v.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  fill(result.u, without_mass(x, result.u.size()), result.v, all, false, costs_of);
}

void settle(TransportResult& result, const Atoms& x) {
  const double mean = weighted_sum(x, result.u);
  for (double& u : result.u) u -= mean;
  for (double& v : result.v) v += mean;
  std::sort(result.plan.begin(), result.plan.end(), [](const TransportArc& p, const TransportArc& q) {
    return p.source != q.source ? p.source < q.source : p.sink < q.sink;
  });
}

void certify(TransportResult& result, const Atoms& x, const Atoms& y) {
  constexpr double kUnits = 16;  // of a cost (a power), and of the sums
  result.dual = weighted_sum(x, result.u) + weighted_sum(y, result.v);
  if (result.value == 0) return;  // no cost is negative
  const double terms = result.value + largest_of(result.u) + largest_of(result.v);
  result.gap = (std::max(0.0, result.value - result.dual) + kUnits * kRounding * terms) / result.value;
}

}  // namespace transport
}  // namespace pushforward
