// SPDX-License-Identifier: Apache-2.0
//
// What a loss promises; conformance_layers.hpp lists it. Arguments are drawn wide (standard deviation 2), so
// that both tails of a sigmoid are visited, and targets lie in 0…1 where they must.
#include <cmath>

#include <fmt/format.h>

#include "conformance/numeric.hpp"
#include "pushforward/conformance_layers.hpp"

namespace pushforward {
namespace {

using namespace conformance;

bool near(double a, double b, double tolerance) {
  return std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
}

void check_example(const LossEntry& entry, Findings& findings) {
  const Matrix<double> a = matrix_of(1, entry.example_argument.size(), entry.example_argument);
  const Matrix<double> x = matrix_of(1, entry.example_target.size(), entry.example_target);
  const double twin = entry.twin(a, x), value = entry.value(in_float(a), in_float(x), {}, 1);
  findings.require(near(twin, entry.example_value, 1e-12), "worked example of the twin",
                   fmt::format("got {:.12g}, by hand {:.12g}: {}", twin, entry.example_value, entry.by_hand));
  findings.require(near(value, entry.example_value, 1e-6), "worked example",
                   fmt::format("got {:.9g}, by hand {:.9g}: {}", value, entry.example_value, entry.by_hand));
}

struct Batch {
  Tensor argument, target;
};

Batch random_batch(const LossEntry& entry, const LayerConformanceOptions& options) {
  const Draw draw{.seed = options.seed};
  Batch batch{random_tensor(options.batch, entry.argument_cols, draw.on("argument"), 2),
              random_tensor(options.batch, entry.target_cols, draw.on("target"))};
  if (entry.unit_targets) fill_uniform(batch.target.span(), draw.on("target"));
  return batch;
}

void check_gradient(const LossEntry& entry, const Batch& batch, const LayerConformanceOptions& options,
                    Findings& findings) {
  constexpr float scale = 0.37f;
  Tensor gradient = filled(batch.argument.rows(), batch.argument.cols(), kPoison), again = gradient;
  const double with = entry.value(batch.argument, batch.target, gradient, scale);
  const double without = entry.value(batch.argument, batch.target, {}, scale);
  findings.require(with == without, "the value does not depend on the gradient",
                   fmt::format("{} and {}", with, without));
  entry.value(batch.argument, batch.target, again, scale);
  findings.require(same_bits(gradient.span(), again.span()), "repeats", "other bits again");
  Matrix<double> argument = in_double(batch.argument);
  const Matrix<double> target = in_double(batch.target);
  std::vector<double> wanted =
      central_differences(argument.span(), [&] { return entry.twin(argument, target); });
  for (double& w : wanted) w *= static_cast<double>(scale);
  findings.note("gradient", compare_gradient(gradient.span(), wanted, options.gradient_tolerance));
}

}  // namespace

std::vector<Finding> check_loss(const LossEntry& entry, const LayerConformanceOptions& options) {
  Findings findings(entry.name);
  findings.require(!entry.formula.empty() && !entry.source.empty(), "formula and source", "one is missing");
  findings.attempt("worked example", [&] { check_example(entry, findings); });
  findings.attempt("runs", [&] {
    const Batch batch = random_batch(entry, options);
    const double value = entry.value(batch.argument, batch.target, {}, 1);
    const double twin = entry.twin(in_double(batch.argument), in_double(batch.target));
    findings.require(near(value, twin, options.value_tolerance), "agrees with its twin",
                     fmt::format("{} and {}", value, twin));
    check_gradient(entry, batch, options, findings);
  });
  return findings.take();
}

std::vector<Finding> check_losses(const LayerConformanceOptions& options) {
  std::vector<Finding> all;
  for (const LossEntry& entry : losses())
    for (Finding& finding : check_loss(entry, options)) all.push_back(std::move(finding));
  return all;
}

}  // namespace pushforward
