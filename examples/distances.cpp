// SPDX-License-Identifier: Apache-2.0
//
// Measure two samples, with weights, and walk one of them towards the other along the gradient.
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "pushforward/distances.hpp"
#include "pushforward/random.hpp"

using namespace pushforward;

int main() {
  // Two samples of R²: rows are observations. A draw is a function of (seed, stream, step), not of what came
  // before.
  Matrix<double> x(200, 2), y(300, 2);
  fill_normal(x.span(), Draw{.seed = 1}.on("x"));
  fill_normal(y.span(), Draw{.seed = 1}.on("y"), /*mean=*/2, /*sd=*/0.5);

  // Samples are borrowed, in the precision that the user has (float32 or float64): no copy, no rounding. A
  // distance is named by a SPEC, as on the command line, and says what it did.
  for (const char* spec : {"energy", "w2", "mmd:bandwidth=1+2", "frechet", "kl-knn:k=3"}) {
    const Reading reading = make_distance(parse_spec(spec))->measure({x}, {y});
    std::printf("%-20s %10.5f  %s, %s\n", spec, *reading.value, reading.unit.c_str(),
                reading.estimator.c_str());
  }

  // Or by its options as a struct; what is left out has its default, and what is out of bounds is refused.
  const auto sliced = make_distance(SlicedOptions{.p = 1, .projections = 50});
  std::printf("%-20s %10.5f\n", "sliced", *sliced->measure({x}, {y}).value);

  // Code asks a distance for its facts, never for its name.
  const Spec spec = parse_spec("energy");
  const Facts facts = facts_of(spec);
  if (!facts.gradient_points || !facts.weighted) return EXIT_FAILURE;

  // Weights: the last hundred observations of y count twice.
  std::vector<double> weights(y.rows(), 1.0 / 400);
  for (std::size_t i = 200; i < 300; ++i) weights[i] = 2.0 / 400;

  // Gradient descent on the points of the first sample: value and gradient come from the same call.
  const auto distance = make_distance(spec);
  Matrix<double> gradient(x.rows(), x.cols());
  double first = 0, last = 0;
  for (int step = 0; step < 100; ++step) {
    last = *distance->measure({x}, {y, weights}, {.points = gradient.view()}).value;
    if (step == 0) first = last;
    for (std::size_t e = 0; e < x.size(); ++e) x.data()[e] -= 20 * gradient.data()[e];
  }
  std::printf("energy to the weighted sample: %.5f before, %.5f after 100 steps\n", first, last);
  return last < 0.01 * first ? EXIT_SUCCESS : EXIT_FAILURE;
}
