// SPDX-License-Identifier: Apache-2.0
//
// A network of finite size, fitted to finitely many points and read on others, stays below the optimum.
#include "pushforward/density_game.hpp"

#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr double kLn4 = 2 * std::numbers::ln2;

GameRow row(std::string discriminator, double value, std::optional<double> error, std::string how) {
  return {std::move(discriminator), value, error, (value + kLn4) / 2, std::move(how)};
}

double softplus(double u) { return std::max(u, 0.0) + std::log1p(std::exp(-std::abs(u))); }  // ln(1 + e^u)

// Mean and squared standard error of ln D*(x) over draws of p (sign 1), or of ln(1 − D*(y)) over those of q
// (−1).
std::pair<double, double> mean_of_best(const Matrix<double>& draws, const KnownDensity& p,
                                       const KnownDensity& q, double sign) {
  double sum = 0, squares = 0;
  const auto n = static_cast<double>(draws.rows());
  for (std::size_t i = 0; i < draws.rows(); ++i) {
    const std::span<const double> x(draws.row(i), draws.cols());
    const double value = -softplus(-sign * (log_density(p, x) - log_density(q, x)));
    sum += value / n, squares += value * value / n;
  }
  return {sum, std::max(0.0, squares - sum * sum) / (n - 1)};
}

void check_networks(const std::vector<Spec>& networks) {
  for (const Spec& spec : networks)
    if (spec.name != "jsd-critic")
      throw RequestError(Complaint{"--game", fmt::format("'{}'", spec.name),
                                   "jsd-critic, the game's discriminator",
                                   "for example jsd-critic:hidden=16,steps=1000"});
}

}  // namespace

std::vector<GameRow> density_game(const KnownDensity& p, const KnownDensity& q,
                                  const std::vector<Spec>& networks, std::size_t draws, std::uint64_t seed) {
  check_networks(networks);
  const DensityReading js = density_divergence({"js"}, p, q, {.seed = seed});
  const auto twice = [](const std::optional<double>& error) {
    return error ? std::optional<double>(2 * *error) : std::nullopt;
  };
  std::vector<GameRow> rows = {row("D = 1/2", -kLn4, {}, "−ln 4"),
                               row("D* = p/(p+q)", 2 * js.value - kLn4,
                                   twice(js.error_estimate ? js.error_estimate : js.standard_error),
                                   "−ln 4 + 2·JSD, " + js.estimator)};
  const Matrix<double> x = sample_density(p, draws, Draw{seed}.on("game p")),
                       y = sample_density(q, draws, Draw{seed}.on("game q"));
  const KnownDensity sp = dimension_of(p) > 1 ? KnownDensity(as_space(p)) : p,
                     sq = dimension_of(q) > 1 ? KnownDensity(as_space(q)) : q;
  const auto [of_p, error_p] = mean_of_best(x, sp, sq, 1);
  const auto [of_q, error_q] = mean_of_best(y, sp, sq, -1);
  rows.push_back(
      row("D* = p/(p+q)", of_p + of_q, std::sqrt(error_p + error_q), fmt::format("{} draws of each", draws)));
  for (const Spec& spec : networks) {
    const Reading reading = make_distance(spec, seed)->measure({x}, {y});
    rows.push_back(row(spec.text(), 2 * *reading.value - kLn4, twice(reading.standard_error),
                       "on the draws that it was not fitted to"));
  }
  return rows;
}

}  // namespace pushforward
