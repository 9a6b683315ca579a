// SPDX-License-Identifier: Apache-2.0
// Published figures on real digits. They need `pushforward data fetch mnist` once; without it they fail and
// say so.
#include <gtest/gtest.h>

#include "pushforward/threads.hpp"
#include "support.hpp"

namespace pushforward {
namespace {

using namespace testing;

TEST(Mnist, PcaErrorsAreThePublishedOnes) {
  set_threads(1);
  const Dataset training = load_data("mnist"), test = load_data("mnist:test");
  // One decomposition serves all: fewer components are the first rows of more.
  pushforward::Run run = make_run("pca", {{"latent", "100"}}, training);
  const View<float> components = value_of(run, "components");
  for (const auto& [k, error] : {std::pair<std::size_t, double>{100, 4.403}, {30, 13.866}, {10, 26.714}}) {
    for (std::size_t i = k; i < components.rows; ++i)
      for (std::size_t j = 0; j < components.cols; ++j) components(i, j) = 0;
    EXPECT_NEAR(field(evaluate(*run.model, test, {}), "squared_error"), error, 0.005) << k;
  }
}

TEST(Mnist, TwoEpochsOfTheReferenceVae) {
  // The widely used reference program logs 115.79 here; seeds scatter by about 0.5.
  set_threads(1);
  const Dataset training = load_data("mnist"), test = load_data("mnist:test");
  pushforward::Run run = make_run("vae", {{"epochs", "2"}, {"threads", "1"}}, training);
  train(run, training, nullptr);
  EXPECT_NEAR(-field(evaluate(*run.model, test, {}), "elbo"), 115.8, 1.5);
}

}  // namespace
}  // namespace pushforward
