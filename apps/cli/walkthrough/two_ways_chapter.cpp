// SPDX-License-Identifier: Apache-2.0
//
// One Gaussian fitted to two humps by KL(p‖q), which covers both, and by KL(q‖p), which picks one; and the
// same from samples, by generators that only shift, turn and stretch noise, on a ring of eight modes.
//
//   argmin KL(p‖q) has the mean and the variance of p: 0 and 2.5² + 0.5² = 6.5
#include <cmath>

#include "pushforward/density_fit.hpp"
#include "pushforward/scores.hpp"
#include "training.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr const char* kTarget = "0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)";
constexpr const char* kRing = "toy:8gaussians:n=4000,noise=0.1";
constexpr std::size_t kDrawn = 2500, kShown = 400;

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

// Of one coordinate: √(E‖x − mean‖²/d).
double deviation(View<const float> points) {
  double squares = 0;
  for (std::size_t k = 0; k < points.cols; ++k) {
    double mean = 0;
    for (std::size_t i = 0; i < points.rows; ++i) mean += static_cast<double>(points(i, k));
    mean /= static_cast<double>(points.rows);
    for (std::size_t i = 0; i < points.rows; ++i)
      squares += std::pow(static_cast<double>(points(i, k)) - mean, 2);
  }
  return std::sqrt(squares / static_cast<double>(points.size()));
}

Json generated_by(const std::string& divergence, const Dataset& data, const Demonstration& demonstration,
                  double from, double to) {
  const Run run = trained({"generator",
                           kRing,
                           {{"distance", "f-critic:divergence=" + divergence},
                            {"hidden", "none"},
                            {"latent", "2"},
                            {"monitor", "none"}},
                           from,
                           to},
                          demonstration);
  Tensor points(kDrawn, 2);
  generate(*run.model, points, Draw{demonstration.seed}.on("walkthrough"), false);
  restore_units(run, points);
  const ModeScores scores = score_modes(std::as_const(points).view(), data.modes);
  return {{"points", thousandths(std::as_const(points).view().slice(0, kShown))},
          {"sd", deviation(std::as_const(points).view())},
          {"near", 100 * scores.high_quality},
          {"modes", scores.covered}};
}

Json ring(const Demonstration& demonstration) {
  const Dataset data = load_data(kRing, {.seed = demonstration.seed});
  const Tensor rows = data.floats(0, data.rows());
  return {{"data", kRing},
          {"points", thousandths(std::as_const(rows).view().slice(0, kShown))},
          {"sd", deviation(std::as_const(rows).view())},
          {"forward", generated_by("kl", data, demonstration, 0, 0.5)},
          {"reverse", generated_by("reverse-kl", data, demonstration, 0.5, 1)}};
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
          {"reverse_plane", plane(p, "reverse-kl", means, deviations)},
          {"ring", ring(demonstration)}};
}

}  // namespace pushforward::cli::walkthrough
