// SPDX-License-Identifier: Apache-2.0
//
// Mutual information of samples against closed forms, n = 2000: within three of the standard errors that it
// says of itself. Seeds are fixed.
#include <cmath>
#include <numbers>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "pushforward/density.hpp"
#include "pushforward/error.hpp"
#include "pushforward/mutual_information.hpp"
#include "support/program.hpp"

namespace pushforward {
namespace {

// All pairs with one correlation.
GaussianDensity equicorrelated(std::size_t d, double rho) {
  Matrix<double> covariance(d, d);
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) covariance(i, j) = i == j ? 1 : rho;
  return make_gaussian("test", std::vector<double>(d, 0.0), std::move(covariance));
}

TEST(SampleInformation, OfGaussiansIsTheClosedForm) {
  for (const auto& [d, split] : {std::pair<std::size_t, std::size_t>{2, 1}, {5, 3}})
    for (double rho : {0.0, 0.3, 0.6, 0.9, 0.99}) {
      const GaussianDensity joint = equicorrelated(d, rho);
      const JointEntropies exact = gaussian_joint_entropies(joint, split);
      const SampleInformation found =
          sample_information(sample_density(joint, 2000, Draw{11}.on("information")), split);
      const Estimated &i = found.mutual_information, &h = *found.y_given_x;
      EXPECT_NEAR(i.value, exact.mutual_information, 3 * i.standard_error) << d << " " << rho;
      EXPECT_LT(i.standard_error, 0.08) << d << " " << rho;
      EXPECT_NEAR(h.value, exact.y_given_x, 3 * h.standard_error) << d << " " << rho;
    }
}

TEST(SampleInformation, DoesNotDependOnUnits) {
  Matrix<double> rows = sample_density(equicorrelated(3, 0.5), 500, Draw{2});
  const double before = sample_information(rows, 2).mutual_information.value;
  for (std::size_t i = 0; i < rows.rows(); ++i)
    rows(i, 0) = 1e6 * rows(i, 0) + rows(i, 1), rows(i, 2) = 5 - rows(i, 2) / 1e3;
  EXPECT_NEAR(sample_information(rows, 2).mutual_information.value, before, 1e-6);
}

TEST(SampleInformation, DiscreteWithContinuous) {
  // X a fair coin, Y uniform on [0, 2) or on [1, 3): half of the time Y tells X: I = ½ ln 2.
  const Matrix<double> u = sample_density(parse_density("uniform(0,1)*uniform(0,2)"), 3000, Draw{5});
  Matrix<double> rows(u.rows(), 2);
  for (std::size_t i = 0; i < u.rows(); ++i) rows(i, 0) = u(i, 0) < 0.5, rows(i, 1) = u(i, 1) + rows(i, 0);
  const SampleInformation found = sample_information(rows, 1);
  EXPECT_NEAR(found.mutual_information.value, std::numbers::ln2 / 2,
              3 * found.mutual_information.standard_error);
  EXPECT_NEAR(found.x->value, std::numbers::ln2, 1e-3);
  EXPECT_NEAR(found.y_given_x->value, std::numbers::ln2, 3 * found.y_given_x->standard_error);
  EXPECT_EQ(found.correction, 0);
  // Two coins that agree in 4 of 5: ln 2 − H(0.8).
  for (std::size_t i = 0; i < u.rows(); ++i) rows(i, 1) = (u(i, 1) < 1.6) == (rows(i, 0) == 1);
  const SampleInformation coins = sample_information(rows, 1);
  const double exact = std::numbers::ln2 + 0.8 * std::log(0.8) + 0.2 * std::log(0.2);
  EXPECT_NEAR(coins.mutual_information.value, exact, 3 * coins.mutual_information.standard_error);
}

TEST(SampleInformation, SeesWhatCorrelationDoesNot) {
  // Y = X² + noise: uncorrelated, dependent.
  Matrix<double> rows = sample_density(parse_density("normal(0,1)*normal(0,0.1)"), 1000, Draw{3});
  for (std::size_t i = 0; i < rows.rows(); ++i) rows(i, 1) += rows(i, 0) * rows(i, 0);
  EXPECT_GT(sample_information(rows, 1).mutual_information.value, 1);
}

TEST(SampleInformation, Refusals) {
  const auto complaint = [](const Matrix<double>& rows, std::size_t split) -> std::string {
    try {
      sample_information(rows, split);
    } catch (const RequestError& error) {
      return error.what();
    }
    return "";
  };
  Matrix<double> rows = sample_density(equicorrelated(3, 0.5), 100, Draw{2});
  EXPECT_NE(complaint(rows, 3).find("leaves nothing"), std::string::npos);
  EXPECT_NE(complaint(rows, 0).find("leaves nothing"), std::string::npos);
  for (std::size_t i = 0; i < rows.rows(); ++i) rows(i, 1) = 2 * rows(i, 0);
  EXPECT_NE(complaint(rows, 2).find("function of the others"), std::string::npos);
  rows(7, 2) = NAN;
  EXPECT_NE(complaint(rows, 2).find("row 7"), std::string::npos);
}

TEST(EntropyCommand, SplitsASample) {
  const testing::Ran ran = testing::run_program("entropy --samples toy:gaussian:n=400,d=3 --split 1 --json");
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto json = nlohmann::json::parse(ran.out);
  EXPECT_TRUE(json.contains("mutual_information_standard_error"));
  EXPECT_TRUE(json.contains("y_given_x"));
  EXPECT_EQ(testing::run_program("entropy 0.5,0.5 --split 1").status, 2);
}

}  // namespace
}  // namespace pushforward
