// SPDX-License-Identifier: Apache-2.0
//
// Numbers that were wrong. The right ones stand beside each: closed forms, or values that follow from how the
// data are made.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "faults/faults.hpp"

namespace pushforward::testing {
namespace {

class NumberFaults : public Faults {
 protected:
  // x, and y = x moved by `step` along the first axis; one row of both at `sentinel` stays.
  void write_moved(double sentinel, double step, std::size_t n = 100) {
    Matrix<double> x = normal(n, 2, 3), y = x;
    for (std::size_t i = 0; i < n; ++i) y(i, 0) += step;
    for (std::size_t k = 0; sentinel != 0 && k < 2; ++k) x(n / 2, k) = y(n / 2, k) = sentinel;
    write("x.npy", x), write("y.npy", y);
  }
};

// Nineteen equal rows and one other: every relabelling gives the same value, so p is 1 whatever the kernel.
TEST_F(NumberFaults, N1ATestWhoseRelabellingsAllTie) {
  Matrix<double> x(10, 2), y(10, 2);
  std::fill_n(x.data(), x.size(), 0.37), std::fill_n(y.data(), y.size(), 0.37);
  y(9, 0) = 9.37;
  write("x.npy", x), write("y.npy", y);
  for (const char* metric : {"mmd", "mmd:bandwidth=1", "mmd:kernel=laplacian", "mmd:kernel=imq",
                             "mmd:kernel=rq", "mmd:estimator=biased", "energy", "w1"})
    EXPECT_EQ(value(fmt::format("test x.npy y.npy -m {} --permutations 200", metric), "p_value"), 1)
        << metric;
}

// Of a translation by 1 that leaves one row of n where it is, W₂² is (n − 1)/n: no plan is cheaper than the
// distance of the means of what moves.
TEST_F(NumberFaults, N2SentinelsKeepTheDigitsOfTheRest) {
  for (const double sentinel : {-999999.0, -999999999.0, 1e12}) {
    write_moved(sentinel, 1);
    const auto reading = json("distance x.npy y.npy -m w2");
    const double gap = reading.value("gap", 0.0);
    EXPECT_NEAR(reading["value"].get<double>(), std::sqrt(0.99), 1e-9 + gap) << reading.dump();
    EXPECT_LT(gap, 1e-6) << reading.dump();
  }
}

// Where costs are hardly numbers any more: right, or a gap that leaves room for what is right, or refused.
TEST_F(NumberFaults, N2SentinelsAtTheEndOfTheRange) {
  for (const double sentinel : {1e50, 1e75, 1e100, -1e102, 1e150, 1e153, 1e200}) {
    write_moved(sentinel, 1, 60);
    for (const int p : {1, 2, 3, 6}) {
      const Outcome outcome =
          program(fmt::format("distance x.npy y.npy -m w:p={} --floor 0 --json --quiet", p));
      if (outcome.status != 0) continue;
      const auto reading = nlohmann::json::parse(outcome.out)[0];
      const double power = reading["power"].get<double>(), right = 59.0 / 60;
      EXPECT_GE(power, right - 1e-12) << reading.dump();
      EXPECT_LE(power - right, reading["gap"].get<double>() * power) << reading.dump();
    }
  }
}

TEST_F(NumberFaults, N4CostsThatNoScaleHolds) {
  Matrix<double> cost(2, 2), weights(1, 2);
  std::fill_n(weights.data(), 2, 0.5);
  write("w.npy", weights);
  for (const double least : {1e-300, 1e-100, 0.0}) {
    cost(0, 0) = cost(1, 1) = least, cost(0, 1) = cost(1, 0) = 1e300;
    write("c.npy", cost);
    const Outcome outcome =
        program("transport --cost c.npy --weights-x w.npy --weights-y w.npy --json --quiet");
    if (outcome.status != 0) continue;  // a sentence
    EXPECT_NEAR(nlohmann::json::parse(outcome.out)["value"].get<double>(), least, 1e-12 * least);
  }
}

TEST_F(NumberFaults, N4AGapThatIsTrueBesideForbiddenArcs) {
  Matrix<double> cost(4, 4), weights(1, 4);
  const double costs[] = {300,  400,  1e32, 1e32, 0.002, 210,  1e32, 330,
                          1e32, 0.14, 200,  1e32, 310,   1e32, 2.5,  40};
  std::copy_n(costs, 16, cost.data());
  std::fill_n(weights.data(), 4, 0.25);
  write("c.npy", cost), write("w.npy", weights);
  const Outcome outcome =
      program("transport --cost c.npy --weights-x w.npy --weights-y w.npy --json --quiet");
  if (outcome.status != 0) return;  // a sentence
  const auto reading = nlohmann::json::parse(outcome.out);
  const double found = reading["value"].get<double>(), dual = reading["dual"].get<double>();
  // The cheapest of the 24 assignments, a quarter of the mass each.
  std::array<std::size_t, 4> order = {0, 1, 2, 3};
  double right = HUGE_VAL;
  do {
    double sum = 0;
    for (std::size_t i = 0; i < 4; ++i) sum += cost(i, order[i]) / 4;
    right = std::min(right, sum);
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_NEAR(found, right, 1e-12 * right);
  EXPECT_GE(reading["gap"].get<double>() * found, std::abs(found - dual) * (1 - 1e-12)) << reading.dump();
}

// KL(N(0,s²) ‖ N(0,1)) = −ln s + (s² − 1)/2; cross-entropy (ln 2π + s²)/2.
TEST_F(NumberFaults, N5DensitiesOfVeryUnequalSpreads) {
  for (const double s : {1e-7, 1e-9, 1e-150, 1e-200, 1e3, 1e7}) {
    const std::string pair = fmt::format("density 'normal(0,{})' 'normal(0,1)' ", s);
    const double kl = -std::log(s) + (s * s - 1) / 2;
    EXPECT_NEAR(value(pair + "-m kl") / kl, 1, 1e-12) << s;
    EXPECT_NEAR(value(pair + "-m cross-entropy") / ((std::log(2 * std::numbers::pi) + s * s) / 2), 1, 1e-12)
        << s;
    if (s < 1) {  // squared Hellinger distance: 2 − 2 √(2s/(1 + s²))
      EXPECT_NEAR(value(pair + "-m hellinger"), std::sqrt(2 - 2 * std::sqrt(2 * s / (1 + s * s))), 1e-9) << s;
    }
  }
  // 1 + χ² = σ_q²/(σ_p √(2σ_q² − σ_p²)).
  EXPECT_NEAR(value("density 'normal(0,1e-9)' 'normal(0,1)' -m chi2") * std::sqrt(2) * 1e-9, 1, 1e-8);
}

// What is solved in closed form is centred in float64: the same figures wherever the data lie.
// W₂ of one family at two scales is the difference of their deviations, however heavy the tails: those of
// Student's t are √(df/(df − 2)) scales.
TEST_F(NumberFaults, N7TransportOfHeavyTails) {
  for (const double df : {2.1, 2.5, 3.0, 30.0})
    for (const double scale : {1e-9, 0.5, 2.0}) {
      const auto rows = json(fmt::format("density 'student({0},0,{1})' 'student({0},0,1)' -m w2", df, scale));
      const double right = std::abs(1 - scale) * std::sqrt(df / (df - 2));
      EXPECT_NEAR(rows["value"].get<double>(), right, 1e-10 * right) << rows.dump();
    }
}

TEST_F(NumberFaults, N8ClosedFormsFarFromZero) {
  const Matrix<double> near = normal(300, 5, 7, 0, 4);
  Matrix<double> scaled = near;
  for (std::size_t i = 0; i < scaled.rows(); ++i)
    for (std::size_t k = 0; k < 5; ++k) scaled(i, k) *= k < 2 ? 1.0 : 0.02;
  write("near.npy", scaled);
  for (const double mean : {1e6, 1e8}) {
    Matrix<double> far = scaled;
    for (std::size_t i = 0; i < far.size(); ++i) far.data()[i] += mean;
    write("far.npy", far);
    for (const char* model : {"pca", "ppca", "fa"}) {
      done(fmt::format("train {} near.npy --latent 2 -o near", model));
      done(fmt::format("train {} far.npy --latent 2 -o far", model));
      const char* key = std::string(model) == "pca" ? "squared_error" : "log_likelihood";
      const double right = value("evaluate near near.npy", key), found = value("evaluate far far.npy", key);
      // Rows of 1e8 have 1.5e-8 between float64s; figures are of the order of 0.01 and more.
      EXPECT_NEAR(found / right, 1, 1e-4) << model << " at " << mean;
      shell("rm -r near far");
    }
  }
}

// S_ε of a translation by v with squared costs is ‖v‖², whatever ε; the error is said, and below a
// thousandth.
TEST_F(NumberFaults, N10SinkhornOfNearlyEqualSamples) {
  for (const double step : {1e-7, 1e-5, 1e-3, 1.0}) {
    write_moved(0, step, 300);
    for (const char* eps : {"0.05", "1", "1e6", "1e12"}) {
      const auto reading = json(fmt::format("distance x.npy y.npy -m sinkhorn:eps={}", eps));
      const double square = step * step, bound = reading["error_bound"].get<double>();
      // Adding a step of 1e-7 rounds it by 1e-16, of itself 1e-9.
      EXPECT_NEAR(reading["value"].get<double>(), square, bound + 1e-8 * square) << reading.dump();
      EXPECT_LE(bound, 1e-3 * square) << reading.dump();
    }
  }
}

TEST_F(NumberFaults, N12SinkhornBesideASentinel) {
  for (const double sentinel : {-999999.0, -999999999.0}) {
    write_moved(sentinel, 1);
    EXPECT_NEAR(value("distance x.npy y.npy -m sinkhorn"), 0.99, 1e-6) << sentinel;
  }
}

// The energy distance of x and y without the sentinel's row, or a note that rounding hides it.
TEST_F(NumberFaults, N12EnergyBesideASentinel) {
  write_moved(1e6, 1);
  const double right = value("distance x.npy y.npy -m energy");
  for (const double sentinel : {1e9, 1e15, 1e18, 1e100}) {
    write_moved(sentinel, 1);
    for (const char* metric : {"energy", "mmd:kernel=energy,estimator=biased"}) {
      const auto reading = json(fmt::format("distance x.npy y.npy -m {} --floor 0", metric));
      if (reading.contains("note")) continue;
      EXPECT_NEAR(reading["value"].get<double>(), right, 1e-3 * right) << reading.dump();
    }
  }
  EXPECT_FALSE(json("distance toy:moons:n=400 toy:spiral:n=300 -m energy").contains("note"));
}

// Too small an ε has a value whose error is said, or none.
TEST_F(NumberFaults, N13SinkhornWithNoEpsilonToSpeakOf) {
  write_moved(0, 1, 40);
  for (const char* eps : {"1e-18", "1e-30", "1e-300"})
    for (const char* how : {"", ",tolerance=0,iterations=50"}) {
      const auto reading = json(fmt::format("distance x.npy y.npy -m sinkhorn:eps={}{}", eps, how));
      if (!reading.contains("value")) continue;
      EXPECT_NEAR(reading["value"].get<double>(), 1, reading["error_bound"].get<double>()) << reading.dump();
    }
}

// In training, where its scale is kept in float32, no loss of 0.
TEST_F(NumberFaults, N13SinkhornInTrainingWithNoEpsilonToSpeakOf) {
  write_moved(0, 1, 40);
  for (const char* distance : {"sinkhorn:eps=1e-300", "sinkhorn:eps=1e-45", "sinkhorn:eps=1e39"})
    refused(fmt::format("train generator x.npy -o r --steps 2 --distance {}", distance), "--distance");
  done("train generator x.npy -o r --steps 2 --distance sinkhorn:eps=1e-9");
}

// Entropy ln 2πe + ½ ln(1 − ρ²), and printed twice it is the same number.
TEST_F(NumberFaults, N14OneQuantityIsOneNumber) {
  const double rho = 1 - 1e-13;
  write("m.npy", Matrix<double>(1, 2));
  Matrix<double> c(2, 2);
  c(0, 0) = c(1, 1) = 1, c(0, 1) = c(1, 0) = rho;
  write("c.npy", c);
  const auto found = json("density 'mvnormal(m.npy,c.npy)' --split 1");
  double entropy = 0, joint = 0;
  const auto look = [&](const nlohmann::json& part) {
    entropy = part.value("entropy", entropy), joint = part.value("joint", joint);
  };
  if (found.is_array())
    for (const auto& part : found) look(part);
  else
    look(found);
  const double right =
      std::log(2 * std::numbers::pi * std::numbers::e) + 0.5 * std::log((1 - rho) * (1 + rho));
  EXPECT_NEAR(joint, right, 1e-9) << found.dump();
  if (entropy != 0) {
    EXPECT_EQ(entropy, joint) << found.dump();
  }
}

// A lower floor can only raise the likelihood.
TEST_F(NumberFaults, N15FactorAnalysisOfACopiedColumn) {
  Matrix<double> x = normal(200, 5, 11);
  for (std::size_t i = 0; i < x.rows(); ++i) x(i, 1) = x(i, 0);
  write("x.npy", x);
  done("train fa x.npy --latent 2 --noise-floor 1e-10 -o a");
  done("train fa x.npy --latent 2 --noise-floor 1e-12 -o b");
  EXPECT_GE(value("evaluate b x.npy", "log_likelihood"), value("evaluate a x.npy", "log_likelihood") - 0.01);
}

TEST_F(NumberFaults, N16ABandwidthWhoseSquareOverflows) {
  write_moved(0, 1, 30);
  for (const char* kernel : {"gaussian", "laplacian", "imq", "rq"}) {
    const std::string metric = fmt::format("-m mmd:estimator=biased,kernel={},bandwidth=", kernel);
    for (const char* square : {"1e154", "1e200", "1e-160", "1+1e160", "1e308"})
      for (const char* command : {"distance", "test", "witness"})
        refused(fmt::format("{} x.npy y.npy {}{}{}", command, metric, square,
                            std::string_view(command) == "witness" ? " -o w.csv" : ""),
                "mmd:bandwidth");
    EXPECT_NEAR(value(fmt::format("distance x.npy y.npy {}1e150", metric)), 0, 1e-12) << kernel;
    // All points are beyond all bandwidths: k is 1 on the diagonal alone, 2/n.
    EXPECT_NEAR(value(fmt::format("distance x.npy y.npy {}1e-150", metric)), 2.0 / 30, 1e-12) << kernel;
  }
  refused("distance x.npy y.npy -m mmd:kernel=rq,a=1e300,bandwidth=1e20", "mmd:bandwidth");
}

TEST_F(NumberFaults, N17TextThatIsNotUtf8) {
  write("latin1.csv", "\xe9,b\n1,2\n3,4\n5,7\n");
  const Outcome shown = program("data show latin1.csv --json");
  EXPECT_TRUE(shown.status == 0 || shown.status == 2);
  program("data show latin1.csv");
}

// Linear both ways round: what is quadratic in a million rows does not end within the harness's patience.
TEST_F(NumberFaults, N18FewAgainstMany) {
  for (const char* pair :
       {"toy:gaussian:d=2,n=1 toy:gaussian:d=2,n=1000000", "toy:gaussian:d=2,n=1000000 toy:gaussian:d=2,n=1"})
    done(fmt::format("distance {} -m w2", pair));
}

TEST_F(NumberFaults, N19DefaultsDoNotSpoilWhatWasAsked) {
  write("x.npy", normal(100, 3, 1));
  done("train vae x.npy -o v --latent 2 --likelihood gaussian:learned --epochs 1");
  const Outcome one = done("evaluate v x.npy@0:1 --json");
  EXPECT_NE(one.out.find("\"elbo\""), std::string::npos) << one.out;
  EXPECT_NE(one.err.find("note: "), std::string::npos) << one.err;
}

TEST_F(NumberFaults, N20AFirstLossThatIsNotFinite) {
  write("big.npy", normal(300, 6, 1, 0, 1e6));
  const Outcome outcome = refused("train vae big.npy -o r --likelihood gaussian:learned", "--standardize", 1);
  EXPECT_EQ(outcome.err.find("--rate"), std::string::npos) << outcome.err;
  EXPECT_EQ(outcome.err.find("-nan"), std::string::npos) << outcome.err;
  // By the same name: what learnt nothing does not stand in the way.
  done("train vae big.npy -o r --likelihood gaussian:learned --standardize --epochs 2");
}

TEST_F(NumberFaults, N21BatchNormOfASingleRow) {
  write("x.npy", normal(33, 2, 1));
  refused("train gan x.npy -o r --batch 1 --norm batch --epochs 1", "--batch 2");
  done("train gan x.npy -o a --batch 2 --norm batch --epochs 1");
  done("train gan x.npy -o b --batch 1 --norm layer --epochs 1");
  // 33 rows by 32 leave one over.
  done("train gmmn x.npy -o c --batch 32 --norm batch --epochs 2");
  done(
      "train ae x.npy -o d --batch 32 --hidden none --network 'dense 4, batch-norm, relu' --latent 1 "
      "--epochs 2");
  refused("train ae x.npy -o e --batch 1 --network 'dense 4, batch-norm, relu' --latent 1 --epochs 1",
          "--batch 2");
}

TEST_F(NumberFaults, N22CodesOfSymbolsThatNeverOccur) {
  EXPECT_EQ(value("code 1,0,0", "mean_length"), 0);
  EXPECT_EQ(value("code 0.5,0.5,0", "mean_length"), 1);
}

// A last place of mass moves by 1: W₁ = 2^-54, W₂ its root.
TEST_F(NumberFaults, N23DistancesOfNearlyEqualMasses) {
  Matrix<double> p(1, 2), q(1, 2);
  p(0, 0) = std::nextafter(0.5, 0.0), p(0, 1) = 0.5, q(0, 0) = 0.5, q(0, 1) = std::nextafter(0.5, 0.0);
  write("p.npy", p), write("q.npy", q);
  const auto of = [&](const char* metric) {
    const auto rows = json(fmt::format("divergence p.npy q.npy -m {}", metric));
    return rows.is_array() ? rows.at(0)["value"].get<double>() : rows["value"].get<double>();
  };
  EXPECT_NEAR(of("w1"), std::ldexp(1, -54), std::ldexp(1, -57));
  EXPECT_NEAR(of("w2"), std::ldexp(1, -27), std::ldexp(1, -30));
}

TEST_F(NumberFaults, N24DataBeyondFloat32) {
  Matrix<double> plain = normal(200, 5, 3);
  for (std::size_t i = 0; i < 200; ++i)
    for (std::size_t k = 2; k < 5; ++k) plain(i, k) = 0.1 * plain(i, k);
  for (const double scale : {1e-30, 1e20, 1e-300}) {
    Matrix<double> x = plain;
    for (std::size_t i = 0; i < x.size(); ++i) x.data()[i] *= scale;
    write("x.npy", x);
    for (const char* model : {"pca", "ppca"}) {
      const Outcome outcome = program(fmt::format("train {} x.npy --latent 2 -o r", model));
      EXPECT_EQ(outcome.err.find("lie in 2 dimensions"), std::string::npos) << outcome.err;
      EXPECT_EQ(outcome.err.find("did not converge"), std::string::npos) << outcome.err;
      shell("rm -rf r");
    }
  }
}

TEST_F(NumberFaults, N26ExactTransportOfAGrid) {
  constexpr std::size_t n = 1000;
  Matrix<double> x(n, 2), y(n, 2);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x.data()[i] = std::floor(100 * uniform01({1, 5, 0}, static_cast<std::uint32_t>(i)));
    y.data()[i] = std::floor(100 * uniform01({2, 5, 0}, static_cast<std::uint32_t>(i)));
  }
  write("x.npy", x), write("y.npy", y);
  // Integers over n: no rounding but the last one's.
  const double total = value("distance x.npy y.npy -m w2", "power") * n;
  EXPECT_NEAR(total, std::round(total), 1e-15 * total);
}

}  // namespace
}  // namespace pushforward::testing
