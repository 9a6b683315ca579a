// SPDX-License-Identifier: Apache-2.0
//
// pushforward learn-theta: one free number of a family, learnt by several distances: θ against steps.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "command.hpp"
#include "data_options.hpp"
#include "drawing_output.hpp"
#include "endings.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/distance_names.hpp"
#include "pushforward/error.hpp"
#include "pushforward/learn_theta.hpp"
#include "samples.hpp"
#include "table_output.hpp"

namespace pushforward::cli {
namespace {

constexpr const char* kBy =
    "jsd-critic:loss=minimax,hidden=64+64,mmd:estimator=biased,bandwidth=0.1,mmd:estimator=biased,bandwidth="
    "1,"
    "w1-critic:hidden=64+64,w1";
constexpr std::size_t kShownSteps = 6;

struct Request {
  std::string family, data, by = kBy, output;
  LoadOptions load{};  // of data
  double truth = 0;
  ThetaOptions options{};
  std::size_t rows = 6400;
};

struct Learnt {
  std::string by;
  std::vector<ThetaStep> path;
};

std::vector<std::string> endings() {
  std::vector<std::string> all = table_endings();
  all.insert(all.end(), {".png", ".svg"});
  return all;
}

Dataset data_of(const Request& request, const ThetaFamily& family, std::uint64_t seed) {
  if (!request.data.empty()) {
    LoadOptions load = request.load;
    load.seed = seed + 1;
    return load_data(request.data, load);
  }
  Dataset data;
  data.name = fmt::format("{} at theta = {:g}", request.family, request.truth);
  data.rows_data = family.rows(request.truth, request.rows, seed + 1);
  data.shape = {.width = data.cols()};
  return data;
}

void write_paths(const std::string& path, const std::vector<Learnt>& all) {
  Matrix<double> rows(all[0].path.size(), 1 + 2 * all.size());
  std::vector<std::string> columns = {"step"};
  for (const Learnt& one : all) {
    columns.push_back("theta " + one.by);
    columns.push_back("loss " + one.by);
  }
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    rows(i, 0) = static_cast<double>(i);
    for (std::size_t k = 0; k < all.size(); ++k)
      rows(i, 1 + 2 * k) = all[k].path[i].theta, rows(i, 2 + 2 * k) = all[k].path[i].loss;
  }
  write_table(path, std::as_const(rows).view(), columns);
}

report::Drawing draw(const std::vector<Learnt>& all, const double* truth) {
  double low = truth ? *truth : all[0].path[0].theta, high = low;
  for (const Learnt& one : all)
    for (const ThetaStep& step : one.path) low = std::min(low, step.theta), high = std::max(high, step.theta);
  const double pad = 0.06 * std::max(high - low, 1e-3), last = static_cast<double>(all[0].path.size() - 1);
  report::Drawing drawing(760, 410 + 18 * (all.size() + 1));
  const report::Axes axes({{0, low - pad}, {last, high + pad}}, {70, 40}, {735, 340});
  axes.draw(drawing, "step", "theta");
  std::vector<report::Named> names;
  if (truth) {
    drawing.line({axes(0, *truth), axes(last, *truth)}, {{150, 150, 150}, 1.5, 1});
    names.push_back({fmt::format("the data's theta, {:g}", *truth), {150, 150, 150}});
  }
  for (std::size_t k = 0; k < all.size(); ++k) {
    std::vector<double> x, y;
    for (std::size_t i = 0; i < all[k].path.size(); ++i)
      x.push_back(static_cast<double>(i)), y.push_back(all[k].path[i].theta);
    axes.curve(drawing, x, y, {report::class_colour(k), 2, 1});
    names.push_back({all[k].by, report::class_colour(k)});
  }
  report::legend(drawing, {70, 396}, names);
  return drawing;
}

void print_paths(const std::vector<Learnt>& all) {
  const std::size_t steps = all[0].path.size() - 1, shown = std::min(kShownSteps, steps);
  std::vector<std::string> header = {"theta at step"};
  for (std::size_t s = 0; s <= shown; ++s) header.push_back(fmt::format("{}", s * steps / shown));
  std::vector<std::vector<std::string>> rows;
  for (const Learnt& one : all) {
    rows.push_back({one.by});
    for (std::size_t s = 0; s <= shown; ++s)
      rows.back().push_back(fmt::format("{:.4g}", one.path[s * steps / shown].theta));
  }
  print_table(header, rows);
}

Json json_of(const Learnt& one) {
  Json object = {{"by", one.by}};
  Json theta = Json::array(), loss = Json::array(), slope = Json::array();
  for (const ThetaStep& step : one.path)
    theta.push_back(json_number(step.theta)), loss.push_back(json_number(step.loss)),
        slope.push_back(json_number(step.slope));
  object["theta"] = theta, object["loss"] = loss, object["slope"] = slope;
  return object;
}

void run(Request request, const Common& common) {
  if (!request.output.empty()) check_output(request.output, endings(), common.force);
  const std::vector<Spec> specs = parse_distances(request.by, "--by");
  const ThetaFamily family(request.family);
  request.options.seed = common.seed;
  const Dataset data = data_of(request, family, common.seed);
  if (family.rows(request.options.start, 1, 0).cols() != data.cols())
    throw RequestError(Complaint{request.data, fmt::format("{} columns", data.cols()),
                                 fmt::format("as many as {}", request.family)});
  for (const Spec& spec : specs) check_learnable(spec, data, request.options);  // all before the first learns
  std::vector<Learnt> all;
  ProgressBar bar("learning theta", common.quiet);
  for (const Spec& spec : specs) {
    bar.update(static_cast<double>(all.size()) / static_cast<double>(specs.size()), spec.name);
    all.push_back({spec.text(), learn_theta(family, data, spec, request.options)});
  }
  const double* truth = request.data.empty() ? &request.truth : nullptr;
  if (!request.output.empty())
    is_drawing(request.output)
        ? write_drawing(request.output, draw(all, truth), "theta against steps, a curve a distance")
        : write_paths(request.output, all);
  if (!common.json) return print_paths(all);
  Json array = Json::array();
  for (const Learnt& one : all) array.push_back(json_of(one));
  print_json(array);
}

constexpr const char* kExamples =
    "  pushforward learn-theta toy:lines:theta -o theta.png      parallel lines: a discriminator\n"
    "                                             and a narrow kernel stand still, the others arrive\n"
    "  pushforward learn-theta toy:lines:theta --by w1,energy --start 3 --rate 0.05 -o theta.csv\n"
    "  pushforward learn-theta toy:gaussian:d=1,mean=theta --truth 2 --start -1 --by w2,energy --rate 0.5\n"
    "  pushforward learn-theta toy:8gaussians:scale=theta my-ring.csv --by sliced --rate 0.2\n";

std::function<void()> declare(CommandLine& line, const Common& common) {
  auto request = std::make_shared<Request>();
  ThetaOptions& options = request->options;
  line.text("FAMILY", request->family, "A toy with one option that is theta", {.required = true});
  line.text("DATA", request->data, "The data p (default: the family at --truth)");
  line.text("--by", request->by, "Distances to descend, with a gradient or learned, separated by commas",
            {.type = "SPECS", .words = distances_with_gradient});
  line.number("--start", options.start, "Where theta begins", {.least = -1e6, .most = 1e6});
  line.number("--truth", request->truth, "The data's theta", {.least = -1e6, .most = 1e6});
  line.count("--steps", options.steps, "Steps of gradient descent", {.most = 1'000'000});
  line.number("--rate", options.rate, "Its rate", {.least = 1e-9, .most = 1e6});
  line.count("--batch", options.batch, "Rows of either side a step", {.least = 2, .most = 100'000});
  line.count("--critic-steps", options.critic_steps, "Updates of a learned distance before each",
             {.most = 10'000});
  line.number("--critic-rate", options.critic_rate, "Their rate (Adam)", {.least = 1e-9, .most = 1e3});
  line.text("-o,--output", request->output, "A table of all steps, or a picture of theta against them",
            {.type = "THETA.csv|.tsv|.npy|.png|.svg", .written = true});
  line.text("--label-column", request->load.label_column, "Column of a CSV or TSV that is not a feature",
            {.type = "NAME", .group = "Data"});
  add_table_options(line, request->load);
  return [request, &common] { run(*request, common); };
}

}  // namespace

Command learn_theta_command() {
  return {"learn-theta", "One number of a family, learnt by several distances: theta against steps", "Show",
          kExamples, declare};
}

}  // namespace pushforward::cli
