// SPDX-License-Identifier: Apache-2.0
//
// pushforward transport: the optimal plan between two samples, its potentials, and the proof that it is
// optimal.
#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>

#include <fmt/format.h>

#include "command.hpp"
#include "data_argument.hpp"
#include "endings.hpp"
#include "gromov.hpp"
#include "masses.hpp"
#include "output.hpp"
#include "plan_output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/relaxed_transport.hpp"
#include "pushforward/transport.hpp"
#include "samples.hpp"
#include "waiting.hpp"

namespace pushforward::cli {
namespace {

struct Request {
  SampleOptions samples;
  std::string cost = "sqeuclidean";
  bool cost_given = false;
  double p = 0;  // 0 = not given
  std::string output;
  double partial = 0;  // 0 = not given
  std::string unbalanced;
  std::optional<Relaxation> relaxation{};
  bool gromov = false;
  double epsilon = 0;
};

// What was solved, and how it is called.
struct Solved {
  RelaxedResult result;
  std::string unit;
  Fields options;
  std::size_t d = 0;             // 0 = a cost matrix
  double seconds = 0;            // of the solution alone
  Matrix<double> x{}, y{};       // none of a cost matrix
  std::vector<double> a{}, b{};  // masses as they were given, or empty
};

template <class Solve>
Solved timed(const Solve& solve, std::string unit, Fields options, std::size_t d) {
  const auto start = std::chrono::steady_clock::now();
  RelaxedResult result{solve()};
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  return {std::move(result), std::move(unit), std::move(options), d, seconds.count()};
}

bool is_matrix(const Request& request) {
  return request.cost != "sqeuclidean" && request.cost != "euclidean";
}

double exponent_of(const Request& request) {
  if (request.p > 0) return request.p;
  return request.cost == "euclidean" ? 1 : 2;
}

std::vector<double> load_numbers(const std::string& file) {
  return file.empty() ? std::vector<double>() : read_numbers(file, file).values;
}

Solved solve_samples(const Request& request, const Common& common) {
  const SamplePair pair(request.samples, common.seed, common.quiet);
  const double p = exponent_of(request);
  const TransportOptions how = {.p = p, .normalize = request.samples.normalize};
  const auto solve = [&](const Sample& x, const Sample& y) {
    return request.relaxation ? solve_relaxed(x, y, *request.relaxation, p)
                              : RelaxedResult{solve_transport(x, y, how)};
  };
  const Waiting waiting("solving",
                        request.relaxation ? std::nullopt : seconds_ahead(solve, pair.x(), pair.y(), 1000),
                        common.quiet);
  Solved solved = timed([&] { return solve(pair.x(), pair.y()); },
                        p == 1 ? "the data's unit" : fmt::format("the data's unit to the power {:g}", p),
                        {{"cost", p == 2   ? "sqeuclidean"
                                  : p == 1 ? "euclidean"
                                           : fmt::format("euclidean^{:g}", p)},
                         {"p", p}},
                        pair.x().d());
  if (request.output.empty()) return solved;
  solved.x = pair.x_data().doubles(), solved.y = pair.y_data().doubles();
  solved.a.assign(pair.x().weights.begin(), pair.x().weights.end());
  solved.b.assign(pair.y().weights.begin(), pair.y().weights.end());
  return solved;
}

// X and Y need not be given with a matrix; if they are, they must have its shape.
void check_shape(const Request& request, const Matrix<double>& cost, std::uint64_t seed) {
  const std::string names[2] = {request.samples.x, request.samples.y};
  const std::size_t sizes[2] = {cost.rows(), cost.cols()};
  const auto rows_of = [&](std::size_t s) {
    LoadOptions load = load_for(names[s], request.samples.load, request.samples.sources());
    load.seed = seed + s;
    return load_data(names[s], load).rows();
  };
  for (std::size_t s = 0; s < 2; ++s)
    if (const std::size_t rows = names[s].empty() ? sizes[s] : rows_of(s); rows != sizes[s])
      throw RequestError(
          Complaint{request.cost, fmt::format("a {} x {} matrix", cost.rows(), cost.cols()),
                    fmt::format("{} {} for '{}'", rows, s == 0 ? "rows" : "columns", names[s])});
}

// By their sum, with --normalize.
std::vector<double> divided(std::vector<double> masses, const Request& request) {
  const double sum = std::accumulate(masses.begin(), masses.end(), 0.0);
  if (request.samples.normalize && sum > 0)
    for (double& mass : masses) mass /= sum;
  return masses;
}

Solved solve_matrix(const Request& request, std::uint64_t seed) {
  const Matrix<double> cost = load_data(request.cost).doubles();
  check_shape(request, cost, seed);
  const std::vector<double> a = load_numbers(request.samples.weights_x),
                            b = load_numbers(request.samples.weights_y);
  const auto solve = [&] {
    if (request.relaxation)
      return solve_relaxed(cost.view(), divided(a, request), divided(b, request), *request.relaxation);
    return RelaxedResult{solve_transport(cost.view(), a, b, {.normalize = request.samples.normalize})};
  };
  Solved solved = timed(solve, "the cost matrix's unit", {{"cost", request.cost}}, 0);
  solved.a = a, solved.b = b;
  return solved;
}

// Equal ones where none were given; their sum is 1, as the plan's is.
std::vector<double> masses(std::vector<double> given, std::size_t n) {
  if (given.empty()) given.assign(n, 1);
  const double sum = std::accumulate(given.begin(), given.end(), 0.0);
  for (double& mass : given) mass /= sum;
  return given;
}

// How much is moved and what it costs, of a plan that need not move everything.
void add_relaxed(Fields& fields, const RelaxedResult& result, const Relaxation& relaxation) {
  fields.emplace_back("moved", result.moved);
  if (relaxation.kind == Relaxation::Kind::partial)
    fields.emplace_back("multiplier", result.multiplier);
  else
    fields.emplace_back("cost", result.cost), fields.emplace_back("penalty", result.value - result.cost);
}

// Of --gromov, which knows distances within X and within Y alone.
void read_gromov(Request& request) {
  if (request.epsilon > 0 && !request.gromov)
    throw RequestError(Complaint{"transport", "--epsilon without --gromov", "both",
                                 "entropic transport between X and Y is distance -m sinkhorn"});
  if (!request.gromov) return;
  if (is_matrix(request) || request.relaxation)
    throw RequestError(Complaint{
        "transport",
        fmt::format("--gromov with {}", is_matrix(request) ? "a cost matrix" : "a part of the mass"),
        "--gromov with X and Y alone"});
  request.samples.any_width = true;
}

void read_relaxation(Request& request) {
  if (request.partial > 0 && !request.unbalanced.empty())
    throw RequestError(Complaint{"transport", "--partial and --unbalanced", "one of them",
                                 "unbalanced transport finds by itself how much to move"});
  if (request.partial > 0) request.relaxation = Relaxation{Relaxation::Kind::partial, request.partial};
  if (!request.unbalanced.empty())
    request.relaxation = parse_relaxation(request.unbalanced, "transport: --unbalanced");
  request.samples.any_mass = request.relaxation.has_value();
}

void run(const Request& request, const Common& common) {
  if (!is_matrix(request) && (request.samples.x.empty() || request.samples.y.empty()))
    throw RequestError(Complaint{"transport", request.samples.x.empty() ? "no data" : "one DATA argument",
                                 "two: X and Y", "or a cost matrix: --cost FILE.npy"});
  if (request.cost_given && request.p > 0)
    throw RequestError(Complaint{"transport", fmt::format("--cost {} and -p {:g}", request.cost, request.p),
                                 "one of them", "-p P is the cost ‖x−y‖^P"});
  if (is_matrix(request) && !exists(request.cost))
    throw RequestError(Complaint{"transport: --cost", fmt::format("'{}'", request.cost),
                                 "sqeuclidean, euclidean or a file that exists"});
  if (!request.output.empty()) check_output(request.output, plan_endings(), common.force);
  if (request.gromov)
    return run_gromov({request.samples, exponent_of(request), request.epsilon, request.output}, common);
  Solved solved = is_matrix(request) ? solve_matrix(request, common.seed) : solve_samples(request, common);
  const RelaxedResult& r = solved.result;
  if (!request.output.empty())
    write_plan(request.output,
               {r, solved.x, solved.y, masses(solved.a, r.u.size()), masses(solved.b, r.v.size())});
  Fields fields = {{"metric", "transport"}, {"estimator", r.method}, {"value", r.value},
                   {"dual", r.dual},        {"gap", r.gap},          {"unit", solved.unit},
                   {"arcs", r.plan.size()}, {"n", r.u.size()},       {"m", r.v.size()}};
  if (const std::string warning = gap_warning(r.gap); !warning.empty())
    fields.emplace_back("warning", warning);
  if (solved.d > 0) fields.emplace_back("d", solved.d);
  if (request.relaxation) {
    add_relaxed(fields, r, *request.relaxation);
    if (request.partial > 0)
      solved.options.push_back({"partial", request.partial});
    else
      solved.options.push_back({"unbalanced", request.unbalanced});
  }
  const bool steps = request.relaxation && request.relaxation->kind == Relaxation::Kind::kl;
  fields.emplace_back(steps ? "steps" : "pivots", r.pivots);
  fields.emplace_back("seconds", solved.seconds);
  fields.emplace_back("options", solved.options);
  if (!request.output.empty()) fields.emplace_back("output", request.output);
  if (common.json)
    print_json(to_json(fields));
  else
    print_fields(fields);
}

constexpr const char* kExamples =
    "  pushforward transport a.npy b.npy -o plan.npz                   squared Euclidean cost\n"
    "  pushforward transport a.csv b.csv --cost euclidean -o plan.npz  earth mover's distance\n"
    "  pushforward transport a.npy b.npy -p 3 --weights-x w.npy --normalize -o plan.npz\n"
    "  pushforward transport --cost cost.npy -o plan.npz               a cost matrix, equal weights\n"
    "  pushforward transport a.npy b.npy --partial 0.9                 the nine tenths that are nearest\n"
    "  pushforward transport a.npy b.npy --unbalanced kl:1             mass may appear and vanish, at a "
    "price\n"
    "  pushforward transport a.npy b.npy --gromov --cost euclidean     shapes, wherever they lie\n"
    "  pushforward transport toy:gaussian:d=2,n=40 toy:moons:n=40 -o flow.svg       the flow as arrows\n"
    "plan.npz holds i, j, mass (the flow from row i of X to row j of Y) and the potentials u, v,\n"
    "which prove it: u_i + v_j ≤ cost_ij for all pairs, Σ w_x u + Σ w_y v = dual. plan.csv has a row\n"
    "an arc: i, j, mass, u_i, v_j. A .png or .svg draws the flow: arrows between points of the plane,\n"
    "ribbons between two histograms on the line, else a matrix.\n";

std::function<void()> declare(CommandLine& line, const Common& common) {
  auto request = std::make_shared<Request>();
  line.text("X", request->samples.x, "Where mass comes from: a file, a folder, a named set or a toy");
  line.text("Y", request->samples.y, "Where it goes");
  line.text("--cost", request->cost, "sqeuclidean, euclidean, or a matrix of n x m costs in a file");
  line.number("-p", request->p, "The cost is the distance to this power, at least 1",
              {.least = 1, .most = 1000});
  line.number("--partial", request->partial, "Moves this much mass only, where it is cheapest (default: all)",
              {.least = 0, .most = 1e300});
  line.text(
      "--unbalanced", request->unbalanced,
      "Masses may differ from the weights at the price RHO times their KL divergence or total variation",
      {.type = "kl:RHO|tv:RHO"});
  line.flag("--gromov", request->gromov,
            "Gromov-Wasserstein: compares distances within X with those within Y, whatever their columns");
  line.number("--epsilon", request->epsilon, "With --gromov: an entropic plan, in the unit of the value",
              {.least = 0, .most = 1e300});
  line.text("-o,--output", request->output,
            "Writes the plan: numbers and potentials, or a drawing of the flow",
            {.type = "PLAN.npz|.csv|.png|.svg", .written = true});
  add_sample_options(line, request->samples);
  add_standardize(line, request->samples);
  return [request, &line, &common] {
    request->cost_given = line.given("--cost");
    if (line.given("--partial") && !(request->partial > 0))
      throw RequestError(
          Complaint{"transport: --partial", fmt::format("{}", request->partial), "a mass above 0"});
    read_relaxation(*request), read_gromov(*request);
    run(*request, common);
  };
}

}  // namespace

Command transport_command() {
  return {"transport", "The optimal plan between two samples, with its proof", "Measure", kExamples, declare};
}

}  // namespace pushforward::cli
