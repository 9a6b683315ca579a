// SPDX-License-Identifier: Apache-2.0
//
// Entropies of two parts of a joint density.
//
// I(X;Y) = KL(p(x,y) ‖ p(x)p(y)) is integrated as it stands: a sum of cells that are not negative, where
// H(X) + H(Y) − H(X,Y) would cancel. H(Y|X) = H(Y) − I, and H(X,Y) = H(X) + H(Y|X). A Gaussian's are closed
// forms. Source: Cover & Thomas, Elements of Information Theory (2006), section 8.5.
#include <cmath>

#include <fmt/format.h>

#include "pushforward/density.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// What stands side by side, every component of one with every one of the other.
SpaceDensity independent(const SpaceDensity& x, const SpaceDensity& y) {
  std::vector<SpaceDensity::Component> components;
  const std::size_t d = x.d() + y.d();
  for (const SpaceDensity::Component& i : x.components())
    for (const SpaceDensity::Component& j : y.components()) {
      SpaceDensity::Component both{i.weight * j.weight, i.axes, Matrix<double>(d, d)};
      both.axes.insert(both.axes.end(), j.axes.begin(), j.axes.end());
      for (std::size_t r = 0; r < x.d(); ++r)
        for (std::size_t s = 0; s < x.d(); ++s) both.covariance(r, s) = i.covariance(r, s);
      for (std::size_t r = 0; r < y.d(); ++r)
        for (std::size_t s = 0; s < y.d(); ++s) both.covariance(x.d() + r, x.d() + s) = j.covariance(r, s);
      components.push_back(std::move(both));
    }
  return SpaceDensity(std::move(components));
}

KnownDensity part(const SpaceDensity& joint, std::size_t first, std::size_t count) {
  if (count == 1) return joint.marginal_line(first);
  return joint.marginal(first, count);
}

DensityReading combined(double value, const DensityReading& a, const DensityReading& b) {
  DensityReading sum{.value = value, .estimator = a.estimator};
  const double errors = a.error_estimate.value_or(0) + b.error_estimate.value_or(0);
  if (a.error_estimate || b.error_estimate) sum.error_estimate = errors;
  if (a.standard_error || b.standard_error)
    sum.standard_error = std::hypot(a.standard_error.value_or(0), b.standard_error.value_or(0));
  return sum;
}

JointReading exact(const JointEntropies& h) {
  const auto reading = [](double value) {
    return DensityReading{.value = value, .estimator = "closed form"};
  };
  return {reading(h.joint),     reading(h.x),         reading(h.y),
          reading(h.y_given_x), reading(h.x_given_y), reading(h.mutual_information)};
}

}  // namespace

JointReading joint_density_entropies(const KnownDensity& joint, std::size_t split,
                                     const DensityOptions& options) {
  const std::size_t d = dimension_of(joint);
  if (d < 2)
    throw RequestError(Complaint{"--split", "a density on the line", "one of two coordinates or more",
                                 "mvnormal(MEAN,COV), or a product such as normal(0,1)*laplace(0,2)"});
  if (split < 1 || split >= d)
    throw RequestError(Complaint{"--split",
                                 fmt::format("{} of {} coordinates, which leaves nothing", split, d),
                                 d == 2 ? "1" : fmt::format("1 … {}", d - 1)});
  if (const auto* gaussian = std::get_if<GaussianDensity>(&joint))
    return exact(gaussian_joint_entropies(*gaussian, split));
  const auto& space = std::get<SpaceDensity>(joint);
  const KnownDensity x = part(space, 0, split), y = part(space, split, d - split);
  const SpaceDensity apart = independent(space.marginal(0, split), space.marginal(split, d - split));
  JointReading h;
  h.x = density_entropy(x, options), h.y = density_entropy(y, options);
  h.mutual_information = density_divergence({"kl"}, joint, apart, options);
  const DensityReading& i = h.mutual_information;
  h.y_given_x = combined(h.y.value - i.value, i, h.y), h.x_given_y = combined(h.x.value - i.value, i, h.x);
  h.joint = combined(h.x.value + h.y_given_x.value, h.y_given_x, h.x);
  return h;
}

}  // namespace pushforward
