// SPDX-License-Identifier: Apache-2.0
//
// Exact nearest neighbours in R^d, for samples of tens of thousands.
//
// The search is made for statistics: every point of one sample asks for its k nearest in another, so queries
// come by the tens of thousands and are answered in blocks. Distances are Euclidean, exact to double rounding
// whatever the precision of the input, and depend on neither threads nor vector width. Points may repeat.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// For each of n queries its nearest points of ranks first … k (1 … k unless said otherwise), nearest first.
struct Neighbours {
  Matrix<double> distance;      ///< n × (k − first + 1), ascending in a row
  Matrix<std::uint32_t> index;  ///< alike: rows of the points; among equally near ones any, always the same
};

/// The k nearest of `points` to each query. Throws RequestError when k is 0 or above points.n(), or d
/// differs. Cost: about n·m·d/32 vector operations at worst (d above 10), far less in few dimensions; memory
/// O((n+m)·d) and the answer. With first = k only the k-th neighbour is kept.
Neighbours nearest_neighbours(const Points& queries, const Points& points, std::size_t k,
                              std::size_t first = 1);

/// The k nearest *other* points to each point (a repeated point is another one, at distance 0); k < n.
Neighbours nearest_neighbours_within(const Points& points, std::size_t k, std::size_t first = 1);

/// For each query, how many balls {z : ‖z − centre_j‖ ≤ radius_j} contain it, exactly.
std::vector<std::uint32_t> count_balls(const Points& queries, const Points& centres,
                                       std::span<const double> radii);

/// Differential entropy −∫ p ln p in nats of the density that `points` were drawn from, after Kozachenko and
/// Leonenko [1987; in the form of Kraskov, Stögbauer & Grassberger, Phys. Rev. E 69, 2004, eq. 20]:
/// ψ(n) − ψ(k) + ln V_d + (d/n) Σ ln ρ_k(i), with V_d the volume of the unit ball and ρ_k(i) the distance of
/// point i to its k-th nearest other one. Throws RequestError when k ≥ n, or when a ρ is 0 (repeated points
/// have no density).
double neighbour_entropy(const Points& points, std::size_t k = 5);

}  // namespace pushforward
#pragma GCC visibility pop
