// SPDX-License-Identifier: Apache-2.0
//
// Learned distances as measuring instruments: known values, bounds, units, tests at their level.
//
// Settings are small so that a fit takes a fraction of a second; bench/ has the defaults. A tolerance is what
// the issue asks for plus three standard errors of the reading.
#include <cmath>

#include <gtest/gtest.h>

#include "critics/critic_extension.hpp"
#include "critics/critic_reading.hpp"
#include "pushforward/critic.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/fit.hpp"
#include "pushforward/random.hpp"
#include "pushforward/two_sample.hpp"

namespace pushforward {
namespace {

// N(mean·e, I) with e = (1, …, 1)/√d, times scale.
template <class T = double>
Matrix<T> gaussian(std::size_t n, std::size_t d, std::uint64_t seed, double mean = 0, double scale = 1) {
  Matrix<T> points(n, d);
  fill_normal(points.span(), Draw{seed}.on("critic measure test"));
  for (T& v : points.span())
    v = static_cast<T>(scale * (static_cast<double>(v) + mean / std::sqrt(static_cast<double>(d))));
  return points;
}

Reading measure(const std::string& spec, const Matrix<double>& x, const Matrix<double>& y,
                std::uint64_t seed = 0) {
  return make_distance(parse_spec(spec), seed)->measure({Points(x.view())}, {Points(y.view())});
}

const std::string kQuick = "hidden=32+32,steps=1500,patience=600";

TEST(LearnedDistance, JensenShannonOfGaussiansIsTheQuadratures) {
  constexpr double kExact = 0.336831;  // N(0,1) against N(2,1), by quadrature
  for (const std::size_t d : {std::size_t{1}, std::size_t{10}}) {
    const Reading r = measure("jsd-critic:" + kQuick, gaussian(12000, d, 1), gaussian(12000, d, 2, 2));
    EXPECT_NEAR(*r.value, kExact, 0.05 * kExact) << d;
    EXPECT_NEAR(*r.value, kExact, 3 * *r.standard_error + 0.02 * kExact) << d;
    EXPECT_EQ(std::get<std::string>(find_field(r.extra, "bound")->value), "lower bound in expectation");
  }
}

TEST(LearnedDistance, WassersteinOfAShiftIsItsLength) {
  for (const std::size_t d : {std::size_t{2}, std::size_t{10}}) {
    const Matrix<double> x = gaussian(8000, d, 3), y = gaussian(8000, d, 4, 1);
    const Reading estimate = measure("w1-critic:" + kQuick, x, y);
    EXPECT_NEAR(*estimate.value, 1, 0.1) << d;
    EXPECT_NEAR(number_of(estimate.extra, "slope_estimate"), 1, 0.1) << d;
    if (d == 10) {
      EXPECT_EQ(std::get<std::string>(find_field(estimate.extra, "bound")->value), "estimate");
    }
    EXPECT_LE(number_of(estimate.extra, "lower_bound"), 1 + 3 * *estimate.standard_error);
    const Reading bound = measure("w1-critic:lipschitz=spectral," + kQuick, x, y);
    EXPECT_LE(*bound.value, 1 + 3 * *bound.standard_error) << d;
    EXPECT_GE(*bound.value, 0.85) << d;
    EXPECT_EQ(std::get<std::string>(find_field(bound.extra, "bound")->value), "lower bound");
    EXPECT_NEAR(number_of(bound.extra, "operator_norms"), 1, 0.02);
    EXPECT_LE(number_of(bound.extra, "largest_slope"), number_of(bound.extra, "operator_norms") + 1e-4);
  }
}

// Operator norms bound every slope that there is, for each activation and for maxout.
TEST(LearnedDistance, SlopesStayBelowTheProductOfOperatorNorms) {
  const Matrix<double> x = gaussian(300, 3, 5), y = gaussian(300, 3, 6, 1);
  for (const char* more :
       {"activation=sigmoid", "activation=gelu", "activation=silu", "activation=elu", "activation=leaky-relu",
        "pieces=3", "activation=tanh,lipschitz=clip+0.1", "pieces=2,lipschitz=spectral"}) {
    const Reading r = measure(std::string("w1-critic:hidden=8+8,steps=100,") + more, x, y);
    EXPECT_LE(number_of(r.extra, "largest_slope"), number_of(r.extra, "operator_norms")) << more;
  }
  EXPECT_EQ(find_field(measure("w1-critic:norm=layer,hidden=8,steps=20", x, y).extra, "operator_norms"),
            nullptr);
}

// Whatever the critic learnt: on the same points it shows no more than the exact W1, which stands beside it.
TEST(LearnedDistance, NoCriticShowsMoreThanTheExactDistanceOfItsPoints) {
  const Matrix<double> x = gaussian(900, 2, 41), y = gaussian(900, 2, 42, 0.6);
  for (const char* spec : {"w1-critic:hidden=16,steps=", "w1-critic:lipschitz=spectral,hidden=16,steps=",
                           "w1-critic:lipschitz=clip+0.05,hidden=16,steps="})
    for (const char* steps : {"20", "600"}) {
      const Reading r = measure(std::string(spec) + steps, x, y);
      const double exact = number_of(r.extra, "exact_w1");
      EXPECT_NEAR(exact, 0.6, 0.2) << "in the data's unit";  // the shift, and what 300 points' sampling adds
      EXPECT_LE(*r.value, exact * (1 + 1e-5)) << spec << steps;
      EXPECT_NEAR(number_of(r.extra, "of_exact"), *r.value / exact, 1e-12);
      if (*r.value < 0.9 * exact) {
        EXPECT_NE(find_field(r.extra, "note"), nullptr) << spec << steps;
      }
    }
}

// Below 0, or above the most that there is: said in words, and not clipped.
TEST(LearnedDistance, AReadingOutOfItsRangeSaysSo) {
  const auto said = [](double value, const Objective& objective) {
    Reading r;
    r.value = value;
    judge_reading(r, objective);
    EXPECT_EQ(*r.value, value);
    const Field* note = find_field(r.extra, "note");
    return note ? std::get<std::string>(note->value) : std::string();
  };
  EXPECT_EQ(said(0.2, jsd_objective(true)), "");
  EXPECT_NE(said(-1e-4, jsd_objective(true)).find("below 0"), std::string::npos);
  EXPECT_NE(said(0.7, jsd_objective(true)).find("above 0.693147"), std::string::npos);
  EXPECT_NE(said(-1.117, w1_objective()).find("below 0"), std::string::npos);
  EXPECT_NE(said(1.01, hinge_objective()).find("above 1"), std::string::npos);
  EXPECT_NE(said(2.1, least_squares_objective()).find("above 2"), std::string::npos);
  for (const std::string& name : f_divergence_names())
    EXPECT_NE(said(-0.1, f_objective(name, false)).find("below 0"), std::string::npos) << name;
  EXPECT_EQ(said(5, f_objective("kl", false)), "");
}

TEST(LearnedDistance, OtherObjectivesReadWhatTheyBound) {
  const Matrix<double> x = gaussian(12000, 1, 7), y = gaussian(12000, 1, 8, 1);
  const auto expect = [&](const std::string& spec, double exact) {
    const Reading r = measure(spec + kQuick, x, y);
    EXPECT_NEAR(*r.value, exact, 3 * *r.standard_error + 0.05 * exact) << spec;
  };
  // N(0,1) against N(1,1): KL = ½ both ways, TV = 2Φ(½) − 1, H² = 2 − 2e^(−1/8), JSD by quadrature.
  expect("f-critic:", 0.5);
  expect("f-critic:divergence=reverse-kl,", 0.5);
  expect("f-critic:divergence=hellinger,", 2 - 2 * std::exp(-0.125));
  expect("f-critic:divergence=js,", 0.111421);
  expect("f-critic:divergence=tv,", 0.382925);
  expect("hinge-critic:", 0.382925);
  expect("c2st:", 0.5 + 0.5 * 0.382925);
}

TEST(LearnedDistance, NeverReadsMuchFromOneDistribution) {
  const Matrix<double> x = gaussian(600, 3, 9), y = gaussian(600, 3, 10);
  for (const char* spec :
       {"jsd-critic:", "hinge-critic:", "ls-critic:", "f-critic:", "f-critic:divergence=js,"}) {
    const Reading r = measure(std::string(spec) + "hidden=16,steps=300", x, y);
    EXPECT_LE(*r.value, 4 * *r.standard_error) << spec;
  }
  const Reading c2st = measure("c2st:hidden=16,steps=300", x, y);
  EXPECT_NEAR(*c2st.value, 0.5, 4 * *c2st.standard_error);
  EXPECT_GT(number_of(c2st.extra, "p_value"), 0.001);
}

// A network that could learn every row by heart reads nothing off rows that it has not seen.
TEST(LearnedDistance, ReadsOnlyRowsThatItWasNotFittedTo) {
  const Matrix<double> x = gaussian(120, 20, 31), y = gaussian(120, 20, 32);
  const std::string by_heart = "hidden=128,rate=0.01,steps=400,patience=400";
  const Reading jsd = measure("jsd-critic:" + by_heart, x, y), c2st = measure("c2st:" + by_heart, x, y);
  EXPECT_LE(*jsd.value, 4 * *jsd.standard_error);
  EXPECT_NEAR(*c2st.value, 0.5, 4 * *c2st.standard_error);
}

// Two crescents: a critic's few steep places cost the division by its largest slope a tenth and more.
TEST(LearnedDistance, ExtensionsBoundFromBelowWhereSlopesAreUneven) {
  Matrix<double> x = gaussian(6000, 2, 21), y = gaussian(6000, 2, 22);
  for (std::size_t i = 0; i < x.rows(); ++i) x(i, 1) += 0.5 * x(i, 0) * x(i, 0);
  for (std::size_t i = 0; i < y.rows(); ++i) y(i, 1) = 1 - y(i, 1) - 0.5 * y(i, 0) * y(i, 0);
  const double exact = *measure("w1", x, y).value;
  const Reading r =
      measure("w1-critic:lipschitz=one-sided-penalty+10,hidden=64+64,rate=0.002,steps=2000", x, y);
  EXPECT_EQ(std::get<std::string>(find_field(r.extra, "bound")->value), "lower bound");
  EXPECT_LE(*r.value, exact + 3 * *r.standard_error);
  EXPECT_GE(*r.value, 0.9 * exact);
}

TEST(LearnedDistance, ExtensionsRiseNoFasterThanOne) {
  Tensor anchors = [] {
    Tensor t(200, 2);
    fill_normal(t.span(), Draw{1}.on("anchors"));
    return t;
  }();
  std::vector<float> steep(100);
  for (std::size_t i = 0; i < 100; ++i) steep[i] = 5 * anchors(i, 0);
  const View<const float> all = anchors;
  Extension extension({all.slice(0, 100), steep}, {all.slice(100, 200), steep}, 1000);
  Tensor points(300, 2);
  fill_normal(points.span(), Draw{2}.on("anchors"), 0, 2);
  const std::vector<float> v = extension.values(points);
  for (std::size_t i = 0; i < 300; ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const float length = std::hypot(points(i, 0) - points(j, 0), points(i, 1) - points(j, 1));
      ASSERT_LE(std::abs(v[i] - v[j]), length + 1e-4f);
    }
  // Where f is 1-Lipschitz, the extension keeps its values at the anchors.
  extension.set_scale(0);
  for (const float value : extension.values(all)) EXPECT_EQ(value, 0);
}

// Anchors 0 and 10 with f = 0 and 4: at 4 the least extension is 4, the greatest 4 − 6 = −2.
TEST(LearnedDistance, ExtensionsByHand) {
  Tensor anchors(2, 1), point(1, 1);
  anchors(1, 0) = 10, point(0, 0) = 4;
  const std::vector<float> zero = {0}, four = {4};
  const View<const float> all = anchors;
  Extension extension({all.slice(0, 1), zero}, {all.slice(1, 2), four}, 1);
  EXPECT_EQ(extension.values(point), std::vector<float>{1});
  extension.set_scale(2);  // f = 0 and 8: 4, and 8 − 6
  EXPECT_EQ(extension.values(point), std::vector<float>{3});
}

// Scaling by a power of two changes no bit of a standardised point.
TEST(LearnedDistance, KnowsNoUnits) {
  const Matrix<double> x = gaussian(400, 2, 11), y = gaussian(400, 2, 12, 1);
  const Matrix<double> large_x = gaussian(400, 2, 11, 0, 1024), large_y = gaussian(400, 2, 12, 1, 1024);
  const std::string jsd = "jsd-critic:hidden=8,steps=200", w1 = "w1-critic:hidden=8,steps=200";
  EXPECT_EQ(*measure(jsd, x, y).value, *measure(jsd, large_x, large_y).value);
  EXPECT_DOUBLE_EQ(1024 * *measure(w1, x, y).value, *measure(w1, large_x, large_y).value);
  EXPECT_EQ(*measure(jsd, x, y).value, *measure(jsd, x, y).value);
  EXPECT_NE(*measure(jsd, x, y).value, *measure(jsd, x, y, 1).value);
}

TEST(LearnedDistance, SaysWhenItHasNotConverged) {
  const Matrix<double> x = gaussian(400, 2, 11), y = gaussian(400, 2, 12, 1);
  const Reading r = measure("jsd-critic:hidden=8,steps=100,patience=1000", x, y);
  EXPECT_FALSE(std::get<bool>(find_field(r.extra, "converged")->value));
  EXPECT_EQ(number_of(r.extra, "steps"), 100);
  const Reading patient = measure("jsd-critic:hidden=8,steps=5000,patience=200,rate=0.01", x, y);
  EXPECT_TRUE(std::get<bool>(find_field(patient.extra, "converged")->value));
}

TEST(LearnedDistance, TellsOfItsFitAndReadsTheSame) {
  const Matrix<double> x = gaussian(60, 2, 21), y = gaussian(60, 2, 22, 1);
  const auto distance = make_distance(parse_spec("jsd-critic:hidden=8,steps=250,patience=1000"));
  const Reading quiet = distance->measure({Points(x.view())}, {Points(y.view())});
  std::vector<std::size_t> steps;
  watch_fit(*distance, [&](std::size_t step, std::size_t most, double loss) {
    steps.push_back(step);
    EXPECT_EQ(most, 250u);
    EXPECT_TRUE(std::isfinite(loss));
  });
  const Reading told = distance->measure({Points(x.view())}, {Points(y.view())});
  EXPECT_EQ(steps, (std::vector<std::size_t>{100, 200, 250}));
  EXPECT_EQ(*told.value, *quiet.value);
  distance->freeze({Points(x.view())}, {Points(y.view())});  // what a test does
  EXPECT_EQ(steps.size(), 6u);
}

// A loss that overflows stops the fit; what was best before is read.
TEST(LearnedDistance, OutlivesADivergingFit) {
  const Matrix<double> x = gaussian(100, 2, 11), y = gaussian(100, 2, 12, 5);
  const Reading r = measure("f-critic:divergence=chi2,hidden=8,rate=1e30,optimizer=sgd,steps=500", x, y);
  EXPECT_TRUE(std::isfinite(*r.value));
  EXPECT_FALSE(std::get<bool>(find_field(r.extra, "converged")->value));
}

// What was fitted to be tested serves samples of those sizes; others are fitted anew.
TEST(LearnedDistance, FrozenServesItsOwnSamplesOnly) {
  const Matrix<double> x = gaussian(60, 2, 41), y = gaussian(70, 2, 42, 1), u = gaussian(50, 2, 43),
                       v = gaussian(60, 2, 44, 3);
  const auto frozen = make_distance(parse_spec("jsd-critic:hidden=4,steps=100")),
             fresh = make_distance(parse_spec("jsd-critic:hidden=4,steps=100"));
  const Sample a{Points(x.view())}, b{Points(y.view())}, c{Points(u.view())}, d{Points(v.view())};
  frozen->freeze(a, b);
  EXPECT_EQ(*frozen->measure(c, d).value, *fresh->measure(c, d).value);
  EXPECT_NE(*frozen->measure(a, b).value, *fresh->measure(a, b).value);  // half is held out for a test
}

TEST(LearnedDistance, ScoresNewPointsInTheDatasUnit) {
  const Matrix<double> x = gaussian(4000, 1, 13, 2, 100), y = gaussian(4000, 1, 14, 0, 100);
  const Matrix<float> points = [] {
    Matrix<float> p(3, 1);
    p(0, 0) = 0, p(1, 0) = 100, p(2, 0) = 200;
    return p;
  }();
  const auto scores = [&](const std::string& spec, std::size_t columns) {
    const auto critic = make_distance(parse_spec(spec))->fit({Points(x.view())}, {Points(y.view())});
    EXPECT_EQ(critic->score_names().size(), columns);
    Tensor out(3, columns);
    critic->score(Points(points.view()), out);
    return out;
  };
  const Tensor f = scores("w1-critic:" + kQuick, 1);
  EXPECT_NEAR(f(2, 0) - f(0, 0), 200, 20);  // a potential of slope 1
  const Tensor d = scores("jsd-critic:" + kQuick, 2);
  EXPECT_NEAR(d(1, 0), 0.5, 0.05);  // ln p/q = 2x/100 − 2
  EXPECT_NEAR(d(0, 1), -2, 0.3);
  EXPECT_NEAR(d(2, 1), 2, 0.3);
}

TEST(LearnedDistance, RefusesWhatItCannot) {
  const Matrix<double> x = gaussian(30, 2, 1), y = gaussian(19, 2, 2), z = gaussian(30, 2, 3);
  EXPECT_THROW(measure("jsd-critic", x, y), RequestError);
  const auto distance = make_distance(parse_spec("jsd-critic:hidden=4,steps=1"));
  Matrix<double> gradient(30, 2);
  EXPECT_THROW(distance->measure({Points(x.view())}, {Points(z.view())}, {.points = gradient}), RequestError);
  const std::vector<double> weights(30, 1.0 / 30);
  EXPECT_THROW(distance->measure({Points(x.view()), weights}, {Points(z.view())}), RequestError);
}

TEST(LearnedDistance, HasACriticExactlyWhereItIsLearned) {
  for (const DistanceEntry& entry : distances()) {
    const auto distance = entry.make(Spec{entry.name}, 0);
    EXPECT_EQ(distance->critic({.width = 2}, 1) != nullptr, entry.facts.learned) << entry.name;
  }
}

// 600 repetitions of a true hypothesis: rejections at 0.05 are binomial with sd 0.0089. The statistic of
// jsd-critic hardly ever ties, so its level is attained; the others' may be less.
TEST(LearnedDistance, TestsAtTheirLevel) {
  constexpr int kRepetitions = 600;
  const double error = 3 * std::sqrt(0.05 * 0.95 / kRepetitions);
  const std::string quick = ":hidden=4,steps=20,batch=16,rate=0.05";
  int jsd = 0, c2st = 0, fisher = 0;
  for (int r = 0; r < kRepetitions; ++r) {
    const auto seed = static_cast<std::uint64_t>(r);
    const Matrix<double> x = gaussian(24, 2, 2 * seed + 100), y = gaussian(30, 2, 2 * seed + 101);
    const Sample a{Points(x.view())}, b{Points(y.view())};
    const PermutationOptions options{.permutations = 99, .seed = seed};
    const auto reject = [&](const std::string& name) {
      const auto distance = make_distance(parse_spec(name + quick), seed);
      return permutation_test(*distance, facts_of(Spec{name}), a, b, options).reject ? 1 : 0;
    };
    jsd += reject("jsd-critic"), c2st += reject("c2st");
    fisher += number_of(measure("c2st" + quick, x, y, seed).extra, "p_value") <= 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(jsd / double{kRepetitions}, 0.05, error);
  EXPECT_LE(c2st / double{kRepetitions}, 0.05 + error);
  EXPECT_LE(fisher / double{kRepetitions}, 0.05 + error);
}

TEST(LearnedDistance, TestsFindADifference) {
  const Matrix<double> x = gaussian(400, 2, 15), y = gaussian(300, 2, 16, 1);
  for (const std::string spec :
       {"c2st:hidden=16,steps=300", "jsd-critic:hidden=16,steps=300", "w1-critic:hidden=16,steps=300"}) {
    const auto distance = make_distance(parse_spec(spec));
    const PermutationTest test =
        permutation_test(*distance, facts_of(parse_spec(spec)), {Points(x.view())}, {Points(y.view())});
    EXPECT_DOUBLE_EQ(test.p_value, 1.0 / 1001) << spec;
    EXPECT_NEAR(test.null_mean, spec[0] == 'c' ? 0.5 : spec[0] == 'w' ? 0 : test.null_mean, 0.02) << spec;
    EXPECT_GT(*test.effect, 5) << spec;
    const auto statistic = distance->permuted({Points(x.view())}, {Points(y.view())});
    Matrix<std::uint32_t> order(1, 700);
    for (std::uint32_t i = 0; i < 700; ++i) order(0, i) = i;
    double value = 0;
    statistic->measure(order.view(), {&value, 1});
    EXPECT_NEAR(value, *test.reading.value, 1e-6) << spec;  // the samples as they are
  }
}

}  // namespace
}  // namespace pushforward
