// SPDX-License-Identifier: Apache-2.0
// Optimizers and schedules from structs and from SPECs are the same, and refuse the same.
#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

// Three parameters after five steps, the gradient of each being its own value.
std::vector<float> descend(Optimizer& optimizer) {
  Tensor values(1, 3), gradients(1, 3);
  for (std::size_t i = 0; i < 3; ++i) values.data()[i] = static_cast<float>(i) - 0.5f;
  for (std::uint64_t step = 1; step <= 5; ++step) {
    std::copy_n(values.data(), 3, gradients.data());
    optimizer.step(values, gradients, 0.1, 1, step);
  }
  return {values.data(), values.data() + 3};
}

void expect_same(const OptimizerOptions& options, const std::string& spec) {
  const auto typed = descend(*make_optimizer(options, 3, 0.01, {}));
  EXPECT_EQ(typed, descend(*make_optimizer(parse_spec(spec), 3, 0.01, {}))) << spec;
  EXPECT_EQ(optimizers().spec(options).text(), spec);
}

TEST(OptimizerOptions, StructsAndSpecsMakeTheSame) {
  expect_same(AdamOptions{}, "adam");
  expect_same(AdamOptions{.beta1 = 0.5, .beta2 = 0.9, .eps = 0.001}, "adam:beta1=0.5,beta2=0.9,eps=0.001");
  expect_same(AdamWOptions{.beta2 = 0.99}, "adamw:beta2=0.99");
  expect_same(SgdOptions{.momentum = 0.5, .later = 0.9, .from = 1, .over = 2, .nesterov = true},
              "sgd:momentum=0.5,later=0.9,from=1,over=2,nesterov=yes");
  expect_same(RmspropOptions{.decay = 0.9, .eps = 0.1}, "rmsprop:decay=0.9,eps=0.1");
  expect_same(AdagradOptions{.eps = 0.1}, "adagrad:eps=0.1");
}

std::string refusal(const OptimizerOptions& options) {
  try {
    make_optimizer(options, 3, 0, {});
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

TEST(OptimizerOptions, OutOfBoundsFieldsAreNamed) {
  EXPECT_EQ(refusal(AdamOptions{.beta1 = 1.5}), "adam:beta1: got 1.5, wanted a number from 0 to 1");
  EXPECT_EQ(refusal(AdamWOptions{.eps = 0}), "adamw:eps: got 0, wanted a number above 0");
  EXPECT_EQ(refusal(SgdOptions{.later = -1}), "sgd:later: got -1, wanted a number from 0 to 1");
  EXPECT_EQ(refusal(SgdOptions{.nesterov = true}),
            "sgd:nesterov: got no momentum, wanted a momentum above 0; add momentum=0.9");
  EXPECT_EQ(refusal(RmspropOptions{.decay = 2}), "rmsprop:decay: got 2, wanted a number from 0 to 1");
  EXPECT_EQ(refusal(AdagradOptions{.eps = -1}), "adagrad:eps: got -1, wanted a number above 0");
}

void expect_same_schedule(const ScheduleOptions& options, const std::string& spec) {
  const Schedule typed(options, 100, 3), read(parse_spec(spec), 100, 3);
  for (std::uint64_t step = 0; step < 100; ++step) EXPECT_EQ(typed(step), read(step)) << spec << " " << step;
  EXPECT_EQ(schedules().spec(options).text(), spec);
}

TEST(ScheduleOptions, StructsAndSpecsMakeTheSame) {
  expect_same_schedule(ConstantSchedule{}, "constant");
  expect_same_schedule(CosineSchedule{}, "cosine");
  expect_same_schedule(StepSchedule{.every = 10, .factor = 0.5, .times = 2}, "step:10,factor=0.5,times=2");
  expect_same_schedule(ExponentialSchedule{.factor = 0.9, .floor = 0.1}, "exponential:0.9,floor=0.1");
  expect_same_schedule(StagesSchedule{.first = 4, .growth = 2}, "stages:4,growth=2");
}

TEST(ScheduleOptions, OutOfBoundsFieldsAreNamed) {
  EXPECT_THROW(Schedule(StepSchedule{.every = 0}, 10, 0), RequestError);
  EXPECT_THROW(Schedule(StagesSchedule{.growth = 0.5}, 10, 0), RequestError);
  EXPECT_THROW(Schedule(ExponentialSchedule{.floor = 2}, 10, 0), RequestError);
}

TEST(ScheduleOptions, RowsShowTheStructsDefaults) {
  const std::vector<OptionRow> rows = option_table(StepSchedule{}).rows();
  ASSERT_EQ(rows.size(), 3);
  EXPECT_EQ(rows[0].fallback, "1");
  EXPECT_EQ(rows[1].fallback, "0.1");
  EXPECT_EQ(option_table(SgdOptions{}).rows()[1].fallback, "momentum");
}

}  // namespace
}  // namespace pushforward
