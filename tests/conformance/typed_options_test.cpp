// SPDX-License-Identifier: Apache-2.0
// Behind every row of a registry stands a struct: its table prints the row's options, and a distance that is
// made from the struct reads what the one made from a SPEC reads.
#include <map>

#include <gtest/gtest.h>

#include "pushforward/critics.hpp"
#include "pushforward/distances.hpp"
#include "pushforward/divergences.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"
#include "pushforward/random.hpp"

namespace pushforward {
namespace {

using Tables = std::map<std::string, std::vector<OptionRow>>;

template <class... Structs>
Tables tables_of() {
  Tables tables;
  (tables.emplace(option_table(Structs{}).name(), option_table(Structs{}).rows()), ...);
  return tables;
}

// A row with options that no struct has, or other than the struct's, is written by hand.
template <class Entries>
void expect_structs(const Entries& entries, const Tables& tables) {
  for (const auto& entry : entries) {
    if (entry.options.empty()) continue;
    const auto found = tables.find(entry.name);
    ASSERT_NE(found, tables.end()) << entry.name << " has options that no struct has";
    ASSERT_EQ(found->second.size(), entry.options.size()) << entry.name;
    for (std::size_t i = 0; i < entry.options.size(); ++i) {
      const OptionRow &row = entry.options[i], &field = found->second[i];
      EXPECT_EQ(row.name, field.name) << entry.name;
      EXPECT_EQ(row.fallback, field.fallback) << entry.name << " " << row.name;
      EXPECT_EQ(row.meaning, field.meaning) << entry.name << " " << row.name;
      EXPECT_FALSE(row.meaning.empty()) << entry.name << " " << row.name;
    }
  }
}

TEST(TypedOptions, AStructStandsBehindEveryDistance) {
  const Tables tables =
      tables_of<MmdOptions, MmdAggOptions, MmdFuseOptions, EnergyOptions, WassersteinOptions, SlicedOptions,
                MaxSlicedOptions, SinkhornDivergenceOptions, KlKnnOptions, PrdcOptions, FrechetOptions,
                HistogramOptions, JsdCriticOptions, W1CriticOptions, FCriticOptions, LsCriticOptions,
                HingeCriticOptions, C2stOptions, C2stLogitOptions, MmdDOptions>();
  EXPECT_EQ(distances().size(), tables.size() + 2);  // w1 and w2 are w with its exponent given
  expect_structs(distances(), tables);
}

TEST(TypedOptions, AStructStandsBehindEveryDivergenceWithOptions) {
  const Tables tables = tables_of<RenyiOptions, AlphaOptions, FDivergenceOptions, WassersteinOnTheLineOptions,
                                  KernelDiscrepancyOptions>();
  expect_structs(divergences(), tables);
}

Matrix<double> points(std::uint64_t seed, double mean) {
  Matrix<double> out(24, 2);
  fill_normal(out.span(), Draw{seed}.on("points"), mean);
  return out;
}

Reading read(const Distance& distance) {
  const Matrix<double> x = points(1, 0), y = points(2, 1);
  return distance.measure({Points(x.view())}, {Points(y.view())});
}

template <class Options>
void expect_same(const Options& options, const std::string& spec) {
  const Reading typed = read(*make_distance(options, 3)), text = read(*make_distance(parse_spec(spec), 3));
  EXPECT_EQ(typed.value, text.value) << spec;
  ASSERT_EQ(typed.options.size(), text.options.size()) << spec;
  for (std::size_t i = 0; i < text.options.size(); ++i)
    EXPECT_EQ(typed.options[i].key, text.options[i].key) << spec;
}

TEST(TypedOptions, DistancesFromStructsAndSpecsReadTheSame) {
  using Estimator = MmdOptions::Estimator;
  expect_same(MmdOptions{}, "mmd");
  expect_same(MmdOptions{.estimator = Estimator::biased, .root = true, .bandwidth = {0.5, 2}},
              "mmd:estimator=biased,root=yes,bandwidth=0.5+2");
  expect_same(MmdOptions{.kernel = KernelFamily::rq, .a = 2}, "mmd:kernel=rq,a=2");
  expect_same(MmdOptions{.estimator = Estimator::block, .block = 4}, "mmd:estimator=block,block=4");
  expect_same(MmdAggOptions{.grid = {.kernels = KernelGridOptions::Kernels::gaussian, .bandwidths = 3},
                            .relabellings = 200},
              "mmdagg:kernels=gaussian,bandwidths=3,relabellings=200");
  expect_same(MmdFuseOptions{.lambda = 2}, "mmd-fuse:lambda=2");
  expect_same(EnergyOptions{}, "energy");
  expect_same(WassersteinOptions{.p = 1.5}, "w:p=1.5");
  expect_same(SlicedOptions{.p = 1, .projections = 7}, "sliced:p=1,projections=7");
  expect_same(MaxSlicedOptions{.projections = 9}, "max-sliced:projections=9");
  expect_same(SinkhornDivergenceOptions{.eps_absolute = 0.7, .debias = false, .iterations = 50},
              "sinkhorn:eps-absolute=0.7,debias=no,iterations=50");
  expect_same(KlKnnOptions{.k = 3}, "kl-knn:k=3");
  expect_same(PrdcOptions{.k = 2}, "prdc:k=2");
  expect_same(FrechetOptions{}, "frechet");
  expect_same(HistogramOptions{.divergence = {"renyi", {{"alpha", "0.5"}}}, .bins = 4},
              "histogram:divergence=renyi,alpha=0.5,bins=4");
}

TEST(TypedOptions, CriticsFromStructsAndSpecsReadTheSame) {
  const CriticOptions small{.hidden = {{8}}, .activation = "tanh", .fit = {.batch = 8, .steps = 3}};
  const std::string text = "hidden=8,activation=tanh,batch=8,steps=3";
  expect_same(JsdCriticOptions{.loss = GeneratorLoss::minimax, .label_smoothing = 0.1, .critic = small},
              "jsd-critic:loss=minimax,label-smoothing=0.1," + text);
  expect_same(W1CriticOptions{.lipschitz = {Lipschitz::Kind::clip, 0.1}, .critic = small},
              "w1-critic:lipschitz=clip+0.1," + text);
  expect_same(FCriticOptions{.divergence = "tv", .critic = small}, "f-critic:divergence=tv," + text);
  expect_same(LsCriticOptions{.critic = small}, "ls-critic:" + text);
  expect_same(HingeCriticOptions{.critic = small}, "hinge-critic:" + text);
  expect_same(C2stOptions{.critic = small}, "c2st:" + text);
  expect_same(C2stLogitOptions{.critic = small}, "c2st-logit:" + text);
  expect_same(MmdDOptions{.hidden = {6}, .features = 5, .fit = {.steps = 3, .optimizer = SgdOptions{}}},
              "mmd-d:hidden=6,features=5,holdout=0.3333,batch=256,patience=1000,steps=3,optimizer=sgd");
}

template <class Make>
std::string refusal(const Make& make) {
  try {
    make();
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

TEST(TypedOptions, FieldsOutOfBoundsAreNamed) {
  const auto refused = [](const auto& options) { return refusal([&] { make_distance(options); }); };
  EXPECT_EQ(refused(SlicedOptions{.p = 0.5}), "sliced:p: got 0.5, wanted a number from 1 to 1000");
  EXPECT_EQ(refused(SlicedOptions{.projections = 0}),
            "sliced:projections: got 0, wanted a whole number from 1 to 1000000");
  EXPECT_EQ(refused(SinkhornDivergenceOptions{.eps = 0}), "sinkhorn:eps: got 0, wanted a number above 0");
  EXPECT_EQ(refused(MmdOptions{.kernel = KernelFamily::energy, .bandwidth = {1}}),
            "mmd:bandwidth requires kernel=gaussian, laplacian, imq or rq");
  EXPECT_EQ(refused(MmdOptions{.a = 2}), "mmd:a requires kernel=rq");
  EXPECT_EQ(refused(HingeCriticOptions{.critic = {.fit = {.batch = 0}}}),
            "hinge-critic:batch: got 0, wanted a whole number from 1 to 2147483647");
  EXPECT_EQ(refused(W1CriticOptions{.critic = {.fit = {.optimizer = AdamOptions{.eps = -1}}}}),
            "adam:eps: got -1, wanted a number above 0");
  EXPECT_EQ(refused(W1CriticOptions{.lipschitz = {Lipschitz::Kind::penalty, 0}}),
            "w1-critic:lipschitz: got 0, wanted an amount above 0");
  EXPECT_NE(refused(C2stOptions{.critic = {.norm = "bach"}}).find("c2st:norm"), std::string::npos);
  EXPECT_EQ(refusal([] { make_divergence(RenyiOptions{.alpha = -1}); }),
            "renyi:alpha: got -1, wanted a number from 0 to 1000000");
}

TEST(TypedOptions, DivergencesFromStructsAndSpecsReadTheSame) {
  const std::vector<double> p = {0.5, 0.25, 0.25}, q = {0.25, 0.25, 0.5}, at = {0, 1, 3};
  const auto same = [&](const auto& options, const char* spec) {
    EXPECT_EQ(make_divergence(options)->measure({p, q, at}),
              make_divergence(parse_spec(spec))->measure({p, q, at}))
        << spec;
  };
  same(RenyiOptions{.alpha = 3}, "renyi:alpha=3");
  same(RenyiOptions{.alpha = 1}, "kl");
  same(AlphaOptions{.alpha = 0.5}, "alpha:alpha=0.5");
  same(FDivergenceOptions{.generator = "le-cam"}, "f:generator=le-cam");
  same(WassersteinOnTheLineOptions{.p = 3}, "w:p=3");
  same(KernelDiscrepancyOptions{.bandwidth = 2}, "mmd:bandwidth=2");
}

}  // namespace
}  // namespace pushforward
