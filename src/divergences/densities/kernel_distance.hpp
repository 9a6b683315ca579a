// SPDX-License-Identifier: Apache-2.0
// MMD² between densities on the line, with a Gaussian kernel.
#pragma once

#include "pushforward/density.hpp"

namespace pushforward {

/// E exp(−(x − Y)²/(2σ²)), Y distributed as `c`: a closed form for every family but gamma, beta and student.
double kernel_mean(const LineComponent& c, double x, double sigma);
double kernel_mean(const LineDensity& p, double x, double sigma);

/// E k(X,Y) of two densities, and how far off it may be.
struct KernelMean {
  double value, error;
};
KernelMean kernel_product(const LineDensity& p, const LineDensity& q, double sigma);

/// E k(X,X') + E k(Y,Y') − 2E k(X,Y).
DensityReading kernel_distance(const LineDensity& p, const LineDensity& q, double sigma);

}  // namespace pushforward
