// SPDX-License-Identifier: Apache-2.0
//
// The barycentre on the line: all quantile functions are walked at once, from one place where any of them
// steps to the next. Between two such places each is a constant x_k, and the barycentre's is the point that
// minimizes Σ λ_k |q − x_k|^p: their mean, or their weighted median (the middle of all medians where there is
// more than one). Both grow when any x_k does, so the result is a quantile function again, and the plans to
// the measures are the monotone ones.
#include "pushforward/barycenter.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "core/summation.hpp"
#include "ops/sort.hpp"
#include "pushforward/error.hpp"
#include "transport/barycenter_input.hpp"
#include "transport/partial_sums.hpp"

namespace pushforward {
namespace {

// Steps nearer than this are one: sums of weights that are equal in exact arithmetic differ by as much.
constexpr double kSameStep = 0x1p-50;

struct Staircase {
  std::vector<double> points, sums;
  std::size_t at = 0;

  explicit Staircase(const Sample& measure) {
    std::vector<double> values(measure.n());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = measure.points.at(i, 0);
    std::vector<std::uint32_t> order;
    sort_with_order(std::span<const double>(values), points, order);
    transport::partial_sums(measure.weights, values.size(), order, sums);
  }

  double point() const { return points[at]; }
  double step() const { return sums[at]; }
  // Past all steps up to here, but for the last point.
  void pass(double up_to) {
    while (at + 1 < sums.size() && sums[at] <= up_to) ++at;
  }
};

double mean_of(const std::vector<Staircase>& stairs, const std::vector<double>& shares) {
  // Of differences: equal points have themselves as their mean.
  const double first = stairs[0].point();
  double sum = 0;
  for (std::size_t k = 1; k < stairs.size(); ++k) sum += shares[k] * (stairs[k].point() - first);
  return first + sum;
}

double median_of(const std::vector<Staircase>& stairs, const std::vector<double>& shares,
                 std::vector<std::size_t>& order) {
  order.resize(stairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return std::pair(stairs[one].point(), one) < std::pair(stairs[other].point(), other);
  });
  double below = 0;
  for (std::size_t r = 0; r < order.size(); ++r) {
    below += shares[order[r]];
    const double point = stairs[order[r]].point();
    if (below > 0.5 + kSameStep || r + 1 == order.size()) return point;
    if (below >= 0.5 - kSameStep) return std::midpoint(point, stairs[order[r + 1]].point());
  }
  return 0;  // not reached: shares sum to 1
}

}  // namespace

Barycenter line_barycenter(std::span<const Sample> measures, std::span<const double> shares, double p) {
  const std::vector<double> all_shares = transport::checked_shares(shares, measures.size());
  transport::check_measures(measures);
  if (measures[0].d() != 1)
    throw RequestError(Complaint{"barycenter on the line", fmt::format("{} columns", measures[0].d()), "one",
                                 "free_barycenter takes any number"});
  if (p != 1 && p != 2) throw RequestError(Complaint{"barycenter: p", fmt::format("{:g}", p), "1 or 2"});
  std::vector<Staircase> stairs;
  std::vector<double> lambda;
  for (std::size_t k = 0; k < measures.size(); ++k)
    if (all_shares[k] > 0) stairs.emplace_back(measures[k]), lambda.push_back(all_shares[k]);

  Barycenter found;
  std::vector<double> places;
  std::vector<std::size_t> order;
  CompensatedSum value;
  for (double reached = 0; reached < 1;) {
    double next = 1;
    for (const Staircase& one : stairs) next = std::min(next, one.step());
    if (next >= 1 - kSameStep) next = 1;
    if (const double mass = next - reached; mass > 0) {
      const double q = p == 2 ? mean_of(stairs, lambda) : median_of(stairs, lambda, order);
      if (places.empty() || places.back() != q)
        places.push_back(q), found.weights.push_back(mass);
      else
        found.weights.back() += mass;
      for (std::size_t k = 0; k < stairs.size(); ++k)
        value.add(mass * lambda[k] * std::pow(std::abs(q - stairs[k].point()), p));
    }
    reached = next;
    for (Staircase& one : stairs) one.pass(next + kSameStep);
  }
  found.points.resize(places.size(), 1);
  std::copy(places.begin(), places.end(), found.points.data());
  if (!std::isfinite(value.value()))
    throw RequestError(Complaint{"barycenter", "a cost beyond the largest number",
                                 "points whose differences' squares can be added", "rescale the data"});
  found.value = found.bound = value.value();
  found.method = p == 2 ? "mean of quantile functions" : "median of quantile functions";
  return found;
}

}  // namespace pushforward
