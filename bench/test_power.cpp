// SPDX-License-Identifier: Apache-2.0
//
// How often `pushforward test` finds a difference that is there, at a level of 0.05, beside how often it
// finds one that is not.
//
//   build/release/bench/test_power [repetitions=100] [SPEC …]
//
// The data are the blobs of Liu et al., "Learning deep kernels for non-parametric two-sample tests", ICML
// 2020, as their program makes them: nine Gaussians of variance 0.03 on a 3 × 3 lattice, and in the other
// sample covariances −0.02, −0.022, −0.024, −0.026, 0, 0.02, 0.022, 0.024, 0.026. A line a distance: the
// share rejected with 10, 20, 40, 60, 80 and 100 rows a blob and sample (90 to 900 rows in all), then with 40
// a blob where both samples are of the first kind. 99 relabellings each.
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/two_sample.hpp"

namespace {

using namespace pushforward;

constexpr double kCovariances[9] = {-0.02, -0.022, -0.024, -0.026, 0, 0.02, 0.022, 0.024, 0.026};
constexpr double kVariance = 0.03;

Matrix<double> blobs(std::size_t rows, bool correlated, const Draw& draw, const Draw& groups) {
  Matrix<double> points(rows, 2);
  fill_normal(points.span(), draw, 0.0, 1.0);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto blob = static_cast<std::size_t>(9 * uniform01(groups, static_cast<std::uint32_t>(i)));
    const double correlation = correlated ? kCovariances[blob] / kVariance : 0;
    const double u = points(i, 0), v = points(i, 1);
    points(i, 0) = static_cast<double>(blob / 3) + std::sqrt(kVariance) * u;
    points(i, 1) = static_cast<double>(blob % 3) +
                   std::sqrt(kVariance) * (correlation * u + std::sqrt(1 - correlation * correlation) * v);
  }
  return points;
}

bool rejects(const Spec& spec, std::size_t rows, bool differ, std::size_t repetition) {
  const Draw draw{repetition};
  const Matrix<double> x = blobs(rows, false, draw.on("power x"), draw.on("power x blobs"));
  const Matrix<double> y = blobs(rows, differ, draw.on("power y"), draw.on("power y blobs"));
  PermutationOptions options;
  options.permutations = 99, options.seed = repetition;
  return permutation_test(*make_distance(spec, repetition), facts_of(spec), {Points(x.view())},
                          {Points(y.view())}, options)
      .reject;
}

double share(const Spec& spec, std::size_t rows, bool differ, std::size_t repetitions) {
  std::vector<char> rejected(repetitions);
  parallel_tasks(repetitions, [&](std::size_t r) { rejected[r] = rejects(spec, rows, differ, r); });
  double sum = 0;
  for (const char one : rejected) sum += one;
  return sum / static_cast<double>(repetitions);
}

const std::vector<std::string> kSpecs = {"mmd", "energy", "mmd-fuse", "mmdagg", "c2st", "c2st-logit"};

}  // namespace

int main(int count, char** words) {
  try {
    const std::size_t repetitions = count > 1 ? std::stoul(words[1]) : 100;
    const std::vector<std::string> specs =
        count > 2 ? std::vector<std::string>(words + 2, words + count) : kSpecs;
    std::puts("rows a blob              10     20     40     60     80    100    none differs");
    for (const std::string& text : specs) {
      const Spec spec = parse_spec(text);
      std::string line = fmt::format("{:22}", text);
      for (const std::size_t rows : {10, 20, 40, 60, 80, 100})
        line += fmt::format(" {:6.3f}", share(spec, 9 * rows, true, repetitions));
      line += fmt::format(" {:9.3f}", share(spec, 360, false, repetitions));
      std::puts(line.c_str());
      std::fflush(stdout);
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "test_power: %s\n", error.what());
    return 2;
  }
}
