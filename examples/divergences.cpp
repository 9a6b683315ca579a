// SPDX-License-Identifier: Apache-2.0
//
// Known distributions: fit a bell to a target with two bells by descending a divergence's gradient. Forward
// KL ends up covering both, reverse KL picks one: the same program with another name for the divergence.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "pushforward/divergence.hpp"

using namespace pushforward;

namespace {

constexpr std::size_t kValues = 81;

double at(std::size_t i) { return (static_cast<double>(i) - 40) / 8; }  // −5 … 5

std::vector<double> bell(double mean, double sd) {
  std::vector<double> masses(kValues);
  for (std::size_t i = 0; i < kValues; ++i) masses[i] = std::exp(-std::pow((at(i) - mean) / sd, 2) / 2);
  return distribution_of("bell", masses, {.normalize = true});
}

struct Fit {
  double mean, sd;
};

// The fitted distribution is the *first* argument, whose gradient the library fills: D(fit, target). So "kl"
// here is KL(fit‖target), the reverse direction of maximum likelihood, and "reverse-kl" is maximum likelihood
// itself.
Fit descend(const char* divergence_name, const std::vector<double>& target) {
  Fit fit{1, 0.8};
  std::vector<double> slope(kValues);
  for (int step = 0; step < 4000; ++step) {
    const std::vector<double> p = bell(fit.mean, fit.sd);
    divergence({divergence_name}, p, target, {}, slope);
    // Chain rule through the bell: ∂p_i/∂mean = p_i (z_i − E z)/sd, ∂p_i/∂sd = p_i (z_i² − E z²)/sd, z = (x −
    // mean)/sd.
    double z1 = 0, z2 = 0, mean_slope = 0, sd_slope = 0;
    const auto z = [&](std::size_t i) { return (at(i) - fit.mean) / fit.sd; };
    for (std::size_t i = 0; i < kValues; ++i) z1 += p[i] * z(i), z2 += p[i] * z(i) * z(i);
    for (std::size_t i = 0; i < kValues; ++i) {
      mean_slope += slope[i] * p[i] * (z(i) - z1) / fit.sd;
      sd_slope += slope[i] * p[i] * (z(i) * z(i) - z2) / fit.sd;
    }
    fit.mean -= 0.02 * mean_slope, fit.sd -= 0.02 * sd_slope;
  }
  return fit;
}

}  // namespace

int main() {
  const std::vector<double> left = bell(-2.5, 0.5), right = bell(2.5, 0.5);
  std::vector<double> target(kValues);
  for (std::size_t i = 0; i < kValues; ++i) target[i] = (left[i] + right[i]) / 2;

  const Fit covers = descend("reverse-kl", target), picks = descend("kl", target);
  std::printf("KL(target‖fit) covers both bells: mean %6.3f, sd %.3f\n", covers.mean, covers.sd);
  std::printf("KL(fit‖target) picks one:         mean %6.3f, sd %.3f\n", picks.mean, picks.sd);

  // Every row of the registry says what it is.
  for (const DivergenceEntry& entry : divergences())
    std::printf("%-14s %-10.5g %s\n", entry.name.c_str(),
                divergence({entry.name}, bell(picks.mean, picks.sd), target), entry.formula.c_str());
  const bool right_way =
      std::abs(covers.mean) < 0.05 && covers.sd > 2.4 && std::abs(picks.mean - 2.5) < 0.05 && picks.sd < 0.6;
  return right_way ? EXIT_SUCCESS : EXIT_FAILURE;
}
