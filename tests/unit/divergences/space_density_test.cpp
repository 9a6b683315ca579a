// SPDX-License-Identifier: Apache-2.0
// Densities of R^d: cubature against the line under invertible maps, draws, entropies of parts, the parser.
#include <cmath>
#include <limits>
#include <numbers>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pushforward/density.hpp"
#include "pushforward/error.hpp"
#include "support/own_folder.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

DensityReading reading(const std::string& spec, const std::string& p, const std::string& q) {
  return density_divergence(parse_spec(spec), parse_density(p), parse_density(q));
}
double value(const std::string& spec, const std::string& p, const std::string& q) {
  return reading(spec, p, q).value;
}
std::string complaint(const std::string& text) {
  try {
    parse_density(text);
  } catch (const RequestError& error) {
    return error.what();
  }
  return "";
}

// normal(mean,sd) × normal(0,1.3) after x ↦ (2x₁ + x₂, 3x₂): what p and q share, and an invertible map,
// change no f-divergence, so the value on the line is the oracle.
std::string turned(double weight, double mean, double sd) {
  const double a = sd * sd, b = 1.69;
  return std::to_string(weight) + "*mvnormal(" + std::to_string(2 * mean) + "+0," +
         std::to_string(4 * a + b) + "+" + std::to_string(3 * b) + "+" + std::to_string(3 * b) + "+" +
         std::to_string(9 * b) + ")";
}
std::string line(double weight, double mean, double sd) {
  return std::to_string(weight) + "*normal(" + std::to_string(mean) + "," + std::to_string(sd) + ")";
}

TEST(Cubature, AgreesWithTheLineUnderAnInvertibleMap) {
  const std::string p = line(0.25, -2, 0.5) + "+" + line(0.75, 1, 1),
                    q = line(0.5, 0, 2) + "+" + line(0.5, 2, 1);
  const std::string p2 = turned(0.25, -2, 0.5) + "+" + turned(0.75, 1, 1),
                    q2 = turned(0.5, 0, 2) + "+" + turned(0.5, 2, 1);
  for (const char* spec : {"tv", "js", "hellinger", "kl", "reverse-kl", "chi2", "renyi:alpha=0.5"}) {
    const double exact = value(spec, p, q);
    const DensityReading found = reading(spec, p2, q2);
    EXPECT_NEAR(found.value, exact, 1e-9 * exact) << spec;
    ASSERT_TRUE(found.error_estimate.has_value()) << spec;
    EXPECT_LE(std::abs(found.value - exact), *found.error_estimate) << spec;
    EXPECT_LT(*found.error_estimate, 1e-8 * exact) << spec;
  }
}

TEST(Cubature, OfTwoGaussiansHasDigitsWhereThereIsNoClosedForm) {
  for (const char* spec : {"tv", "js", "sqrt-js", "f:generator=le-cam"})
    EXPECT_NEAR(value(spec, turned(1, 0, 1), turned(1, 1, 2)), value(spec, "normal(0,1)", "normal(1,2)"),
                1e-9)
        << spec;
  // A ridge: correlation 0.9999 against 0, in three coordinates of which one is shared.
  const std::string ridge = "mvnormal(0+0,1+.9999+.9999+1)", round = "mvnormal(0+0,1+0+0+1)";
  const double two = value("js", ridge, round);
  const DensityReading three = reading("js", ridge + "*laplace(0,1)", round + "*laplace(0,1)");
  EXPECT_NEAR(three.value, two, 1e-5);
  EXPECT_LE(std::abs(three.value - two), *three.error_estimate);
}

// ln(∫ p²/q) of a component 20 deviations away is some 400, of which no double knows more than 5e-14.
TEST(Cubature, NoErrorIsToldBelowTheRoundingOfTheValue) {
  const double exact = std::log(0.25 * (std::exp(400.0) + 3));  // the cells of ¼(1 + 2 + e^400)
  for (const auto& [p, q] :
       {std::pair<std::string, std::string>{"0.5*normal(0,1)+0.5*normal(20,1)", "normal(0,1)"},
        {"0.5*mvnormal(0+0,1+0+0+1)+0.5*mvnormal(20+0,1+0+0+1)", "mvnormal(0+0,1+0+0+1)"}}) {
    const DensityReading found = reading("renyi:alpha=2", p, q);
    EXPECT_GE(*found.error_estimate, 0x1p-53 * exact) << p;
    EXPECT_LE(std::abs(found.value - exact), *found.error_estimate) << p;
  }
}

TEST(Cubature, OfProducts) {
  // Sums over independent coordinates, and products of overlaps.
  const std::string p = "exponential(1)*laplace(0,2)", q = "exponential(3)*laplace(1,1)";
  EXPECT_NEAR(value("kl", p, q),
              value("kl", "exponential(1)", "exponential(3)") + value("kl", "laplace(0,2)", "laplace(1,1)"),
              1e-9);
  EXPECT_NEAR(value("tv", "uniform(0,1)*uniform(0,1)", "uniform(0.5,1.5)*uniform(0.5,1.5)"), 0.75, 1e-12);
  EXPECT_EQ(value("kl", "uniform(0,2)*normal(0,1)", "uniform(0,1)*normal(0,1)"), kInf);
  EXPECT_EQ(
      value("chi2", turned(0.5, 0, 3) + "+" + turned(0.5, 1, 1), turned(0.5, 0, 1) + "+" + turned(0.5, 1, 2)),
      kInf);  // 9 > 2·4
  EXPECT_NEAR(density_entropy(parse_density("(0.5*uniform(0,1)+0.5*uniform(2,3))*uniform(0,4)")).value,
              std::log(8.0), 1e-12);
}

TEST(SpaceSampling, AgreesWithTheLineInFiveDimensions) {
  const std::string more = "*normal(0,1)*laplace(0,1)*normal(1,2)*uniform(0,1)";
  const std::string p = "(0.5*normal(-1,1)+0.5*normal(1,1))", q = "normal(0,1.5)";
  for (const char* spec : {"tv", "js", "kl", "reverse-kl", "hellinger"}) {
    const DensityReading found = reading(spec, p + more, q + more);
    ASSERT_TRUE(found.standard_error.has_value()) << spec;
    EXPECT_NEAR(found.value, value(spec, p.substr(1, p.size() - 2), q), 5 * *found.standard_error) << spec;
  }
  // Energy between products, d = 2, against Gaussians that are nearly lines.
  const DensityReading energy =
      reading("energy", "normal(0,1)*uniform(0,1e-9)", "normal(2,1)*uniform(0,1e-9)");
  EXPECT_NEAR(energy.value, value("energy", "normal(0,1)", "normal(2,1)"), 5 * *energy.standard_error);
}

TEST(JointDensity, EntropiesOfParts) {
  const JointReading apart = joint_density_entropies(parse_density("exponential(2)*laplace(0,1)"), 1);
  EXPECT_NEAR(apart.mutual_information.value, 0, 1e-12);
  EXPECT_NEAR(apart.y_given_x.value, 1 + std::log(2.0), 1e-12);
  EXPECT_NEAR(apart.x.value, 1 - std::log(2.0), 1e-12);
  // Two parts far from each other: X says which, ln 2.
  const JointReading which =
      joint_density_entropies(parse_density("0.5*mvnormal(-20+-20,1+0+0+1)+0.5*mvnormal(20+20,1+0+0+1)"), 1);
  EXPECT_NEAR(which.mutual_information.value, std::numbers::ln2, 1e-9);
  // A Gaussian written as two equal halves has the closed form's values.
  const JointReading halves =
      joint_density_entropies(parse_density("0.5*mvnormal(0+0,4+3+3+9)+0.5*mvnormal(0+0,4+3+3+9)"), 1);
  EXPECT_NEAR(halves.mutual_information.value, -std::log(0.75) / 2, 1e-9);
  EXPECT_LE(std::abs(halves.mutual_information.value + std::log(0.75) / 2),
            *halves.mutual_information.error_estimate);
}

TEST(Gaussians, TheOptimalMapCarriesOneToTheOther) {
  const auto p = std::get<GaussianDensity>(parse_density("mvnormal(1+2,2+.7+.7+1)"));
  const auto q = std::get<GaussianDensity>(parse_density("mvnormal(0+-1,1+-.4+-.4+3)"));
  const GaussianMap map = gaussian_map(p, q);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(map.shift[i] + map.matrix(i, 0) * p.mean[0] + map.matrix(i, 1) * p.mean[1], q.mean[i], 1e-13);
    for (std::size_t j = 0; j < 2; ++j) {
      double carried = 0;
      for (std::size_t a = 0; a < 2; ++a)
        for (std::size_t b = 0; b < 2; ++b)
          carried += map.matrix(i, a) * p.covariance(a, b) * map.matrix(j, b);
      EXPECT_NEAR(carried, q.covariance(i, j), 1e-13);
    }
  }
  EXPECT_EQ(map.matrix(0, 1), map.matrix(1, 0));
}

TEST(DensityParser, ReadsProductsAndInlineNumbers) {
  EXPECT_EQ(dimension_of(parse_density("0.5*normal(0,1)*laplace(0,2)+0.5*mvnormal(0+1,1+.5+.5+2)")), 2u);
  EXPECT_EQ(text_of(parse_density("normal(0,1)*normal(2,3)")), "mvnormal(0+2,1+0+0+9)");
  EXPECT_EQ(text_of(parse_density("student(3)")), "student(3,0,1)");
  EXPECT_EQ(text_of(parse_density(" 0.5 * gamma(2, 1e-1) + 0.5*beta(.5,1) ")),
            "0.5*gamma(2,0.1)+0.5*beta(0.5,1)");
  EXPECT_NE(complaint("mvnormal(0+1,1+.5+2)").find("a covariance of 3 numbers, wanted 4"), std::string::npos);
  EXPECT_NE(complaint("mvnormal(0+1,1+2+2+1)").find("eigenvalue -1"), std::string::npos);
  EXPECT_NE(complaint("0.5*normal(0,1)+0.5*mvnormal(0+1,1+0+0+1)").find("2 coordinates, wanted 1"),
            std::string::npos);
  EXPECT_NE(complaint("0.5*mvnormal(0+1,1+0+0+1)+0.4*mvnormal(0+1,1+0+0+1)").find("0.9"), std::string::npos);
  EXPECT_NE(complaint("exponential(1,2)").find("exponential(rate)"), std::string::npos);
  EXPECT_NE(complaint("gamma(0,1)").find("above 0"), std::string::npos);
  EXPECT_NE(complaint("0.5*mvnormal(0+0,1+1+1+1)+0.5*mvnormal(0+0,1+0+0+1)").find("positive definite"),
            std::string::npos);
}

TEST(DensityCommand, InSpace) {
  const testing::Folder folder;
  const auto json = [](const std::string& words) {
    const testing::Ran ran = testing::run_program(words + " --json");
    EXPECT_EQ(ran.status, 0) << words << ran.err;
    return nlohmann::json::parse(ran.out);
  };
  // ½ ln(1/(1 − ρ²)) of ρ² = 1/8.
  EXPECT_NEAR(json("density 'mvnormal(0+1,1+.5+.5+2)' --split 1")["mutual_information"].get<double>(),
              -std::log(0.875) / 2, 1e-14);
  json("density 'mvnormal(0+0,1+0+0+1)' 'mvnormal(1+0,4+0+0+1)' -m w2 --coupling " +
       folder / "map.csv --points 5");
  const testing::Ran none = testing::run_program("density 'normal(0,1)*laplace(0,1)' --split 2");
  EXPECT_EQ(none.status, 2);
  EXPECT_NE(none.err.find("leaves nothing"), std::string::npos) << none.err;
  EXPECT_NEAR(json("transport 0,1,3 0,2,3 --weights-x 0.2,0.5,0.3 --weights-y 0.2,0.5,0.3 -p 1")["value"]
                  .get<double>(),
              0.5, 1e-14);
}

}  // namespace
}  // namespace pushforward
