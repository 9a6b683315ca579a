// SPDX-License-Identifier: Apache-2.0
//
// Parallel lines [Arjovsky, Chintala & Bottou, "Wasserstein GAN", 2017, Example 1]: p is uniform on
// {0}×[0,1], q_θ on {θ}×[0,1]. What distances say of θ, and θ learnt by descending them.
#include <cmath>

#include "chapter.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/learn_theta.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kPoints = 256;
constexpr const char* kFamily = "toy:lines:theta";

struct Learner {
  std::string id, spec;
};

const std::vector<Learner>& learners() {
  static const std::vector<Learner> list = {{"discriminator", "jsd-critic:loss=minimax,hidden=64+64"},
                                            {"narrow", "mmd:estimator=biased,bandwidth=0.1"},
                                            {"wide", "mmd:estimator=biased,bandwidth=1"},
                                            {"critic", "w1-critic:hidden=64+64"},
                                            {"transport", "w1"}};
  return list;
}

// Of the two supports only whether they meet counts: as masses of the lines x = 0 and x = θ.
double of_supports(const std::string& name, double theta) {
  const std::vector<double> p = {1, 0}, apart = {0, 1};
  return divergence({name}, p, theta == 0 ? p : apart);
}

Json curves(std::uint64_t seed) {
  const ThetaFamily family(kFamily);
  const Tensor data = family.rows(0, kPoints, seed + 1);
  const std::vector<double> thetas = evenly(-2, 2, 81);
  Json result = {{"theta", rounded(thetas)}};
  for (const std::string name : {"kl", "js", "tv"})
    result[name] = numbers(map(thetas, [&](double theta) { return of_supports(name, theta); }));
  for (const std::string spec :
       {"w1", "mmd:estimator=biased,bandwidth=0.1", "mmd:estimator=biased,bandwidth=1"}) {
    const auto distance = make_distance(parse_spec(spec));
    const std::vector<double> values = map(thetas, [&](double theta) {
      const Tensor rows = family.rows(theta, kPoints, seed + 1);  // the same heights: only θ differs
      return *distance->measure({data}, {rows}).value;
    });
    result[spec == "w1" ? "w1" : spec.ends_with("0.1") ? "mmd_narrow" : "mmd_wide"] = rounded(values, 7);
  }
  return result;
}

Json learnt(const Learner& learner, const Demonstration& demonstration) {
  const ThetaFamily family(kFamily);
  Dataset data;
  data.name = kFamily;
  data.rows_data = family.rows(0, 6400, demonstration.seed + 1);
  data.shape = {.width = data.cols()};
  ThetaOptions options;
  options.seed = demonstration.seed;
  std::vector<double> thetas;
  for (const ThetaStep& step : learn_theta(family, data, parse_spec(learner.spec), options))
    thetas.push_back(step.theta);
  return {{"spec", learner.spec}, {"theta", rounded(thetas)}, {"last", thetas.back()}};
}

}  // namespace

Json parallel_lines_chapter(const Demonstration& demonstration) {
  Json result = {{"curves", curves(demonstration.seed)}};
  double done = 0;
  for (const Learner& learner : learners()) {
    demonstration.progress(done++ / static_cast<double>(learners().size()));
    result["learners"][learner.id] = learnt(learner, demonstration);
  }
  return result;
}

}  // namespace pushforward::cli::walkthrough
