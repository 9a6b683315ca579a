// SPDX-License-Identifier: Apache-2.0
//
// The maximum mean discrepancy of two samples on the line, and the function that attains it, by the width of
// the kernel.
//
//   MMD² = E k(x,x′) + E k(y,y′) − 2E k(x,y),   f(z) = (E k(z,x) − E k(z,y))/MMD
#include <fmt/format.h>

#include "chapter.hpp"
#include "pushforward/density.hpp"
#include "pushforward/distances.hpp"
#include "pushforward/kernel.hpp"

namespace pushforward::cli::walkthrough {
namespace {

double mmd(const Matrix<double>& x, const Matrix<double>& y, double width, MmdOptions::Estimator estimator) {
  return *make_distance(MmdOptions{.estimator = estimator, .bandwidth = {width}})->measure({x}, {y}).value;
}

Json column(const Matrix<double>& points) { return numbers({points.data(), points.rows()}); }

// Unit masses at 0 and at `apart`.
double of_masses(double apart, double width) {
  Matrix<double> x(1, 1), y(1, 1);
  y(0, 0) = apart;
  return mmd(x, y, width, MmdOptions::Estimator::biased);
}

}  // namespace

Json witness_chapter(const Demonstration& demonstration) {
  const Draw draw{demonstration.seed};
  const KnownDensity p = parse_density("0.5*normal(-1.5,0.4)+0.5*normal(1.5,0.4)"),
                     q = parse_density("normal(0,1.5)");
  const Matrix<double> x = sample_density(p, 80, draw.on("witness p")),
                       y = sample_density(q, 80, draw.on("witness q"));
  Json widths = Json::array();
  for (const double width : {0.1, 0.3, 1.0, 3.0, 10.0})
    widths.push_back({{"width", width},
                      {"biased", mmd(x, y, width, MmdOptions::Estimator::biased)},
                      {"unbiased", mmd(x, y, width, MmdOptions::Estimator::unbiased)}});
  return {{"x", column(x)},
          {"y", column(y)},
          {"median", median_distance(x, y).value},
          {"widths", widths},
          {"masses",
           {{"one", of_masses(1, 1)},
            {"five", of_masses(5, 1)},
            {"ratio_wide", of_masses(5, 100) / of_masses(1, 100)}}}};
}

}  // namespace pushforward::cli::walkthrough
