// SPDX-License-Identifier: Apache-2.0
//
// Does a generator copy its training data?
//
// A generator that replays training rows has perfect samples by every distance to them. What gives it away is
// the distance from a generated row to its nearest training row, compared with what a fresh row of the same
// distribution has: held-out data. A ratio of medians far below 1, or far more than one generated row in a
// hundred nearer than the nearest hundredth of the held-out rows, is copying. Rows of pixels are compared as
// they stand, so a shifted copy is not found; on an autoencoder's codes it would be.
//
// Rejected: the picture of a few nearest neighbours alone, which papers show and which proves little; a test
// with a p-value [Meehan, Chaudhuri & Dasgupta, "A non-parametric test to detect data-copying", AISTATS
// 2020], which needs cells of the data space; this is its statistic in one cell. Cost: two neighbour
// searches.
#include <algorithm>
#include <cmath>

#include "pushforward/error.hpp"
#include "pushforward/neighbours.hpp"
#include "pushforward/scores.hpp"

namespace pushforward {
namespace {

std::vector<double> sorted_distances(const Points& queries, const Points& training) {
  if (queries.n() == 0 || training.n() == 0)
    throw RequestError(Complaint{"memorisation", "a sample without rows", "one or more of each"});
  const Neighbours nearest = nearest_neighbours(queries, training, 1);
  std::vector<double> distances(nearest.distance.data(), nearest.distance.data() + nearest.distance.size());
  std::sort(distances.begin(), distances.end());
  return distances;
}

double median(const std::vector<double>& sorted) {
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

}  // namespace

Memorisation memorisation(const Points& generated, const Points& held_out, const Points& training) {
  const std::vector<double> own = sorted_distances(generated, training),
                            fresh = sorted_distances(held_out, training);
  Memorisation found;
  found.distance = median(own), found.held_out_distance = median(fresh);
  if (found.held_out_distance > 0) found.ratio = found.distance / found.held_out_distance;
  const double near = fresh[fresh.size() / 100];  // one in a hundred held-out rows is nearer, or fewer
  const auto closer = std::lower_bound(own.begin(), own.end(), near) - own.begin();
  found.closer = static_cast<double>(closer) / static_cast<double>(own.size());
  return found;
}

}  // namespace pushforward
