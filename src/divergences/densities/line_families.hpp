// SPDX-License-Identifier: Apache-2.0
//
// The families of distributions on the line, one function a question.
//
//   normal(mean,sd)        (2π)^−½/sd · e^(−z²/2), z = (x − mean)/sd
//   uniform(a,b)           1/(b − a) between its ends
//   laplace(mean,scale)    e^(−|z|)/(2·scale)
//   exponential(rate)      rate·e^(−rate·x), x ≥ 0
//   gamma(shape,rate)      rate^shape x^(shape−1) e^(−rate·x)/Γ(shape), x ≥ 0
//   beta(a,b)              x^(a−1) (1−x)^(b−1)/B(a,b), 0 ≤ x ≤ 1
//   student(df,mean,scale) ∝ (1 + z²/df)^(−(df+1)/2)
//
// Source: Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions, volumes 1 and 2 (1994, 1995).
// Logarithms of densities come in two parts, because the constant is dear and does not depend on x.
#pragma once

#include <cmath>
#include <span>
#include <string_view>
#include <vector>

#include "pushforward/density.hpp"

namespace pushforward {

/// What a family is called, and what its numbers are called, in the order in which they are written.
struct LineFamily {
  LineComponent::Family family;
  std::string_view name, form;
  std::size_t least, most;  ///< how many numbers
};
std::span<const LineFamily> line_families();
const LineFamily& family_of(const LineComponent& c);

/// RequestError for parameters that make no distribution; `where` names them.
void check_component(const LineComponent& c, std::string_view where = "density");

/// ln p(x) = log_constant(c) + log_shape(c, x).
double log_constant(const LineComponent& c);
double log_shape(const LineComponent& c, double x);  ///< −∞ outside the support

double cdf_of(const LineComponent& c, double x);
double survival_of(const LineComponent& c, double x);
/// F⁻¹(u), given v = 1 − u with its own digits.
double quantile_of(const LineComponent& c, double u, double v);
double mean_of(const LineComponent& c);      ///< NaN where there is none (student with df ≤ 1)
double variance_of(const LineComponent& c);  ///< +∞ or NaN where there is none
/// Whether E|X|^order is finite.
bool has_moment(const LineComponent& c, double order);
/// E[X; X ≤ t].
double partial_mean(const LineComponent& c, double t);

struct Support {
  double low, high;
};
Support support_of(const LineComponent& c);
/// A finite centre and width, whatever the moments are.
double centre_of(const LineComponent& c);
double width_of(const LineComponent& c);
/// p(x) behaves like |x − end|^power at its lower (side −1) or upper (+1) end.
double power_at_end(const LineComponent& c, int side);
/// Points between which the density is smooth and varies by moderate factors.
void add_landmarks(const LineComponent& c, std::vector<double>& points);

/// ln Σ exp(terms) as they come.
class LogSum {
 public:
  void add(double term) {
    if (!(term > largest_)) {
      if (term > -HUGE_VAL) sum_ += std::exp(term - largest_);
      return;
    }
    sum_ = sum_ * std::exp(largest_ - term) + 1, largest_ = term;
  }
  double value() const { return sum_ > 0 ? largest_ + std::log(sum_) : -HUGE_VAL; }

 private:
  double largest_ = -HUGE_VAL, sum_ = 0;
};

}  // namespace pushforward
