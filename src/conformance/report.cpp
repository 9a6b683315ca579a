// SPDX-License-Identifier: Apache-2.0
// Random samples, findings, and the walk over a row's options.
#include "conformance/report.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include <fmt/format.h>

namespace pushforward {
namespace conformance {

Cloud normal_cloud(std::size_t n, std::size_t d, const Draw& draw, double shift, double spread) {
  Cloud cloud{Matrix<double>(n, d)};
  fill_normal(cloud.points.span(), draw, shift, spread);
  return cloud;
}

Cloud with_random_weights(Cloud cloud, const Draw& draw) {
  cloud.weights.resize(cloud.n());
  fill_uniform(cloud.weights, draw, 0.25, 1.75);
  const double sum = std::accumulate(cloud.weights.begin(), cloud.weights.end(), 0.0);
  for (double& weight : cloud.weights) weight /= sum;
  return cloud;
}

Cloud mixture(const Cloud& x, const Cloud& y) {
  Cloud both{Matrix<double>(x.n() + y.n(), x.d())};
  std::copy_n(x.points.data(), x.points.size(), both.points.data());
  std::copy_n(y.points.data(), y.points.size(), both.points.row(x.n()));
  if (x.n() == y.n() && x.weights.empty() && y.weights.empty()) return both;
  for (const Cloud* part : {&x, &y})
    for (std::size_t i = 0; i < part->n(); ++i)
      both.weights.push_back(
          0.5 * (part->weights.empty() ? 1.0 / static_cast<double>(part->n()) : part->weights[i]));
  return both;
}

std::vector<double> numbers_of(const Reading& reading) {
  if (reading.value) return {*reading.value};
  std::vector<double> numbers;
  const Field* parts = find_field(reading.extra, "parts");
  if (parts == nullptr || !std::holds_alternative<Fields>(parts->value)) return numbers;
  for (const Field& part : std::get<Fields>(parts->value))
    if (const auto* number = std::get_if<double>(&part.value)) numbers.push_back(*number);
  return numbers;
}

bool close(double a, double b, double tolerance, double scale) {
  if (a == b) return true;
  return std::abs(a - b) <= tolerance * std::max({scale, std::abs(a), std::abs(b)}) && std::isfinite(a - b);
}

Report::Report(const DistanceEntry& entry, Spec spec, const ConformanceOptions& options)
    : entry_(entry),
      spec_(std::move(spec)),
      facts_(entry.facts_of ? entry.facts_of(spec_) : entry.facts),
      options_(options) {}

double Report::value(const Cloud& x, const Cloud& y) {
  const Reading reading = make()->measure(x.sample(), y.sample());
  const double number = reading.value.value_or(0);
  if (std::isnan(number))
    found("a number", fmt::format("NaN for {} and {} points of R^{}", x.n(), y.n(), x.d()));
  return number;
}

void Report::found(const std::string& promise, const std::string& detail) {
  findings_.push_back({spec_.text(), promise, detail});
}

void Report::attempt(const std::string& promise, const std::function<void()>& check) {
  try {
    check();
  } catch (const std::exception& problem) {
    found(promise, fmt::format("threw '{}' on samples that it should measure", problem.what()));
  }
}

void Report::expect_refusal(const std::string& what, const std::function<void()>& refused,
                            const std::vector<std::string>& words) {
  try {
    refused();
  } catch (const RequestError& error) {
    for (const std::string& word : words)
      if (std::string_view(error.what()).find(word) == std::string_view::npos)
        found("refuses " + what, fmt::format("the message '{}' does not say '{}'", error.what(), word));
    return;
  } catch (const std::exception& error) {
    return found("refuses " + what, fmt::format("threw '{}', wanted a RequestError", error.what()));
  }
  found("refuses " + what, "it was measured as if it were fine");
}

}  // namespace conformance

std::vector<Finding> check_distance(const DistanceEntry& entry, const ConformanceOptions& options) {
  using namespace conformance;
  std::set<std::string> texts = {""};
  for (const DistanceExample& example : entry.examples) texts.insert(example.options);
  std::vector<Finding> all;
  for (const std::string& text : texts) {
    Report report(entry, parse_spec(text.empty() ? entry.name : entry.name + ":" + text, "example"), options);
    if (text.empty()) check_row(report);
    for (void (*check)(Report&) : {check_axioms, check_repeatable, check_gradients, check_refusals})
      check(report);
    for (Finding& finding : report.take()) all.push_back(std::move(finding));
  }
  return all;
}

std::vector<Finding> check_distances(const ConformanceOptions& options) {
  std::vector<Finding> all;
  for (const DistanceEntry& entry : distances()) {
    if (entry.facts.learned) continue;
    for (Finding& finding : check_distance(entry, options)) all.push_back(std::move(finding));
  }
  return all;
}

}  // namespace pushforward
