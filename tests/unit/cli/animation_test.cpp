// SPDX-License-Identifier: Apache-2.0
#include "../apps/cli/animation.hpp"

#include <gtest/gtest.h>

namespace pushforward::cli {
namespace {

// Rows in groups: 0, and after them 10.
Dataset groups() {
  Matrix<float> rows(4000, 1);
  for (std::size_t i = 2000; i < rows.rows(); ++i) rows(i, 0) = 10;
  Dataset data;
  data.name = "groups", data.shape = {.width = 1}, data.rows_data = std::move(rows);
  return data;
}

TEST(Animation, ShowsAllGroupsOfTheData) {
  const Animation animation(groups());
  EXPECT_GT(animation.box().high[0], 10);
  float sum = 0;
  for (const float v : animation.data().span()) sum += v;
  EXPECT_FLOAT_EQ(sum / static_cast<float>(animation.data().rows()), 5);
}

TEST(Animation, ShowsWhereThingsBegin) {
  Animation animation(groups());
  Tensor far(2, 1);
  far(0, 0) = -30;
  animation.reach(std::as_const(far).view());
  EXPECT_LT(animation.places().front(), -30);
  EXPECT_GT(animation.places().back(), 10);
  animation.add_line(std::as_const(far).view(), {});
  far(1, 0) = 1000;
  animation.reach(std::as_const(far).view());  // a frame is there: the next ones have its axes
  EXPECT_LT(animation.places().back(), 100);
}

}  // namespace
}  // namespace pushforward::cli
