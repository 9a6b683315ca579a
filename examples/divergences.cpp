// SPDX-License-Identifier: Apache-2.0
//
// Known distributions: fit a bell to a target with two bells by a divergence. Forward KL ends up covering
// both, reverse KL picks one: the same program with another name for the divergence.
//
// On the whole line forward KL's answer is known beforehand: it has the target's moments. On an interval it
// has not, since a bell that is cut off loses what lies outside; a fine grid says what it is there.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "pushforward/density_fit.hpp"
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

struct Bell {
  double mean, sd;
};

// The best node of a 21 × 21 grid, then of a finer one around it, and so on.
Bell fine_grid(const char* name, const std::vector<double>& target) {
  Bell best{0, 3};
  double least = HUGE_VAL;
  for (double width = 1; width > 1e-6; width /= 4) {
    const Bell centre = best;
    for (int i = -10; i <= 10; ++i)
      for (int j = -10; j <= 10; ++j) {
        const Bell node{centre.mean + 0.4 * i * width, centre.sd * std::exp(0.25 * j * width)};
        const double value = divergence({name}, target, bell(node.mean, node.sd));
        if (value < least) least = value, best = node;
      }
  }
  return best;
}

Bell on_the_line(const char* name, const KnownDensity& target) {
  const LineComponent c =
      std::get<LineDensity>(fit_density(target, {"normal"}, {name}).optima[0].q).components()[0];
  return {c.a, c.b};
}

}  // namespace

int main() {
  const KnownDensity target = parse_density("0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)");
  const double moments = std::sqrt(std::get<LineDensity>(target).variance());
  const Bell covers = on_the_line("kl", target), picks = on_the_line("reverse-kl", target);
  std::printf("KL(target‖fit) covers both bells: mean %6.3f, sd %.3f; the target's own sd is %.3f\n",
              std::abs(covers.mean), covers.sd, moments);
  std::printf("KL(fit‖target) picks one:         mean %6.3f, sd %.3f\n", picks.mean, picks.sd);

  const std::vector<double> left = bell(-2.5, 0.5), right = bell(2.5, 0.5);
  std::vector<double> masses(kValues);
  for (std::size_t i = 0; i < kValues; ++i) masses[i] = (left[i] + right[i]) / 2;
  const Bell cut = fine_grid("kl", masses);
  std::printf("On the 81 values from -5 to 5:    mean %6.3f, sd %.3f, for bells are cut off there\n",
              std::abs(cut.mean), cut.sd);

  // Every row of the registry says what it is.
  for (const DivergenceEntry& entry : divergences())
    std::printf("%-14s %-10.5g %s\n", entry.name.c_str(),
                divergence({entry.name}, bell(picks.mean, picks.sd), masses), entry.formula.c_str());
  const bool right_way = std::abs(covers.mean) < 1e-4 && std::abs(covers.sd - moments) < 1e-4 &&
                         std::abs(cut.sd - 3.578) < 1e-3 && std::abs(std::abs(picks.mean) - 2.5) < 1e-3 &&
                         std::abs(picks.sd - 0.5) < 1e-3;
  return right_way ? EXIT_SUCCESS : EXIT_FAILURE;
}
