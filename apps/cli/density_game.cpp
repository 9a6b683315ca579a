// SPDX-License-Identifier: Apache-2.0
//
// At its optimum D* = p/(p + q) the game is worth −ln 4 + 2·JSD(p, q) [Goodfellow et al., NeurIPS 2014,
// theorem 1]. A network of finite size, fitted to finitely many points and read on others, stays below.
#include "density_game.hpp"

#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "output.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

constexpr double kLn4 = 2 * std::numbers::ln2;

struct Row {
  std::string discriminator;
  double value;
  std::optional<double> error;
  std::string how;
};

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

std::vector<Spec> specs_of(const std::vector<std::string>& networks) {
  std::vector<Spec> specs;
  for (const std::string& text : networks)
    for (Spec& spec : parse_spec_list(text, "--game")) specs.push_back(std::move(spec));
  for (const Spec& spec : specs)
    if (spec.name != "jsd-critic")
      throw RequestError(Complaint{"--game", fmt::format("'{}'", spec.name),
                                   "jsd-critic, the game's discriminator",
                                   "for example jsd-critic:hidden=16,steps=1000"});
  return specs;
}

std::vector<Row> rows_of(const KnownDensity& p, const KnownDensity& q, const std::vector<Spec>& networks,
                         std::size_t draws, const Common& common) {
  const DensityReading js = density_divergence({"js"}, p, q, {.seed = common.seed});
  const auto twice = [](const std::optional<double>& error) {
    return error ? std::optional<double>(2 * *error) : std::nullopt;
  };
  std::vector<Row> rows = {
      {"D = 1/2", -kLn4, {}, "−ln 4"},
      {"D* = p/(p+q)", 2 * js.value - kLn4, twice(js.error_estimate ? js.error_estimate : js.standard_error),
       "−ln 4 + 2·JSD, " + js.estimator}};
  const Matrix<double> x = sample_density(p, draws, Draw{common.seed}.on("game p")),
                       y = sample_density(q, draws, Draw{common.seed}.on("game q"));
  const KnownDensity sp = dimension_of(p) > 1 ? KnownDensity(as_space(p)) : p,
                     sq = dimension_of(q) > 1 ? KnownDensity(as_space(q)) : q;
  const auto [of_p, error_p] = mean_of_best(x, sp, sq, 1);
  const auto [of_q, error_q] = mean_of_best(y, sp, sq, -1);
  rows.push_back(
      {"D* = p/(p+q)", of_p + of_q, std::sqrt(error_p + error_q), fmt::format("{} draws of each", draws)});
  for (const Spec& spec : networks) {
    const Reading reading = make_distance(spec, common.seed)->measure({x}, {y});
    rows.push_back({spec.text(), 2 * *reading.value - kLn4, twice(reading.standard_error),
                    "on the draws that it was not fitted to"});
  }
  return rows;
}

}  // namespace

void print_game(const KnownDensity& p, const KnownDensity& q, const std::vector<std::string>& networks,
                std::size_t draws, const Common& common) {
  const std::vector<Row> found = rows_of(p, q, specs_of(networks), draws, common);
  if (common.json) {
    Json list = Json::array();
    for (const Row& row : found) {
      list.push_back({{"discriminator", row.discriminator}, {"value", json_number(row.value)}});
      if (row.error) list.back()["error"] = json_number(*row.error);
      list.back()["jsd"] = json_number((row.value + kLn4) / 2);
      list.back()["how"] = row.how;
    }
    return print_json(list);
  }
  std::vector<std::vector<std::string>> cells;
  for (const Row& row : found)
    cells.push_back({row.discriminator, short_number(row.value),
                     row.error ? "± " + fmt::format("{:.2g}", *row.error) : "exact",
                     short_number((row.value + kLn4) / 2), row.how});
  print_table({"discriminator", "value of the game", "precision", "JSD that it gives", "how"}, cells);
}

}  // namespace pushforward::cli
