// SPDX-License-Identifier: Apache-2.0
#include "pushforward/roc.hpp"

#include <gtest/gtest.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

// Pairs of a strange and a plain row in which the strange one scores higher; equals count half.
TEST(RocAuc, ByHand) {
  const std::vector<double> scores = {1, 2, 2, 3};
  EXPECT_DOUBLE_EQ(roc_auc(scores, {false, true, false, true}), 3.5 / 4);
  EXPECT_DOUBLE_EQ(roc_auc(scores, {true, false, true, false}), 0.5 / 4);
  EXPECT_DOUBLE_EQ(roc_auc(scores, {false, true, true, true}), 1);
  const std::vector<double> same = {7, 7, 7};
  EXPECT_DOUBLE_EQ(roc_auc(same, {true, false, false}), 0.5);
  EXPECT_THROW(roc_auc(same, {false, false, false}), RequestError);
  EXPECT_THROW(roc_auc(same, {true, true, true}), RequestError);
}

}  // namespace
}  // namespace pushforward
