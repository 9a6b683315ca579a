// SPDX-License-Identifier: Apache-2.0
// Potentials for every atom, the dual value, the gap.
#include "transport/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pushforward::transport {
namespace {

constexpr double kRounding =
    4e-15;  // of the largest potential: what sums of potentials cannot be told apart by

double weighted_sum(const Atoms& atoms, const std::vector<double>& values) {
  double sum = 0;
  for (std::size_t r = 0; r < atoms.rows.size(); ++r) sum += atoms.weights[r] * values[atoms.rows[r]];
  return sum;
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

void extend_potentials(TransportResult& result, const Atoms& x, const Atoms& y, const SomeCosts& costs_of) {
  fill(result.v, without_mass(y, result.v.size()), result.u, x.rows, true, costs_of);
  std::vector<std::size_t> all(result.v.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  fill(result.u, without_mass(x, result.u.size()), result.v, all, false, costs_of);
}

void certify(TransportResult& result, const Atoms& x, const Atoms& y) {
  const double mean = weighted_sum(x, result.u);
  for (double& u : result.u) u -= mean;
  for (double& v : result.v) v += mean;
  result.dual = weighted_sum(x, result.u) + weighted_sum(y, result.v);
  const double gap = std::max(0.0, result.value - result.dual);
  const double rounding = kRounding * std::max(largest_of(result.u), largest_of(result.v));
  result.gap = gap <= rounding ? 0 : gap / std::abs(result.value);
  std::sort(result.plan.begin(), result.plan.end(), [](const TransportArc& p, const TransportArc& q) {
    return p.source != q.source ? p.source < q.source : p.sink < q.sink;
  });
}

}  // namespace pushforward::transport
