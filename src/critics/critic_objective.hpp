// SPDX-License-Identifier: Apache-2.0
//
// What a critic is fitted for: each learned distance as three functions of one number.
//
// With v the network's output at a point, every game here is a sum of means,
//
//   critic's loss     E_p r(v) + E_q g(v)            f descends it
//   generator's loss  E_q h(v)                       G descends it
//   distance          offset − scale·(E_p r + E_q g)
//
// and for whatever f the last line is, in expectation over points that f was not fitted on, a lower bound of
// the distance, which the best f attains. So an objective is a row of a table: three functions with their
// slopes, two numbers, and words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pushforward/spec.hpp"

namespace pushforward {

/// A function's value and slope at a point.
struct Term {
  double value = 0, slope = 0;
};

struct Objective {
  using Function = Term (*)(double v);

  Function real = nullptr;       ///< r
  Function generated = nullptr;  ///< g
  Function generator = nullptr;  ///< h
  double offset = 0, scale = 1;
  std::optional<double> threshold{};  ///< a point with v above is taken for real
  std::optional<double> log_ratio{};  ///< ln p/q = log_ratio·v + log_ratio_shift at the best f, where so
  double log_ratio_shift = 0;
  bool classifier = false;      ///< v is the logit of D(x)
  bool lipschitz = false;       ///< f must not rise faster than 1: divide by a bound of its slopes
  bool counts = false;          ///< a reading is a share of points: it has an exact p-value
  std::string estimator, unit;  ///< of a reading
  /// What a reading is of the distance; "" = the thing itself. No single reading off a sample is a bound: its
  /// expectation is.
  std::string bound{"lower bound in expectation"};
  double low = 0;                ///< no distance of this kind is below
  std::optional<double> high{};  ///< or above
  bool root = false;             ///< the distance is a square: report its root too

  double distance(double real_mean, double generated_mean) const {
    return offset - scale * (real_mean + generated_mean);
  }
};

/// Cross-entropy: r = softplus(−v), g = softplus(v); JSD = ln 2 − ½(E r + E g). h = −softplus(v) (minimax)
/// or softplus(−v) (non-saturating) [Goodfellow et al., NeurIPS 2014].
Objective jsd_objective(bool non_saturating);
/// r = −v, g = v, h = −v: the difference of means [Arjovsky, Chintala & Bottou, ICML 2017].
Objective w1_objective();
/// r = ½(v−1)², g = ½v², h = ½(v−1)² [Mao et al., ICCV 2017]. The best loss is ½∫pq/(p+q), so that
/// ∫(p−q)²/(p+q) = 2 − 8(E r + E g).
Objective least_squares_objective();
/// r = max(0, 1−v), g = max(0, 1+v), h = −v [Lim & Ye 2017]; the best loss is 2 − 2·TV.
Objective hinge_objective();
/// r = −T(v), g = f*(T(v)), h = −f*(T(v)) or −T(v) (non-saturating), with the conjugates and output
/// activations of Nowozin, Cseke & Tomioka, NeurIPS 2016, tables 2 and 6.
/// `steady`, to be descended and not read: exponentials above e^5 go on as a parabola, so that a few points
/// far from the data do not throw the game over.
Objective f_objective(const std::string& divergence, bool non_saturating, bool steady = false);
/// Read only, never descended: the share of points on the right side of v = 0, both samples counting alike.
Objective accuracy_objective();
/// Read only: the difference of mean logits, E_p v − E_q v, of a classifier.
Objective logit_objective();
/// kl, reverse-kl, chi2, hellinger, tv, js.
const std::vector<std::string>& f_divergence_names();

}  // namespace pushforward
