// SPDX-License-Identifier: Apache-2.0
//
// Adaptive quadrature on pieces of the line, refined where its error is largest.
//
// Each piece is integrated by Boost.Math's 31-point Gauss–Kronrod rule; the piece with the largest error
// estimate is halved until the sum of estimates is small against the integral, or cannot become smaller for
// rounding. The pieces come from the caller, who knows where the integrand has kinks, jumps and peaks
// (QUADPACK's QAGP [Piessens et al. 1983]). Rejected: Boost's own recursion, which refines every piece to its
// own relative error and spends a second on pieces that hold 1e-30 of the integral.
#pragma once

#include <functional>
#include <vector>

namespace pushforward {

struct Integral {
  double value = 0, error = 0;
};

/// ∫ f over [points.front(), points.back()], split at `points` (rising order). Never evaluates f at a point
/// of the list. `relative`: what the sum of error estimates shall reach against the integral; `absolute`: an
/// error that is small enough whatever the integral.
Integral integrate(const std::function<double(double)>& f, const std::vector<double>& points,
                   double relative = 1e-13, double absolute = 0);

/// The points where f changes its sign between neighbours of `points`, found to rounding and put among them;
/// also where it does so twice between two probes, which its values on either side give away. NaN counts as
/// 0.
std::vector<double> with_sign_changes(const std::function<double(double)>& f, std::vector<double> points);

/// ln p − ln q for it; 0 where both densities are.
inline double log_gap(double log_p, double log_q) { return log_p == log_q ? 0 : log_p - log_q; }

/// Sorted, without repeats, finite ones only.
std::vector<double> in_order(std::vector<double> points);

}  // namespace pushforward
