// SPDX-License-Identifier: Apache-2.0
//
// Modes covered: the one question about a generator that a toy answers exactly.
//
// The toys are mixtures of k equal, round Gaussians whose centres are known, so each generated point belongs
// to its nearest centre, and is good when it lies within three standard deviations. Three numbers
// [Lin, Khetan, Fanti & Oh, "PacGAN", NeurIPS 2018, section 4.1]:
//
//   modes covered    centres that one good point or more belongs to
//   high quality     share of good points
//   reverse KL       Σ_j h_j ln(k·h_j), h the histogram of all points over the centres
//
// The KL runs from the generated histogram to the uniform one, so it is finite however many modes are lost:
// a generator that sits on c modes evenly has ln(k/c). All modes share one standard deviation, so the nearest
// by Mahalanobis distance is the nearest. Cost: n·k·d.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "pushforward/scores.hpp"

namespace pushforward {
namespace {

struct Nearest {
  std::size_t mode = 0;
  double squared = HUGE_VAL;
};

Nearest nearest_mode(const Points& points, std::size_t i, const Modes& modes) {
  const std::size_t d = points.d(), k = modes.centres.size() / d;
  Nearest nearest;
  for (std::size_t j = 0; j < k; ++j) {
    double squared = 0;
    for (std::size_t c = 0; c < d; ++c) {
      const double away = points.at(i, c) - modes.centres[j * d + c];
      squared += away * away;
    }
    if (squared < nearest.squared) nearest = {j, squared};
  }
  if (!std::isfinite(nearest.squared))
    throw RequestError(Complaint{fmt::format("modes: point {}", i + 1), "NaN or infinity", "finite numbers"});
  return nearest;
}

void check(const Points& points, const Modes& modes) {
  if (modes.centres.empty())
    throw RequestError(
        Complaint{"modes", "data without named modes", "a mixture: toy:8gaussians or toy:25gaussians"});
  if (!(modes.sd > 0))
    throw RequestError(Complaint{"modes", "modes of width 0", "noise above 0", "leave noise= out"});
  if (points.n() == 0 || modes.centres.size() % points.d() != 0)
    throw RequestError(Complaint{"modes", fmt::format("{} points of {} features", points.n(), points.d()),
                                 "one or more, in the modes' space"});
}

double divergence_from_uniform(const std::vector<std::size_t>& histogram, std::size_t n) {
  double sum = 0;
  for (std::size_t count : histogram) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(n);
    sum += share * std::log(share * static_cast<double>(histogram.size()));
  }
  return std::max(sum, 0.0);  // the uniform histogram by rounding
}

}  // namespace

ModeScores score_modes(const Points& points, const Modes& modes, double within) {
  check(points, modes);
  const double limit = within * within * modes.sd * modes.sd;
  ModeScores scores;
  scores.histogram.assign(modes.centres.size() / points.d(), 0);
  std::vector<bool> covered(scores.histogram.size(), false);
  std::size_t good = 0;
  for (std::size_t i = 0; i < points.n(); ++i) {
    const Nearest nearest = nearest_mode(points, i, modes);
    ++scores.histogram[nearest.mode];
    if (nearest.squared >= limit) continue;
    ++good;
    if (!covered[nearest.mode]) ++scores.covered;
    covered[nearest.mode] = true;
  }
  scores.high_quality = static_cast<double>(good) / static_cast<double>(points.n());
  scores.reverse_kl = divergence_from_uniform(scores.histogram, points.n());
  return scores;
}

}  // namespace pushforward
