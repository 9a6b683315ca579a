// SPDX-License-Identifier: Apache-2.0
// What every distance refuses: the message must name the place.
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

const Facts kFacts = [] {
  Facts facts;
  facts.weighted = true;
  return facts;
}();

std::string complaint(const Sample& x, const Sample& y, const Facts& facts = kFacts) {
  try {
    check_samples("energy", x, y, facts);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

template <class T>
void expect_named(T bad, std::size_t at, const std::string& words) {
  std::vector<T> values(30, T{1});
  values[at] = bad;
  const std::vector<T> good(30, T{2});
  const View<const T> v{values.data(), 10, 3}, w{good.data(), 10, 3};
  EXPECT_NE(complaint({v}, {w}).find(words + " in the first sample"), std::string::npos)
      << complaint({v}, {w});
  EXPECT_NE(complaint({w}, {v}).find(words + " in the second sample"), std::string::npos);
  EXPECT_NE(complaint({v}, {w}).find("row " + std::to_string(at / 3) + ", column " + std::to_string(at % 3)),
            std::string::npos);
}

TEST(CheckSamples, NamesTheRowAndColumnOfWhatIsNotFinite) {
  for (std::size_t at : {0u, 23u, 29u}) {
    expect_named<float>(std::numeric_limits<float>::quiet_NaN(), at, "NaN");
    expect_named<double>(std::numeric_limits<double>::quiet_NaN(), at, "NaN");
    expect_named<float>(std::numeric_limits<float>::infinity(), at, "infinity");
    expect_named<double>(-std::numeric_limits<double>::infinity(), at, "-infinity");
  }
}

TEST(CheckSamples, LargestAndSmallestFiniteNumbersPass) {
  const std::vector<double> x = {std::numeric_limits<double>::max(),
                                 -std::numeric_limits<double>::max(),
                                 0.0,
                                 std::numeric_limits<double>::denorm_min(),
                                 -0.0,
                                 1.0};
  EXPECT_EQ(complaint({View<const double>{x.data(), 6, 1}}, {View<const double>{x.data(), 6, 1}}), "");
  const std::vector<float> y = {std::numeric_limits<float>::max(), -std::numeric_limits<float>::denorm_min()};
  EXPECT_EQ(complaint({View<const float>{y.data(), 2, 1}}, {View<const float>{y.data(), 2, 1}}), "");
}

TEST(CheckSamples, RefusesShapesThatDoNotFit) {
  const std::vector<double> x(6, 1.0);
  const View<const double> a{x.data(), 3, 2}, b{x.data(), 2, 3}, none{x.data(), 0, 2};
  EXPECT_NE(complaint({a}, {b}).find("2 columns in the first sample and 3 in the second"), std::string::npos);
  EXPECT_NE(complaint({none}, {a}).find("0 points in the first sample"), std::string::npos);
  Facts facts;
  facts.smallest_n = 4;
  EXPECT_NE(complaint({a}, {a}, facts).find("at least 4"), std::string::npos);
  facts.smallest_n = 1, facts.largest_d = 1;
  EXPECT_NE(complaint({a}, {a}, facts).find("at most 1"), std::string::npos);
}

TEST(CheckSamples, RefusesWeightsThatAreNoDistribution) {
  const std::vector<double> x(3, 1.0);
  const View<const double> v{x.data(), 3, 1};
  const auto with = [&](std::vector<double> w, Facts facts = kFacts) {
    return complaint({v, w}, {v}, facts);
  };
  EXPECT_EQ(with({0.5, 0.5, 0.0}), "");
  EXPECT_EQ(with({0.5, 0.5 + 9e-7, 0.0}), "");
  EXPECT_NE(with({0.5, 0.5 + 2e-6, 0.0}).find("sum"), std::string::npos);
  EXPECT_NE(with({0.5, 0.5}).find("2 weights for the 3 points"), std::string::npos);
  EXPECT_NE(with({1.5, -0.5, 0.0}).find("row 1"), std::string::npos);
  EXPECT_NE(with({0.5, 0.5, std::numeric_limits<double>::quiet_NaN()}).find("row 2"), std::string::npos);
  EXPECT_NE(with({0.5, 0.25, 0.25}, Facts{}).find("none"), std::string::npos);
}

}  // namespace
}  // namespace pushforward
