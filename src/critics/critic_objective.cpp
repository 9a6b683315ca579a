// SPDX-License-Identifier: Apache-2.0
//
// The table of objectives: losses and slopes, by the book, in double precision. A batch has some hundred
// values, so their exponentials cost microseconds beside the network's milliseconds.
//
// f-divergences D_f(p‖q) = ∫ q f(p/q) = sup_T E_p T − E_q f*(T) [Nguyen, Wainwright & Jordan, IEEE Trans. IT
// 56, 2010], T = a(v) with an output activation that keeps T where f* is finite:
//
//              f(u)                          a(v)                 f*(t)            f*(a(v))        best v
//   kl         u ln u                        v                    e^(t−1)          e^(v−1)         1 + ln p/q
//   reverse-kl −ln u                         −e^(−v)              −1 − ln(−t)      v − 1           ln p/q
//   chi2       (u−1)²                        v                    t²/4 + t         v²/4 + v        2(p/q − 1)
//   hellinger  (√u−1)²                       1 − e^(−v)           t/(1−t)          e^v − 1         ½ ln p/q
//   tv         ½|u−1|                        ½ tanh v             t                ½ tanh v        ±∞
//   js         u ln u − (u+1) ln((u+1)/2)    ln 2 − softplus(−v)  −ln(2 − e^t)     softplus(v) − ln 2   ln
//   p/q
//
// js is twice JSD, and half of it is what a reading says. Above v = 700 exponentials go on as their tangent,
// so that a network that is far off gets a large finite slope instead of an infinite one.
#include "critics/critic_objective.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr double kLn2 = std::numbers::ln2;

double sigmoid(double v) { return v >= 0 ? 1 / (1 + std::exp(-v)) : std::exp(v) / (1 + std::exp(v)); }
Term softplus(double v) { return {std::max(v, 0.0) + std::log1p(std::exp(-std::abs(v))), sigmoid(v)}; }
Term softplus_of_minus(double v) {
  const Term s = softplus(-v);
  return {s.value, -s.slope};
}
Term minus(Term t) { return {-t.value, -t.slope}; }
Term minus_softplus(double v) { return minus(softplus(v)); }

Term identity(double v) { return {v, 1}; }
Term negative(double v) { return {-v, -1}; }

Term half_square(double v) { return {0.5 * v * v, v}; }
Term half_square_to_one(double v) { return {0.5 * (v - 1) * (v - 1), v - 1}; }
Term hinge_above(double v) { return v < 1 ? Term{1 - v, -1} : Term{}; }
Term hinge_below(double v) { return v > -1 ? Term{1 + v, 1} : Term{}; }

// e^v, continued by its tangent.
Term exponential(double v) {
  constexpr double kEnd = 700;
  const double e = std::exp(std::min(v, kEnd));
  return {v > kEnd ? e * (1 + v - kEnd) : e, e};
}

Term shifted(Term t, double by) { return {t.value + by, t.slope}; }

// −T and f*(T) of each divergence.
// e^v up to e^5, then its Taylor parabola there: a batch's one far point has a slope of hundreds and not of
// e^80. Convex and smooth, and e^v wherever a ratio of densities is below 148.
Term steady_exponential(double v) {
  constexpr double kFrom = 5;
  if (v <= kFrom) return exponential(v);
  const double e = std::exp(kFrom), t = v - kFrom;
  return {e * (1 + t + t * t / 2), e * (1 + t)};
}

template <Objective::Function exp>
Term kl_conjugate(double v) {
  return exp(v - 1);
}
template <Objective::Function exp>
Term reverse_kl_real(double v) {
  const Term e = exp(-v);
  return {e.value, -e.slope};
}
Term reverse_kl_conjugate(double v) { return {v - 1, 1}; }
Term chi2_conjugate(double v) { return {v * v / 4 + v, v / 2 + 1}; }
template <Objective::Function exp>
Term hellinger_real(double v) {
  return shifted(reverse_kl_real<exp>(v), -1);
}
template <Objective::Function exp>
Term hellinger_conjugate(double v) {
  return shifted(exp(v), -1);
}
Term tv_conjugate(double v) {
  const double t = std::tanh(v);
  return {0.5 * t, 0.5 * (1 - t * t)};
}
Term tv_real(double v) { return minus(tv_conjugate(v)); }
Term js_real(double v) { return shifted(softplus_of_minus(v), -kLn2); }
Term js_conjugate(double v) { return shifted(softplus(v), -kLn2); }

Term missed(double v) { return {v > 0 ? 0.0 : 1.0, 0}; }
Term taken_for_real(double v) { return {v > 0 ? 1.0 : 0.0, 0}; }

template <Objective::Function f>
Term negated(double v) {
  return minus(f(v));
}

}  // namespace

Objective jsd_objective(bool non_saturating) {
  return {.real = softplus_of_minus,
          .generated = softplus,
          .generator = non_saturating ? softplus_of_minus : minus_softplus,
          .offset = kLn2,
          .scale = 0.5,
          .threshold = 0,
          .log_ratio = 1,
          .classifier = true,
          .estimator = "discriminator's cross-entropy on held-out points, ln 2 − ½·loss",
          .unit = "nats (Jensen-Shannon divergence)",
          .high = kLn2};
}

Objective w1_objective() {
  return {.real = negative,
          .generated = identity,
          .generator = negative,
          .lipschitz = true,
          .estimator = "critic's difference of means on held-out points",
          .unit = "the data's unit"};
}

Objective least_squares_objective() {
  return {.real = half_square_to_one,
          .generated = half_square,
          .generator = half_square_to_one,
          .offset = 2,
          .scale = 8,
          .threshold = 0.5,
          .estimator = "critic's squared error on held-out points, 2 − 8·loss",
          .unit = "triangular discrimination ∫(p−q)²/(p+q), 0…2",
          .high = 2};
}

Objective hinge_objective() {
  return {.real = hinge_above,
          .generated = hinge_below,
          .generator = negative,
          .offset = 1,
          .scale = 0.5,
          .threshold = 0,
          .estimator = "critic's hinge loss on held-out points, 1 − ½·loss",
          .unit = "total variation, 0…1",
          .high = 1};
}

Objective logit_objective() {
  return {.real = negative,
          .generated = identity,
          .threshold = 0,
          .log_ratio = 1,
          .classifier = true,
          .estimator = "difference of mean logits on held-out points",
          .unit = "nats (of the logit)",
          .bound = "",
          .low = -std::numeric_limits<double>::infinity()};
}

Objective accuracy_objective() {
  return {.real = missed,
          .generated = taken_for_real,
          .generator = negative,
          .offset = 1,
          .scale = 0.5,
          .classifier = true,
          .counts = true,
          .estimator = "classifier's accuracy on held-out points, either sample counting half",
          .unit = "share, 0.5 by chance",
          .bound = ""};
}

const std::vector<std::string>& f_divergence_names() {
  static const std::vector<std::string> names = {"kl", "reverse-kl", "chi2", "hellinger", "tv", "js"};
  return names;
}

namespace {

// The threshold is where T = f′(1), the best T at p = q.
template <Objective::Function exp>
Objective f_row(const std::string& divergence, bool non_saturating) {
  const auto row = [&](Objective::Function real, Objective::Function conjugate, Objective::Function minimax) {
    Objective o;
    o.real = real, o.generated = conjugate, o.generator = non_saturating ? real : minimax;
    o.threshold = 0, o.log_ratio = 1;
    o.estimator = "variational bound E_p T − E_q f*(T) on held-out points";
    o.unit = "nats";
    return o;
  };
  Objective o;
  if (divergence == "kl") {
    o = row(negative, kl_conjugate<exp>, negated<kl_conjugate<exp>>);
    o.threshold = 1, o.log_ratio_shift = -1;
  } else if (divergence == "reverse-kl") {
    o = row(reverse_kl_real<exp>, reverse_kl_conjugate, negated<reverse_kl_conjugate>);
  } else if (divergence == "chi2") {
    o = row(negative, chi2_conjugate, negated<chi2_conjugate>);
    o.log_ratio.reset(), o.unit = "chi-squared divergence";
  } else if (divergence == "hellinger") {
    o = row(hellinger_real<exp>, hellinger_conjugate<exp>, negated<hellinger_conjugate<exp>>);
    o.log_ratio = 2, o.unit = "squared Hellinger distance, 0…2", o.root = true, o.high = 2;
  } else if (divergence == "tv") {
    o = row(tv_real, tv_conjugate, negated<tv_conjugate>);
    o.log_ratio.reset(), o.unit = "total variation, 0…1", o.high = 1;
  } else {
    o = row(js_real, js_conjugate, negated<js_conjugate>);
    o.scale = 0.5, o.classifier = true, o.unit = "nats (Jensen-Shannon divergence)", o.high = kLn2;
  }
  return o;
}

}  // namespace

Objective f_objective(const std::string& divergence, bool non_saturating, bool steady) {
  return steady ? f_row<steady_exponential>(divergence, non_saturating)
                : f_row<exponential>(divergence, non_saturating);
}

}  // namespace pushforward
