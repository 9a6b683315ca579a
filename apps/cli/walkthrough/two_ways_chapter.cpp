// SPDX-License-Identifier: Apache-2.0
//
// One Gaussian fitted to two humps by KL(p‖q), which covers both, and by KL(q‖p), which picks one.
//
//   argmin KL(p‖q) has the mean and the variance of p: 0 and 2.5² + 0.5² = 6.5
#include <cmath>

#include "chapter.hpp"
#include "pushforward/density_fit.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr const char* kTarget = "0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)";

Json place_of(const KnownDensity& q) {
  const LineComponent& normal = std::get<LineDensity>(q).components().front();
  return numbers(std::vector<double>{normal.a, normal.b});
}

Json fitted(const KnownDensity& p, const std::string& by, std::uint64_t seed) {
  const DensityFit fit = fit_density(p, {"normal"}, {by}, {.seed = seed});
  Json result = {{"optima", Json::array()}, {"path", Json::array()}};
  for (const LocalOptimum& optimum : fit.optima) {
    Json one = {{"divergence", optimum.reading.value}, {"starts", optimum.starts}};
    // The descent stops where a step of 1e-6 gains nothing.
    for (const auto& [name, value] : optimum.parameters) one[name] = std::round(value * 1e6) / 1e6 + 0.0;
    result["optima"].push_back(one);
  }
  for (const KnownDensity& q : fit.path) result["path"].push_back(place_of(q));
  return result;
}

// ln of the divergence over the plane of mean and ln sd, row by row.
Json plane(const KnownDensity& p, const std::string& by, const std::vector<double>& means,
           const std::vector<double>& deviations) {
  std::vector<double> values;
  for (const double sd : deviations)
    for (const double mean : means) {
      const KnownDensity q = LineDensity({{.a = mean, .b = sd}});
      values.push_back(std::log(density_divergence({by}, p, q).value));
    }
  return rounded(values, 4);
}

}  // namespace

Json two_ways_chapter(const Demonstration& demonstration) {
  const KnownDensity p = parse_density(kTarget);
  const std::vector<double> means = evenly(-4, 4, 41);
  const std::vector<double> deviations =
      map(evenly(std::log(0.25), std::log(5.0), 25), [](double ln) { return std::exp(ln); });
  const auto& line = std::get<LineDensity>(p);
  return {{"target", kTarget},
          {"moments", {{"mean", line.mean()}, {"sd", std::sqrt(line.variance())}}},
          {"forward", fitted(p, "kl", demonstration.seed)},
          {"reverse", fitted(p, "reverse-kl", demonstration.seed)},
          {"means", rounded(means)},
          {"sds", rounded(deviations)},
          {"forward_plane", plane(p, "kl", means, deviations)},
          {"reverse_plane", plane(p, "reverse-kl", means, deviations)}};
}

}  // namespace pushforward::cli::walkthrough
