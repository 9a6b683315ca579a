// SPDX-License-Identifier: Apache-2.0
//
// Barycentres: of points on the line and with free support, and of histograms on a grid.
#include "pushforward/barycenter.hpp"

#include "borrow.hpp"

namespace pushforward::python {
namespace {

// A step may take seconds and a barycentre thousands of them: Ctrl-C is heard after each.
const OnBarycenterStep kListen = [](std::size_t, double) { stop_on_signal(); };

nb::dict dict_of(const Barycenter& found) {
  nb::dict told;
  told["points"] = array_of(found.points), told["weights"] = array_of(found.weights);
  told["value"] = found.value, told["bound"] = found.bound, told["gap"] = found.gap;
  told["plan_gap"] = found.plan_gap, told["stationarity"] = found.stationarity;
  told["converged"] = found.converged, told["iterations"] = found.iterations, told["method"] = found.method;
  return told;
}

std::vector<Sample> samples_of(const std::vector<Array>& measures, const std::vector<MaybeVector>& weights) {
  std::vector<Sample> samples;
  for (std::size_t k = 0; k < measures.size(); ++k) samples.push_back(sample_of(measures[k], weights[k]));
  return samples;
}

nb::dict line(const std::vector<Array>& measures, const std::vector<MaybeVector>& weights,
              const MaybeVector& shares, double p) {
  const std::vector<Sample> samples = samples_of(measures, weights);
  Barycenter found;
  {
    const Working working;
    found = line_barycenter(samples, numbers_of(shares), p);
  }
  return dict_of(found);
}

nb::dict free_support(const std::vector<Array>& measures, const std::vector<MaybeVector>& weights,
                      const MaybeVector& shares, std::size_t size, const MaybeVector& start, bool bound,
                      std::optional<std::size_t> iterations, std::optional<double> tolerance,
                      std::uint64_t seed) {
  const std::vector<Sample> samples = samples_of(measures, weights);
  const std::span<const double> each = numbers_of(shares);
  FreeBarycenterOptions options = {
      .shares = {each.begin(), each.end()}, .size = size, .bound = bound, .seed = seed, .told = kListen};
  if (start) options.start = {start->data(), start->shape(0), start->shape(1)};
  if (iterations) options.iterations = *iterations;
  if (tolerance) options.tolerance = *tolerance;
  Barycenter found;
  {
    const Working working;
    found = free_barycenter(samples, options);
  }
  return dict_of(found);
}

nb::dict grid(const Vector& histograms, const std::vector<std::size_t>& sides, const MaybeVector& shares,
              std::optional<double> epsilon, bool debias, std::optional<std::size_t> iterations,
              std::optional<double> tolerance) {
  const std::span<const double> each = numbers_of(shares);
  GridBarycenterOptions options = {.shares = {each.begin(), each.end()}, .debias = debias, .told = kListen};
  if (epsilon) options.epsilon = *epsilon;
  if (iterations) options.iterations = *iterations;
  if (tolerance) options.tolerance = *tolerance;
  GridBarycenter found;
  {
    const Working working;
    found = grid_barycenter({histograms.data(), histograms.shape(0), histograms.shape(1)}, sides, options);
  }
  nb::dict told;
  told["masses"] = array_of(found.masses), told["value"] = found.cost;
  told["marginal_error"] = found.marginal_error, told["converged"] = found.converged;
  told["iterations"] = found.iterations, told["epsilon"] = found.epsilon;
  return told;
}

}  // namespace

void bind_barycenters(nb::module_& module) {
  using namespace nb::literals;
  module.def("line_barycenter", &line, "measures"_a, "weights"_a, "shares"_a.none(), "p"_a,
             nb::sig("def line_barycenter(measures: list[typing.Any], weights: list[typing.Any], shares: "
                     "typing.Any, p: float) -> dict[str, typing.Any]"));
  module.def("free_barycenter", &free_support, "measures"_a, "weights"_a, "shares"_a.none(), "size"_a,
             "start"_a.none(), "bound"_a, "iterations"_a.none(), "tolerance"_a.none(), "seed"_a,
             nb::sig("def free_barycenter(measures: list[typing.Any], weights: list[typing.Any], shares: "
                     "typing.Any, size: int, start: typing.Any, bound: bool, iterations: int | None, "
                     "tolerance: float | None, seed: int) -> dict[str, typing.Any]"));
  module.def("grid_barycenter", &grid, "histograms"_a.noconvert(), "sides"_a, "shares"_a.none(),
             "epsilon"_a.none(), "debias"_a, "iterations"_a.none(), "tolerance"_a.none(),
             nb::sig("def grid_barycenter(histograms: typing.Any, sides: list[int], shares: typing.Any, "
                     "epsilon: float | None, debias: bool, iterations: int | None, tolerance: float | None) "
                     "-> dict[str, typing.Any]"));
}

}  // namespace pushforward::python
