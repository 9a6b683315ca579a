// SPDX-License-Identifier: Apache-2.0
//
// A Wasserstein GAN's critic against the exact dual of optimal transport on the line, and beside them MMD's
// witness of the same two samples.
//
//   W₁(p, q) = sup { E_p f − E_q f : slope of f at most 1 },  MMD(p, q) = sup { … : norm of f at most 1 }
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "chapter.hpp"
#include "pushforward/density.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/witness.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kRows = 1500, kPlaces = 241;

double steepest(const std::vector<double>& places, const std::vector<double>& f) {
  double slope = 0;
  for (std::size_t i = 1; i < f.size(); ++i)
    slope = std::max(slope, std::abs(f[i] - f[i - 1]) / (places[i] - places[i - 1]));
  return slope;
}

// The function, shifted so that its mean over y is 0: a constant changes nothing.
Json function_of(const Spec& spec, const Matrix<double>& x, const Matrix<double>& y,
                 const std::vector<double>& places, std::uint64_t seed) {
  const std::unique_ptr<Distance> distance = make_distance(spec, seed);
  const std::unique_ptr<Witness> witness = distance->witness({x}, {y});
  const auto values_at = [&](const Matrix<double>& at) {
    Matrix<double> values(at.rows(), witness->names().size());
    witness->values(at, values.view());
    std::vector<double> f;
    for (std::size_t i = 0; i < at.rows(); ++i) f.push_back(values(i, 0));
    return f;
  };
  const auto mean = [](const std::vector<double>& f) {
    double sum = 0;
    for (const double v : f) sum += v / static_cast<double>(f.size());
    return sum;
  };
  Matrix<double> grid(places.size(), 1);
  std::copy(places.begin(), places.end(), grid.data());
  const double at_x = mean(values_at(x)), at_y = mean(values_at(y));
  std::vector<double> f = values_at(grid);
  for (double& v : f) v -= at_y;
  return {{"spec", spec.text()},
          {"f", rounded(f)},
          {"difference_of_means", at_x - at_y},
          {"slope", steepest(places, f)}};
}

}  // namespace

Json critic_chapter(const Demonstration& demonstration) {
  const Draw draw{demonstration.seed};
  const Matrix<double> x = sample_density(parse_density("normal(0,1)"), kRows, draw.on("critic p")),
                       y = sample_density(parse_density("0.5*normal(-3,0.5)+0.5*normal(2.5,0.5)"), kRows,
                                          draw.on("critic q"));
  const std::vector<double> places = evenly(-6, 6, kPlaces);
  const std::string steps = demonstration.quick ? "4000" : "10000";
  const std::vector<Spec> critics = {
      {"w1-critic", {{"lipschitz", "penalty+10"}, {"hidden", "64+64"}, {"steps", steps}}},
      {"w1-critic", {{"lipschitz", "one-sided-penalty+10"}, {"hidden", "64+64"}, {"steps", steps}}},
      {"w1-critic", {{"lipschitz", "spectral"}, {"hidden", "64+64"}, {"steps", steps}}},
      {"w1-critic", {{"lipschitz", "clip+0.1"}, {"hidden", "64+64"}, {"steps", steps}}}};
  constexpr const char* kNames[] = {"penalty", "one_sided", "spectral", "clip"};
  Json functions = Json::array();
  for (std::size_t i = 0; i < critics.size(); ++i) {
    demonstration.progress(static_cast<double>(i) / static_cast<double>(critics.size()));
    functions.push_back(function_of(critics[i], x, y, places, demonstration.seed));
    functions.back()["name"] = kNames[i];
  }
  return {{"w1", *make_distance({"w1"})->measure({x}, {y}).value},
          {"steps", steps},
          {"places", rounded(places)},
          {"exact", function_of({"w1"}, x, y, places, demonstration.seed)},
          {"critics", functions},
          {"witness", function_of({"mmd", {{"estimator", "biased"}}}, x, y, places, demonstration.seed)},
          {"x", rounded({x.data(), std::size_t{200}}, 4)},
          {"y", rounded({y.data(), std::size_t{200}}, 4)}};
}

}  // namespace pushforward::cli::walkthrough
