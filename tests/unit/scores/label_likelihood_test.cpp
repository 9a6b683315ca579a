// SPDX-License-Identifier: Apache-2.0
#include "pushforward/label_likelihood.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace pushforward::cli {
namespace {

// D = ¾ and ¼ on a point of X each, ¼ on one of Y.
TEST(LabelLikelihood, ByHand) {
  const double v = std::log(3.0);
  const std::vector<double> logits = {v, -v, -v};
  const Fields f = label_likelihood(logits, {true, true, false});
  const double l = std::log(0.75) + std::log(0.25) + std::log(0.75);
  EXPECT_NEAR(number_of(f, "log_likelihood"), l, 1e-15);
  EXPECT_NEAR(number_of(f, "cross_entropy"), -l / 3, 1e-15);
  EXPECT_NEAR(number_of(f, "accuracy"), 2.0 / 3, 1e-15);
  EXPECT_NEAR(number_of(f, "mean_d"), 1.25 / 3, 1e-15);
  // Bins: {¾} with share 1, {¼, ¼} with share ½: (¼ + 2·¼)/3.
  EXPECT_NEAR(number_of(f, "calibration_error"), 0.25, 1e-15);
  EXPECT_NEAR(number_of(f, "jsd"),
              std::log(2.0) + 0.5 * ((std::log(0.75) + std::log(0.25)) / 2 + std::log(0.75)), 1e-15);
}

TEST(LabelLikelihood, CertainAndWrongIsFinite) {
  const std::vector<double> logits = {800, -800};
  const Fields f = label_likelihood(logits, {false, true});
  EXPECT_DOUBLE_EQ(number_of(f, "log_likelihood"), -1600);
  EXPECT_EQ(number_of(f, "accuracy"), 0);
}

}  // namespace
}  // namespace pushforward::cli
