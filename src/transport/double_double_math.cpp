// SPDX-License-Identifier: Apache-2.0
//
// e^x by a table: x = (k/64) ln 2 + s with |s| ≤ ln 2/128, and e^s − 1 by its series, whose terms from the
// sixth on are below 2⁻⁵³ of it and need no second half. The others are a step of Newton's from the double.
#include "transport/double_double_math.hpp"

#include <array>
#include <cmath>
#include <limits>

namespace pushforward::transport {
namespace {

constexpr int kSteps = 64;        // of a factor of 2
constexpr double kCancels = 0.5;  // |x| below which e^x − 1 loses digits

// ln 2, from its hexadecimal digits; the third part serves k·ln 2 for large k.
constexpr DoubleDouble kLn2{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};

DoubleDouble reciprocal_factorial(int n) {
  DoubleDouble out{1, 0};
  for (int k = 2; k <= n; ++k) out = out / k;
  return out;
}

// e^s − 1 = s (1 + s/2! + s²/3! + …), |s| ≤ ln 2/128.
DoubleDouble series(DoubleDouble s) {
  static const std::array<DoubleDouble, 6> coefficients = [] {
    std::array<DoubleDouble, 6> out;
    for (int k = 0; k < 6; ++k) out[static_cast<std::size_t>(k)] = reciprocal_factorial(k + 1);
    return out;
  }();
  const double h = s.high;
  // 1/7!, 1/8!, …: s⁶ of them is 2⁻⁵⁷ of the sum.
  DoubleDouble sum{(1 + h / 8 * (1 + h / 9 * (1 + h / 10 * (1 + h / 11)))) / 5040, 0};
  for (std::size_t k = 6; k-- > 0;) sum = sum * s + coefficients[k];
  return sum * s;
}

DoubleDouble scaled(DoubleDouble x, int exponent) {
  return {std::ldexp(x.high, exponent), std::ldexp(x.low, exponent)};
}

// 2^(j/64) for j = 0 … 63.
const std::array<DoubleDouble, kSteps>& powers_of_two() {
  static const std::array<DoubleDouble, kSteps> table = [] {
    std::array<DoubleDouble, kSteps> out;
    const DoubleDouble step = series(kLn2 / kSteps / 2);  // the series bears half a step
    const DoubleDouble half = step + 1, ratio = half * half;
    out[0] = {1, 0};
    for (std::size_t j = 1; j < kSteps; ++j) out[j] = out[j - 1] * ratio;
    return out;
  }();
  return table;
}

}  // namespace

DoubleDouble exponential(DoubleDouble x) {
  if (x.high < -746) return {0, 0};
  if (!(x.high < 709)) return {std::isnan(x.high) ? x.high : std::numeric_limits<double>::infinity(), 0};
  const double k = std::nearbyint(x.high * kSteps / kLn2.high);
  const auto whole = static_cast<int>(k);
  const int j = ((whole % kSteps) + kSteps) % kSteps;
  const DoubleDouble rest = series(x - kLn2 * (k / kSteps));  // k/64 is exact
  const DoubleDouble& base = powers_of_two()[static_cast<std::size_t>(j)];
  return scaled(base + base * rest, (whole - j) / kSteps);
}

// Where e^x − 1 would cancel x is halved until the series holds; e^2s − 1 = m (m + 2) for m = e^s − 1.
DoubleDouble exp_minus_one(DoubleDouble x) {
  if (!(std::abs(x.high) < kCancels)) return x.high < 709 ? exponential(x) + -1.0 : exponential(x);
  int halvings = 0;
  while (std::abs(x.high) > kLn2.high / (2 * kSteps)) x = x * 0.5, ++halvings;
  DoubleDouble sum = series(x);
  for (; halvings > 0; --halvings) sum = sum * (sum + 2);
  return sum;
}

DoubleDouble log_plus_one(DoubleDouble x) {
  const double first = std::log1p(x.value());
  const DoubleDouble power = exp_minus_one({first, 0});
  return DoubleDouble{first, 0} + (x - power) / (power.high + 1);
}

DoubleDouble square_root(DoubleDouble x) {
  if (!(x.high > 0)) return {0, 0};
  const double root = std::sqrt(x.high);
  return exact_sum(root, (x - exact_product(root, root)).value() / (2 * root));
}

DoubleDouble power(DoubleDouble x, double p) {
  if (!(x.high > 0)) return {0, 0};
  if (p == 1) return x;
  if (p == 0.5) return square_root(x);
  // x = 2^e m with m near 1, so that ln m keeps its digits.
  int exponent = 0;
  std::frexp(x.high, &exponent);
  const DoubleDouble mantissa = scaled(x, -exponent);
  const DoubleDouble log = kLn2 * static_cast<double>(exponent) + log_plus_one(mantissa + -1.0);
  return exponential(log * p);
}

}  // namespace pushforward::transport
