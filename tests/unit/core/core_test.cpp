// SPDX-License-Identifier: Apache-2.0
// Errors, specs, random numbers and threads.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/spec.hpp"
#include "pushforward/tensor.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

TEST(Error, IsOneLineWithAllParts) {
  const RequestError error(
      Complaint{"mmd:bandwidth", "0", "a number above 0", "leave it out for the median"});
  EXPECT_STREQ(error.what(), "mmd:bandwidth: got 0, wanted a number above 0; leave it out for the median");
}

TEST(Error, NamesTheNearestWord) {
  const std::vector<std::string> valid = {"adam", "adamw", "sgd", "rmsprop"};
  EXPECT_EQ(nearest_word("adma", valid), "adam");
  EXPECT_EQ(nearest_word("rmsporp", valid), "rmsprop");
  EXPECT_EQ(nearest_word("lbfgs", valid), "");
}

TEST(Error, KnowsWhatOthersCallIt) {
  const std::vector<std::string> options = {"--rate", "--batch", "--epochs", "--latent", "--level"};
  for (const auto& [typed, meant] : {std::pair{"--lr", "--rate"},
                                     {"--learning-rate", "--rate"},
                                     {"--learning_rate", "--rate"},
                                     {"--batch-size", "--batch"},
                                     {"--BatchSize", "--batch"},
                                     {"--n_epochs", "--epochs"},
                                     {"--latent-dim", "--latent"},
                                     {"--alpha", "--level"}})
    EXPECT_EQ(nearest_word(typed, options), meant) << typed;
  const std::vector<std::string> distances = {"mmd", "energy", "w1", "w2", "kl-knn", "frechet", "prdc"};
  for (const auto& [typed, meant] : {std::pair{"kl", "kl-knn"},
                                     {"fid", "frechet"},
                                     {"FID", "frechet"},
                                     {"emd", "w1"},
                                     {"wasserstein", "w1"},
                                     {"W2", "w2"},
                                     {"MMD", "mmd"},
                                     {"precision", "prdc"}})
    EXPECT_EQ(nearest_word(typed, distances), meant) << typed;
  EXPECT_EQ(nearest_word("rbf", std::vector<std::string>{"gaussian", "laplacian", "imq", "rq"}), "gaussian");
  EXPECT_EQ(nearest_word("swish", std::vector<std::string>{"relu", "silu", "elu"}), "silu");
}

// What keeps half of its letters or fewer is another word.
TEST(Error, DoesNotGuessShortWords) {
  const std::vector<std::string> distances = {"mmd", "energy", "w1", "w2", "w", "kl-knn"};
  for (const char* typed : {"ks", "w3", "abc", "k", "-", "", "mse"})
    EXPECT_EQ(nearest_word(typed, distances), "") << typed;
}

TEST(Spec, ListGivesPiecesWithEqualsToTheSpecBefore) {
  const auto specs = parse_spec_list("mmd:estimator=biased,bandwidth=1+2+4,energy,w:p=3");
  ASSERT_EQ(specs.size(), 3u);
  EXPECT_EQ(specs[0].text(), "mmd:estimator=biased,bandwidth=1+2+4");
  EXPECT_EQ(specs[1].text(), "energy");
  EXPECT_EQ(specs[2].text(), "w:p=3");
}

TEST(Spec, ReaderChecksValuesAndRefusesLeftovers) {
  const Spec spec = parse_spec("mmd:bandwidth=1+2+4,estimatr=biased");
  SpecReader read(spec);
  EXPECT_EQ(read.numbers("bandwidth", {}), (std::vector<double>{1, 2, 4}));
  EXPECT_EQ(read.word("estimator", "unbiased", {"unbiased", "biased"}), "unbiased");
  try {
    read.finish();
    FAIL() << "the misspelt key was accepted";
  } catch (const RequestError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'estimator'?"), std::string::npos) << error.what();
  }
}

TEST(Spec, RejectsMalformedText) {
  EXPECT_THROW(parse_spec(""), RequestError);
  EXPECT_THROW(parse_spec("mmd:"), RequestError);
  EXPECT_THROW(parse_spec("mmd:k=1,k=2"), RequestError);
  EXPECT_THROW(parse_number("1e", "x"), RequestError);
  EXPECT_THROW(parse_number("nan", "x"), RequestError);
  EXPECT_THROW(parse_count("3.5", "x"), RequestError);
}

TEST(Random, PhiloxMatchesThePublishedKnownAnswer) {
  // Random123's kat_vectors: philox4x32 10, counter 0, key 0.
  const auto words = random_bits(Draw{}, 0);
  EXPECT_EQ(words, (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
}

TEST(Random, NormalHasTheMomentsOfANormal) {
  std::vector<double> draws(100000);
  fill_normal(std::span<double>(draws), Draw{1, stream_id("test"), 2});
  double m1 = 0, m2 = 0, m4 = 0;
  for (double x : draws) m1 += x, m2 += x * x, m4 += x * x * x * x;
  const auto n = static_cast<double>(draws.size());
  // Five standard errors each: sd of x is 1, of x² is √2, of x⁴ is √96.
  EXPECT_NEAR(m1 / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(m2 / n, 1, 5 * std::sqrt(2 / n));
  EXPECT_NEAR(m4 / n, 3, 5 * std::sqrt(96 / n));
}

TEST(Random, ElementsDoNotDependOnHowManyAreDrawn) {
  std::vector<float> few(5), many(9);
  const Draw draw{7, stream_id("a"), 3};
  fill_normal(std::span<float>(few), draw);
  fill_normal(std::span<float>(many), draw);
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
  std::vector<float> other(5);
  fill_normal(std::span<float>(other), draw.at(4));
  EXPECT_NE(few, other);
}

TEST(Random, PermutationHoldsEveryIndexOnce) {
  auto order = permutation(1000, Draw{3, 0, 0});
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < 1000; ++i) EXPECT_EQ(order[i], i);
}

TEST(Threads, ParallelForCoversEveryIndexOnceAndPassesErrorsOn) {
  std::vector<int> seen(1001, 0);
  parallel_for(seen.size(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) ++seen[i];
  });
  EXPECT_EQ(std::accumulate(seen.begin(), seen.end(), 0), 1001);
  const auto fail = [](std::size_t, std::size_t) { throw WorkError("no"); };
  EXPECT_THROW(parallel_for(8, 1, fail), WorkError);
}

TEST(Matrix, IsAlignedAndKeepsItsMemory) {
  Tensor t(10, 20);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(t.data()) % kAlignment, 0u);
  const float* before = t.data();
  t.resize(5, 40);
  EXPECT_EQ(t.data(), before);
}

}  // namespace
}  // namespace pushforward
