// SPDX-License-Identifier: Apache-2.0
//
// Regularised transport between two clouds, from blur to plan.
//
//   OT_ε = min ⟨P,C⟩ + ε·KL(P‖a⊗b),  C = ‖x − y‖²;  debiased: OT_ε(x,y) − ½OT_ε(x,x) − ½OT_ε(y,y)
#include <cmath>

#include "chapter.hpp"
#include "pushforward/data.hpp"
#include "pushforward/sinkhorn.hpp"
#include "pushforward/transport.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kPoints = 24;

Matrix<double> cloud(const std::string& toy, std::uint64_t seed) {
  return load_data(toy, {.seed = seed}).doubles();
}

Json points_of(const Matrix<double>& points) {
  Json list = Json::array();
  for (std::size_t i = 0; i < points.rows(); ++i) list.push_back(numbers({points.row(i), 2}));
  return list;
}

Json at(double epsilon, const Matrix<double>& x, const Matrix<double>& y) {
  const SinkhornOptions options{.epsilon = epsilon, .p = 2, .iterations = 100'000, .tolerance = 1e-10};
  const SinkhornResult both = sinkhorn({x}, {y}, options);
  const double own = sinkhorn_self({x}, options).value + sinkhorn_self({y}, options).value;
  return {{"epsilon", epsilon},
          {"value", both.value},
          {"transport_cost", both.transport_cost},
          {"divergence", both.value - own / 2},
          {"marginal_error", both.marginal_error},
          {"iterations", both.iterations},
          {"f", numbers(both.f)},
          {"g", numbers(both.g)}};
}

}  // namespace

Json sinkhorn_chapter(const Demonstration& demonstration) {
  const Matrix<double> x = cloud("toy:moons:n=24", demonstration.seed),
                       y = cloud("toy:rings:n=24", demonstration.seed + 1);
  const double mean = mean_cost({x}, {y}, 2);
  const TransportResult exact = solve_transport(Sample{x}, Sample{y}, {.p = 2});
  Json flow = Json::array();
  for (const TransportArc& arc : exact.plan)
    flow.push_back({{"from", arc.source}, {"to", arc.sink}, {"mass", arc.mass}});
  Json steps = Json::array();
  const std::vector<double> shares =
      map(evenly(0, 1, 19), [](double t) { return std::pow(10.0, 0.5 - 3 * t); });
  for (std::size_t i = 0; i < shares.size(); ++i) {
    demonstration.progress(static_cast<double>(i) / static_cast<double>(shares.size()));
    steps.push_back(at(shares[i] * mean, x, y));
    steps.back()["share"] = shares[i];
  }
  return {{"x", points_of(x)}, {"y", points_of(y)}, {"mean_cost", mean}, {"exact", exact.value},
          {"flow", flow},      {"steps", steps},    {"n", kPoints}};
}

}  // namespace pushforward::cli::walkthrough
