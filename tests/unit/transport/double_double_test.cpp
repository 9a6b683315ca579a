// SPDX-License-Identifier: Apache-2.0
//
// Functions in double-double against 113 bits, the 34 digits of IEEE's binary128.
#include <cmath>

#include <gtest/gtest.h>
#include <boost/multiprecision/cpp_bin_float.hpp>

#include "pushforward/random.hpp"
#include "transport/double_double_math.hpp"

namespace pushforward::transport {
namespace {

using Wide = boost::multiprecision::cpp_bin_float_100;

Wide wide(DoubleDouble x) { return Wide(x.high) + Wide(x.low); }

double off(DoubleDouble found, const Wide& right) {
  if (right == 0) return std::abs(found.value());
  return static_cast<double>(boost::multiprecision::abs((wide(found) - right) / right));
}

DoubleDouble random_number(std::uint32_t index, double size) {
  const Draw draw{3, stream_id("double-double test"), 0};
  const double high = size * (2 * uniform01(draw, 2 * index) - 1);
  return exact_sum(high, high * 0x1p-54 * (2 * uniform01(draw, 2 * index + 1) - 1));
}

TEST(DoubleDouble, ExponentialsAreRightToThirtyDigits) {
  for (const double size : {1e-200, 1e-20, 1e-5, 0.004, 0.02, 1.0, 30.0, 600.0})
    for (std::uint32_t i = 0; i < 200; ++i) {
      const DoubleDouble x = random_number(i, size);
      // The rounding of an argument is one of the result, x times as large.
      EXPECT_LT(off(exp_minus_one(x), boost::multiprecision::expm1(wide(x))), 0x1p-97 * (1 + size / 16))
          << x.high;
      EXPECT_LT(off(exponential(x), boost::multiprecision::exp(wide(x))), 0x1p-97 * (1 + size / 16))
          << x.high;
    }
}

TEST(DoubleDouble, ExponentialsAtTheEnds) {
  EXPECT_EQ(exp_minus_one({0, 0}).value(), 0);
  EXPECT_EQ(exp_minus_one({-1e300, 0}).value(), -1);
  EXPECT_EQ(exp_minus_one({-747, 0}).value(), -1);
  EXPECT_TRUE(std::isinf(exp_minus_one({1e4, 0}).high));
}

TEST(DoubleDouble, LogarithmsAreRightToThirtyDigits) {
  for (const double size : {1e-200, 1e-20, 1e-5, 0.5, 0.999})
    for (std::uint32_t i = 0; i < 200; ++i) {
      const DoubleDouble x = random_number(i, size);
      EXPECT_LT(off(log_plus_one(x), boost::multiprecision::log1p(wide(x))), 0x1p-95) << x.high;
    }
}

TEST(DoubleDouble, PowersAreRightToThirtyDigits) {
  for (const double p : {0.25, 0.5, 0.75, 1.0, 1.5, 2.0})
    for (const double size : {1e-100, 1e-8, 1.0, 1e8})
      for (std::uint32_t i = 0; i < 50; ++i) {
        DoubleDouble x = random_number(i, size);
        if (x.high < 0) x = -x;
        // log x times p: its rounding, some hundreds times 2⁻¹⁰⁰ at the ends of the range.
        EXPECT_LT(off(power(x, p), boost::multiprecision::pow(wide(x), Wide(p))), 0x1p-92)
            << x.high << " " << p;
      }
  EXPECT_EQ(power({0, 0}, 0.5).value(), 0);
}

}  // namespace
}  // namespace pushforward::transport
