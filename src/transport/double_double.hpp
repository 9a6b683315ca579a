// SPDX-License-Identifier: Apache-2.0
//
// Numbers as unevaluated sums of two doubles, some 32 digits: for potentials whose sums must be small
// differences of large numbers. [Dekker, "A floating-point technique for extending the available precision",
// Numer. Math. 18, 1971; Knuth, TAOCP vol. 2, section 4.2.2.]
#pragma once

#include <cmath>

namespace pushforward::transport {

struct DoubleDouble {
  double high = 0, low = 0;

  double value() const { return high + low; }
};

/// a + b exactly.
inline DoubleDouble exact_sum(double a, double b) {
  const double sum = a + b, part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

/// a · b exactly, but for underflow.
inline DoubleDouble exact_product(double a, double b) {
  const double product = a * b;
  return {product, std::fma(a, b, -product)};
}

inline DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble high = exact_sum(a.high, b.high), low = exact_sum(a.low, b.low);
  const DoubleDouble once = exact_sum(high.high, high.low + low.high);
  return exact_sum(once.high, once.low + low.low);
}
inline DoubleDouble operator+(DoubleDouble a, double b) { return a + DoubleDouble{b, 0}; }
inline DoubleDouble operator-(DoubleDouble a) { return {-a.high, -a.low}; }
inline DoubleDouble operator-(DoubleDouble a, DoubleDouble b) { return a + -b; }

inline DoubleDouble operator*(DoubleDouble a, double b) {
  const DoubleDouble product = exact_product(a.high, b);
  return exact_sum(product.high, product.low + a.low * b);
}

inline DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble product = exact_product(a.high, b.high);
  return exact_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

inline DoubleDouble operator/(DoubleDouble a, double b) {
  const double quotient = a.high / b;
  const DoubleDouble rest = a - exact_product(quotient, b);
  return exact_sum(quotient, rest.value() / b);
}

}  // namespace pushforward::transport
