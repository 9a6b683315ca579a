// SPDX-License-Identifier: Apache-2.0
// One seed, one set of rows, whatever asks for them and however many.
#include <gtest/gtest.h>

#include "io/npy.hpp"
#include "pushforward/apply.hpp"
#include "support/program.hpp"
#include "unit/models/run_files.hpp"

namespace pushforward {
namespace {

using namespace testing;

const Settings kSmall = {{"latent", "2"}, {"hidden", "5"},        {"steps", "3"},
                         {"batch", "16"}, {"standardize", "yes"}, {"likelihood", "gaussian:learned"}};

pushforward::Run small_run(const std::string& path = "") {
  const Dataset data = low_rank_data(60, 4, 2, 0.1);
  pushforward::Run run = make_run("vae", kSmall, data, path);
  train(run, prepare_data(run, data), nullptr);
  return run;
}

void expect_same(View<const float> a, View<const float> b) {
  ASSERT_EQ(a.rows, b.rows);
  for (std::size_t e = 0; e < a.size(); ++e) ASSERT_EQ(a.data[e], b.data[e]) << e;
}

TEST(Apply, FewerRowsAreTheFirstOfMore) {
  const pushforward::Run run = small_run();
  const Tensor few = generate_rows(run, 2600, 3), many = generate_rows(run, 5200, 3);
  expect_same(few.view(), many.view().slice(0, 2600));
  EXPECT_NE(few(2599, 0), few(99, 0));  // another block draws anew
}

// What evaluate measures is generate_rows; sample drew all rows at once and differed beyond row 2500.
TEST(Apply, SampleWritesTheRowsThatAreMeasured) {
  const Folder folder;
  const pushforward::Run run = small_run(folder / "run");
  const std::string out = folder / "rows.npy";
  ASSERT_EQ(run_program("sample " + (folder / "run") + " -n 2600 --seed 3 --quiet -o " + out).status, 0);
  Tensor measured = generate_rows(run, 2600, 3);
  restore_units(run, measured);
  expect_same(io::to_matrix<float>(io::read_npy(out).array, out).view(), measured.view());
}

TEST(Apply, WhatAModelCannotIsNamed) {
  const pushforward::Run run = make_run("pca", {{"latent", "2"}}, low_rank_data(40, 4, 2, 0.1));
  EXPECT_NE(message_of([&] { generate_rows(run, 3, 0); }).find("no prior"), std::string::npos);
  EXPECT_NE(message_of([&] { prepare_rows(run, low_rank_data(5, 3, 2, 0.1)); }).find("rows of 3"),
            std::string::npos);
}

}  // namespace
}  // namespace pushforward
