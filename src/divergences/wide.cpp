// SPDX-License-Identifier: Apache-2.0
// Power series below 1/64 (twenty terms reach 113 bits), the functions themselves above.
#include "divergences/wide.hpp"

#include <limits>

namespace pushforward {
namespace {

constexpr double kSeries = 1.0 / 64;
constexpr double kLargestExponent = 11300;  // e^11300 < 2^16383

}  // namespace

// x²/2 − x³/3 + x⁴/4 − …
Wide minus_log1pmx(const Wide& x, const Wide& one_plus) {
  if (abs(x) >= kSeries) return x - log(one_plus);
  Wide power = x * x, sum = 0, before = -1;
  for (int n = 2; sum != before; ++n, power *= -x) before = sum, sum += power / n;
  return sum;
}

Wide wide_log1p(const Wide& x) { return abs(x) >= kSeries ? Wide(log(1 + x)) : x - minus_log1pmx(x, 1 + x); }

Wide wide_exp(const Wide& x) {
  if (x > kLargestExponent) return std::numeric_limits<Wide>::infinity();
  return x < -kLargestExponent ? Wide(0) : Wide(exp(x));
}

Wide wide_expm1(const Wide& x) {
  if (abs(x) >= kSeries) return wide_exp(x) - 1;
  Wide term = x, sum = 0, before = -1;
  for (int n = 2; sum != before; ++n) before = sum, sum += term, term *= x / n;
  return sum;
}

}  // namespace pushforward
