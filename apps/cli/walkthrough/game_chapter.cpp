// SPDX-License-Identifier: Apache-2.0
//
// The game of a GAN between two known densities: at D* = p/(p + q) it is worth −ln 4 + 2·JSD(p, q)
// [Goodfellow et al., NeurIPS 2014, theorem 1], and a network of finite size stays below.
#include <numbers>

#include <fmt/format.h>

#include "chapter.hpp"
#include "pushforward/critics.hpp"
#include "pushforward/density.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr double kLn4 = 2 * std::numbers::ln2;
constexpr std::size_t kDraws = 10000;  // as `density --game` takes by default

KnownDensity normal_at(double mean) { return LineDensity({{.a = mean, .b = 1}}); }

// What a discriminator reaches on draws that it was not fitted to.
double network_value(double mean, std::uint64_t seed) {
  const Matrix<double> x = sample_density(normal_at(0), kDraws, Draw{seed}.on("game p")),
                       y = sample_density(normal_at(mean), kDraws, Draw{seed}.on("game q"));
  const Reading reading =
      make_distance(JsdCriticOptions{.critic = {.hidden = {{16}}}}, seed)->measure({x}, {y});
  return 2 * *reading.value - kLn4;
}

}  // namespace

Json game_chapter(const Demonstration& demonstration) {
  const std::vector<double> means = evenly(0, 6, 61);
  const std::vector<double> js =
      map(means, [](double mean) { return density_divergence({"js"}, normal_at(0), normal_at(mean)).value; });
  Json networks = Json::array();
  const std::vector<double> tried = evenly(0, 5, 6);
  for (std::size_t i = 0; i < tried.size(); ++i) {
    demonstration.progress(static_cast<double>(i) / static_cast<double>(tried.size()));
    networks.push_back({{"mean", tried[i]}, {"value", network_value(tried[i], demonstration.seed)}});
  }
  return {{"ln4", kLn4},
          {"means", rounded(means)},
          {"js", numbers(js)},
          {"at_two", {{"js", js[20]}, {"value", 2 * js[20] - kLn4}, {"network", networks[2]["value"]}}},
          {"networks", networks}};
}

}  // namespace pushforward::cli::walkthrough
