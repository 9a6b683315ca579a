// SPDX-License-Identifier: Apache-2.0
// Reads two samples of any widths, solves, and tells how nearly stationary the plan is.
#include "gromov.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "output.hpp"
#include "plan_output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/gromov_wasserstein.hpp"
#include "table_output.hpp"

namespace pushforward::cli {

void run_gromov(const GromovRequest& request, const Common& common) {
  if (is_text_table(request.output))
    throw RequestError(Complaint{"transport: --output", request.output,
                                 "PLAN.npz, .png or .svg with --gromov",
                                 "a table has potentials, which such a plan has not"});
  const SamplePair pair(request.samples, common.seed, common.quiet);
  const auto start = std::chrono::steady_clock::now();
  GromovResult found = gromov_wasserstein(pair.x(), pair.y(), {.p = request.p, .epsilon = request.epsilon});
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  Fields fields = {
      {"metric", "gromov-wasserstein"},
      {"estimator", request.epsilon > 0 ? "entropic plans, repeated" : "conditional gradient on exact plans"},
      {"value", found.value},
      {"converged", found.converged},
      {"stationarity", found.stationarity},
      {"iterations", found.iterations},
      {"unit", fmt::format("the data's unit to the power {:g}", 2 * request.p)},
      {"arcs", found.plan.size()},
      {"n", pair.x().n()},
      {"m", pair.y().n()}};
  if (std::min(pair.x().n(), pair.y().n()) == 1)
    fields.emplace_back("note", "one point has no inner distances: there is one plan only");
  if (!found.converged) fields.emplace_back("warning", "not stationary yet: the plan can still be improved");
  fields.emplace_back("seconds", seconds.count());
  Fields options;
  options.emplace_back("p", request.p), options.emplace_back("epsilon", request.epsilon);
  fields.emplace_back("options", options);
  if (!request.output.empty()) {
    TransportResult plan;
    plan.plan = std::move(found.plan);
    const auto equal = [](std::span<const double> given, std::size_t n) {
      return given.empty() ? std::vector<double>(n, 1 / static_cast<double>(n))
                           : std::vector<double>(given.begin(), given.end());
    };
    write_plan(request.output,
               {plan, {}, {}, equal(pair.x().weights, pair.x().n()), equal(pair.y().weights, pair.y().n())});
    fields.emplace_back("output", request.output);
  }
  common.json ? print_json(to_json(fields)) : print_fields(fields);
}

}  // namespace pushforward::cli
