// SPDX-License-Identifier: Apache-2.0
//
// What a layer promises, tried at random parameters; conformance_layers.hpp lists it.
//
// The layer runs in float32, its twin in double; gradients are compared with central differences of
// L = ⟨dy, twin(x; parameters)⟩, so the twin is the only oracle of the gradient and the worked example, made
// by hand, is the oracle of the twin.
#include <cmath>

#include <fmt/format.h>

#include "conformance/layer_rig.hpp"
#include "pushforward/conformance_layers.hpp"

namespace pushforward {
namespace {

using namespace conformance;

void check_forward(Rig& rig, Findings& findings) {
  Saved saved, again;
  const Tensor y = rig.forward(rig.x, saved);
  Matrix<double> wanted(y.rows(), y.cols());
  rig.twin(in_double(rig.x), rig.parameters_in_double(), wanted);
  const double gap = difference(y.span(), wanted.span());
  findings.require(gap <= rig.options.value_tolerance, "forward agrees with its twin",
                   fmt::format("off by {:.3g}", gap));
  findings.require(same_bits(rig.forward(rig.x, again).span(), y.span()), "forward repeats",
                   "other bits again");
}

void check_gradients(Rig& rig, Findings& findings) {
  Saved saved;
  const Tensor y = rig.forward(rig.x, saved);
  const Tensor dx = rig.backward(y, saved, rig.dy, true, true, 0);
  Matrix<double> x = in_double(rig.x), out(y.rows(), y.cols());
  std::vector<Matrix<double>> parameters = rig.parameters_in_double();
  const auto loss = [&] {
    rig.twin(x, parameters, out);
    double sum = 0;
    for (std::size_t i = 0; i < out.size(); ++i) sum += static_cast<double>(rig.dy.data()[i]) * out.data()[i];
    return sum;
  };
  const double tolerance = rig.options.gradient_tolerance;
  findings.note("gradient in x", compare_gradient(dx.span(), central_differences(x.span(), loss), tolerance));
  const std::vector<Tensor> got = rig.gradients();
  std::size_t trained = 0, position = 0;
  for (const Parameter* p : rig.layer->parameters()) {
    Matrix<double>& values = parameters[position++];
    if (p->trained)
      findings.note(
          "gradient in " + p->name,
          compare_gradient(got[trained++].span(), central_differences(values.span(), loss), tolerance));
  }
}

// Parameter gradients are added to what is there; without `parameters` they are untouched, and without dx the
// rest is the same.
void check_adding(Rig& rig, Findings& findings) {
  constexpr float prefill = 3;
  Saved saved;
  const Tensor y = rig.forward(rig.x, saved);
  const Tensor dx = rig.backward(y, saved, rig.dy, true, true, 0);
  const std::vector<Tensor> plain = rig.gradients();
  rig.backward(y, saved, rig.dy, true, true, prefill);
  const std::vector<Tensor> onto = rig.gradients();
  for (std::size_t p = 0; p < plain.size(); ++p) {
    Matrix<double> wanted = in_double(plain[p]);
    for (double& g : wanted.span()) g += static_cast<double>(prefill);
    const double gap = difference(onto[p].span(), wanted.span());
    findings.require(gap <= 1e-5, "parameter gradients are added",
                     fmt::format("off by {:.3g} from a prefill", gap));
  }
  const Tensor alone = rig.backward(y, saved, rig.dy, true, false, prefill);
  findings.require(same_bits(alone.span(), dx.span()), "dx without parameters", "other bits");
  for (const Tensor& g : rig.gradients())
    for (const float v : g.span())
      if (v != prefill) return findings.note("parameters=false leaves gradients", "a gradient was changed");
  rig.backward(y, saved, rig.dy, false, true, 0);
  findings.require(all_same(rig.gradients(), plain), "parameter gradients without dx", "other bits");
}

void check_repeatable(Rig& rig, Findings& findings) {
  Saved saved, other;
  const Tensor y = rig.forward(rig.x, saved);
  const Tensor first = rig.backward(y, saved, rig.dy, true, true, 0);
  const std::vector<Tensor> gradients = rig.gradients();
  const Tensor second = rig.backward(y, saved, rig.dy, true, true, 0);
  findings.require(same_bits(first.span(), second.span()) && all_same(rig.gradients(), gradients),
                   "a second backward gives the same", "other bits");
  Saved fresh;
  const Tensor y_again = rig.forward(rig.x, fresh);
  rig.forward(random_tensor(rig.options.batch + 2, rig.x.cols(), rig.draw("another batch")), other);
  const Tensor later = rig.backward(y_again, fresh, rig.dy, true, true, 0);
  findings.require(same_bits(first.span(), later.span()) && all_same(rig.gradients(), gradients),
                   "no memory between calls", "another batch's forward changed this one's backward");
}

// backward(a·dy + b·dy′) = a·backward(dy) + b·backward(dy′).
void check_linear(Rig& rig, Findings& findings) {
  const Tensor other = random_tensor(rig.dy.rows(), rig.dy.cols(), rig.draw("dy'"));
  Tensor mixed(rig.dy.rows(), rig.dy.cols());
  for (std::size_t i = 0; i < mixed.size(); ++i)
    mixed.data()[i] = 2 * rig.dy.data()[i] - 0.5f * other.data()[i];
  Saved saved;
  const Tensor y = rig.forward(rig.x, saved);
  const auto both = [&](const Tensor& by) {
    std::vector<Tensor> all;
    all.push_back(rig.backward(y, saved, by, true, true, 0));
    for (Tensor& g : rig.gradients()) all.push_back(std::move(g));
    return all;
  };
  const auto a = both(rig.dy), b = both(other), m = both(mixed);
  for (std::size_t t = 0; t < m.size(); ++t) {
    Matrix<double> wanted(m[t].rows(), m[t].cols());
    for (std::size_t i = 0; i < wanted.size(); ++i)
      wanted.data()[i] = 2 * static_cast<double>(a[t].data()[i]) - 0.5 * static_cast<double>(b[t].data()[i]);
    const double gap = difference(m[t].span(), wanted.span());
    findings.require(gap <= 1e-5, "backward is linear in dy", fmt::format("off by {:.3g}", gap));
  }
}

void check_example(const LayerEntry& entry, const LayerExample& example, Findings& findings) {
  const LayerPlan plan(entry, parse_spec(entry.trials.front().first));
  const RowShape input = entry.trials.front().second;
  const std::size_t rows = example.x.size() / example.inputs;
  const std::unique_ptr<Layer> layer = entry.make(plan, input);
  Arena arena;
  arena.bind(layer->parameters(), {});
  std::vector<Matrix<double>> parameters;
  for (std::size_t p = 0; p < layer->parameters().size(); ++p) {
    Parameter& to = *layer->parameters()[p];
    parameters.push_back(matrix_of(to.rows, to.cols, example.parameters.at(p)));
    const Tensor values = in_float(parameters.back());
    std::copy_n(values.data(), to.size(), to.value.data);
  }
  const Matrix<double> x = matrix_of(rows, example.inputs, example.x);
  const std::size_t outputs = layer->output_shape().size();
  const Matrix<double> wanted = matrix_of(rows, outputs, example.y);
  Tensor y = filled(rows, outputs, kPoison);
  Saved saved;
  layer->forward(in_float(x), y, saved, Pass{});
  findings.require(difference(y.span(), wanted.span()) < 1e-6, "worked example", example.by_hand);
  Matrix<double> twin(rows, outputs);
  entry.twin(plan, input, x, parameters, twin);
  double gap = 0;
  for (std::size_t i = 0; i < twin.size(); ++i)
    gap = std::max(gap, std::abs(twin.data()[i] - wanted.data()[i]));
  findings.require(gap < 1e-9, "worked example of the twin", example.by_hand);
}

void check_row(const LayerEntry& entry, Findings& findings) {
  findings.require(!entry.formula.empty() && !entry.source.empty(), "formula and source", "one is missing");
  findings.require(!entry.trials.empty(), "trials", "none");
  findings.require(!entry.examples.empty(), "worked example", "none");
  for (const LayerExample& example : entry.examples)
    findings.attempt("worked example", [&] { check_example(entry, example, findings); });
}

void append(std::vector<Finding>& all, std::vector<Finding> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Kept parameters (running statistics) move in update alone.
void check_kept(Rig& rig, Findings& findings) {
  const std::vector<Tensor> before = rig.kept();
  Saved saved;
  const Tensor y = rig.forward(rig.x, saved);
  rig.backward(y, saved, rig.dy, true, true, 0);
  findings.require(all_same(rig.kept(), before), "passes leave kept parameters alone", "one was changed");
}

void check_trial(const LayerEntry& entry, const std::string& spec, RowShape input, bool training,
                 const LayerConformanceOptions& options, std::vector<Finding>& all) {
  Findings findings(entry.training_twin ? spec + (training ? ", in training" : ", at inference") : spec);
  findings.attempt("runs", [&] {
    Rig rig(entry, spec, input, training, options);
    check_forward(rig, findings);
    check_gradients(rig, findings);
    check_adding(rig, findings);
    check_repeatable(rig, findings);
    check_linear(rig, findings);
    check_kept(rig, findings);
    if (rig.layer->has_tangent()) check_tangents(rig, findings);
  });
  append(all, findings.take());
}

}  // namespace

std::vector<Finding> check_layer(const LayerEntry& entry, const LayerConformanceOptions& options) {
  Findings row(entry.name);
  check_row(entry, row);
  std::vector<Finding> all = row.take();
  for (const auto& [spec, input] : entry.trials)
    for (const bool training : {true, false})
      if (training || entry.training_twin) check_trial(entry, spec, input, training, options, all);
  return all;
}

std::vector<Finding> check_layers(const LayerConformanceOptions& options) {
  std::vector<Finding> all;
  for (const LayerEntry& entry : layers()) append(all, check_layer(entry, options));
  return all;
}

}  // namespace pushforward
