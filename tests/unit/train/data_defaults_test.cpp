// SPDX-License-Identifier: Apache-2.0
// What the data ask for where the user left it open.
#include "train/data_defaults.hpp"

#include <gtest/gtest.h>

#include "pushforward/random.hpp"
#include "pushforward/train.hpp"
#include "support/own_folder.hpp"
#include "train/fast_precision.hpp"

namespace pushforward {
namespace {

Options options_for(const char* model) { return options_of(find_model(model)); }

// n pictures of values in low…high.
Dataset pictures(RowShape shape, float low, float high, std::size_t n = 20) {
  Tensor rows(n, shape.size());
  fill_uniform(rows.span(), Draw{7});
  for (float& v : rows.span()) v = low + (high - low) * v;
  Dataset data;
  data.shape = shape, data.rows_data = std::move(rows);
  return data;
}

Options proposed(const char* model, const Dataset& data,
                 const std::map<std::string, std::string>& given = {}) {
  Options options = options_for(model);
  for (const auto& [name, value] : given) options.set(name, value);
  propose_for_pictures(options, data);
  return options;
}

TEST(DataDefaults, HalfTonesAreGaussianAndDrawingsAreNot) {
  const RowShape small{8, 8, 1, true};
  EXPECT_EQ(proposed("vae", pictures(small, 0, 1)).text("likelihood"), "gaussian:optimal");
  EXPECT_EQ(proposed("vae", pictures(small, 0.95f, 1)).text("likelihood"), "bernoulli");
  EXPECT_EQ(proposed("iwae", pictures(small, -1, 1)).text("likelihood"), "gaussian:optimal");
  EXPECT_EQ(proposed("vae", pictures(small, 0, 1), {{"likelihood", "bernoulli"}}).text("likelihood"),
            "bernoulli");
  EXPECT_EQ(proposed("vae", pictures(small, 0, 1), {{"slices", "2"}}).text("likelihood"), "gaussian:learned");
  EXPECT_EQ(proposed("vae", pictures({1, 64, 1, false}, 0, 1)).text("likelihood"), "bernoulli");
}

TEST(DataDefaults, LargePicturesAreHalvedDownToEight) {
  const auto network = [](RowShape shape) { return proposed("vae", pictures(shape, 0, 1)).text("network"); };
  EXPECT_EQ(network({8, 8, 3, true}), "mlp");
  EXPECT_EQ(network({28, 28, 1, true}), "mlp");
  EXPECT_EQ(network({16, 16, 3, true}), "conv 32 4x4/2, relu");
  EXPECT_EQ(network({64, 64, 3, true}), "conv 32 4x4/2, relu, conv 64 4x4/2, relu, conv 128 4x4/2, relu");
  EXPECT_EQ(network({33, 70, 1, true}), "conv 32 4x4/2, relu, conv 64 4x4/2, relu");
}

TEST(DataDefaults, WhatIsGivenStays) {
  const Dataset data = pictures({32, 32, 3, true}, 0, 1);
  EXPECT_EQ(proposed("ae", data, {{"network", "mlp"}}).text("network"), "mlp");
  EXPECT_EQ(proposed("ae", data, {{"hidden", "30"}}).text("network"), "mlp");
  EXPECT_EQ(proposed("ae", data, {{"tied", "yes"}}).text("network"), "mlp");
  EXPECT_EQ(proposed("ae", data, {{"batch", "7"}}).text("batch"), "7");
  EXPECT_NE(proposed("ae", data).text("network"), "mlp");
}

// Points and other arrays: what no Bernoulli has is Gaussian, and far values are brought to one scale.
TEST(DataDefaults, NumbersBeyondTheUnitAreGaussian) {
  const auto settled = [](const Dataset& data, const std::map<std::string, std::string>& given = {}) {
    Options options = options_for("vae");
    for (const auto& [name, value] : given) options.set(name, value);
    propose_for_numbers(options, data);
    return options.text("likelihood") + ", " + options.text("standardize");
  };
  const RowShape points{1, 3, 1, false};
  EXPECT_EQ(settled(pictures(points, 0, 1)), "bernoulli, ");
  EXPECT_EQ(settled(pictures(points, -0.5f, 1)), "gaussian:learned, ");
  EXPECT_EQ(settled(pictures(points, 0, 2)), "gaussian:learned, ");
  EXPECT_EQ(settled(pictures(points, 0, 200)), "gaussian:learned, yes");
  EXPECT_EQ(settled(pictures(points, -200, 0)), "gaussian:learned, yes");
  EXPECT_EQ(settled(pictures({8, 8, 1, true}, 0, 200)), "gaussian:learned, ")
      << "pictures keep their contrasts";
  EXPECT_EQ(settled(pictures(points, 0, 1), {{"standardize", "yes"}}), "gaussian:learned, yes");
  EXPECT_EQ(settled(pictures(points, 0, 200), {{"standardize", "no"}}), "gaussian:learned, no");
  EXPECT_EQ(settled(pictures(points, 0, 200), {{"likelihood", "bernoulli"}}), "bernoulli, ");
}

std::string epochs(std::size_t rows, const std::map<std::string, std::string>& given = {}) {
  Options options = options_for("vae");
  for (const auto& [name, value] : given) options.set(name, value);
  settle_length(options, rows);
  return options.text("epochs");
}

// Batches of 128: 20 passes, within 3000 … 30000 steps.
TEST(DataDefaults, LengthsCountSteps) {
  EXPECT_EQ(epochs(60000), "20");
  EXPECT_EQ(epochs(1000), "375");      // 8 steps each
  EXPECT_EQ(epochs(100), "3000");      // one
  EXPECT_EQ(epochs(10'000'000), "1");  // 78125, and no half of it
  EXPECT_EQ(epochs(1000, {{"epochs", "2"}}), "2");
  EXPECT_EQ(epochs(1000, {{"steps", "7"}}), "20");
  // 192,000 rows of convolutions, or 3000 batches.
  EXPECT_EQ(epochs(1000, {{"network", "conv 8 4x4/2, relu"}, {"batch", "40"}}), "192");
  EXPECT_EQ(epochs(1000, {{"network", "conv 8 4x4/2, relu"}, {"batch", "500"}}), "1500");
}

TEST(DataDefaults, MonitorsTenTimesARun) {
  Options options = options_for("gan");
  settle_length(options, 100);
  EXPECT_EQ(options.text("monitor-every"), "300");
}

TEST(DataDefaults, ATenthIsHeldOutButOfFewRowsNone) {
  const auto validation = [](std::size_t rows, bool open = true, bool image = true) {
    Options options = options_for("vae");
    if (!open) options.set("validation", "");
    settle_validation(options,
                      pictures(image ? RowShape{1, 2, 1, true} : RowShape{1, 2, 1, false}, 0, 1, rows));
    return options.text("validation");
  };
  EXPECT_EQ(validation(999), "");
  EXPECT_EQ(validation(1000), "0.1");
  EXPECT_EQ(validation(60000), "0.01667");
  EXPECT_EQ(validation(5000, false), "");
  EXPECT_EQ(validation(5000, true, false), "") << "points";
}

TEST(DataDefaults, ClassFoldersHoldOutNothing) {
  Dataset data = pictures({1, 2, 1, true}, 0, 1, 2000);
  for (std::int32_t i = 0; i < 2000; ++i) data.labels.push_back(i / 1000);
  const auto validation = [&data] {
    Options options = options_for("vae");
    settle_validation(options, data);
    return options.text("validation");
  };
  EXPECT_EQ(validation(), "");
  std::swap(data.labels.front(), data.labels.back());
  EXPECT_EQ(validation(), "0.1");
}

TEST(FastPrecision, AnswersOnceAndSmallNetworksStayExact) {
  Dataset data = pictures({1, 6, 1, false}, 0, 1, 40);
  Options options = options_for("ae");
  options.set("hidden", "4");
  const pushforward::Run run = create_run("", find_model("ae"), options, data, "memory");
  EXPECT_EQ(run.options.text("precision"), "f32");
  options.set("precision", "bf16");
  EXPECT_EQ(create_run("", find_model("ae"), options, data, "memory").options.text("precision"), "bf16");
}

TEST(FastPrecision, TheAnswerIsTheRuns) {
  const testing::Folder folder;
  Dataset data = pictures({1, 2000, 1, false}, 0, 1, 200);
  Options options = options_for("ae");
  options.set("hidden", "600");
  const std::string measured =
      create_run(folder / "run", find_model("ae"), options, data, "memory").options.text("precision");
  EXPECT_EQ(open_run(folder / "run").options.text("precision"), measured);
  EXPECT_EQ(resume_run(folder / "run").options.text("precision"), measured);
  EXPECT_NE(measured, "auto");
  EXPECT_NE(resume_run(folder / "run", {{"precision", "auto"}}).options.text("precision"), "auto");
}

TEST(FastPrecision, LargeNetworksAreMeasured) {
  Dataset data = pictures({1, 2000, 1, false}, 0, 1, 200);
  Options options = options_for("ae");
  options.set("hidden", "600");
  const pushforward::Run run = create_run("", find_model("ae"), options, data, "memory");
  EXPECT_TRUE(run.options.text("precision") == "f32" || run.options.text("precision") == "bf16");
}

}  // namespace
}  // namespace pushforward
