// SPDX-License-Identifier: Apache-2.0
//
// A layer on the test bench: at random parameters, in one mode, with a batch and a dy.
#pragma once

#include <algorithm>

#include "conformance/numeric.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/conformance_layers.hpp"

namespace pushforward::conformance {

struct Rig {
  /// Trained parameters are random; kept ones are what a few updates on other batches make of them.
  Rig(const LayerEntry& e, const std::string& spec_text, RowShape shape, bool train,
      const LayerConformanceOptions& o)
      : entry(e),
        plan(e, parse_spec(spec_text)),
        input(shape),
        options(o),
        training(train),
        layer(e.make(plan, shape)) {
    arena.bind(layer->parameters(), draw("initial"));
    for (Parameter* p : layer->parameters())
      if (p->trained) fill_normal(p->value.span(), draw("parameters " + p->name), 0.1f, 0.6f);
    for (std::uint64_t step = 0; step < 3; ++step) warm_up(step);
    x = random_tensor(o.batch, input.size(), draw("x"));
    dy = random_tensor(o.batch, outputs(), draw("dy"));
  }

  Draw draw(std::string_view stream) const { return Draw{.seed = options.seed}.on(stream); }
  std::size_t outputs() const { return layer->output_shape().size(); }
  Pass pass() const { return {.training = training, .draw = draw("pass")}; }

  void twin(View<const double> at, std::span<const Matrix<double>> parameters, View<double> y) const {
    if (training && entry.training_twin)
      entry.training_twin(plan, input, at, parameters, pass(), y);
    else
      entry.twin(plan, input, at, parameters, y);
  }

  Tensor forward(const Tensor& at, Saved& saved) const {
    Tensor y = filled(at.rows(), outputs(), kPoison);
    layer->forward(at, y, saved, pass());
    return y;
  }
  /// Backward into fresh buffers; parameter gradients begin at `prefill`.
  Tensor backward(const Tensor& y, Saved& saved, const Tensor& by, bool want_dx, bool want_parameters,
                  float prefill) {
    std::fill_n(arena.gradients().data, arena.trained_size(), prefill);
    Tensor dx = want_dx ? filled(x.rows(), x.cols(), kPoison) : Tensor();
    layer->backward(x, y, saved, by, want_dx ? dx.view() : View<float>{}, want_parameters, pass());
    return dx;
  }
  /// Copies of the parameters' gradients.
  std::vector<Tensor> gradients() const { return copies(true); }
  /// Copies of what is kept and not learnt.
  std::vector<Tensor> kept() const { return copies(false); }
  std::vector<Matrix<double>> parameters_in_double() const {
    std::vector<Matrix<double>> all;
    for (Parameter* p : layer->parameters()) all.push_back(in_double(p->value));
    return all;
  }

  const LayerEntry& entry;
  LayerPlan plan;
  RowShape input;
  LayerConformanceOptions options;
  bool training;
  std::unique_ptr<Layer> layer;
  Arena arena;
  Tensor x, dy;

 private:
  void warm_up(std::uint64_t step) const {
    Saved saved;
    Tensor other = random_tensor(options.batch, input.size(), draw("warm up").at(step), 1.5f);
    for (float& v : other.span()) v += 0.3f;
    Tensor y(options.batch, outputs());
    layer->forward(other, y, saved, {.training = true, .draw = draw("warm up").at(step)});
    layer->update(saved);
  }
  std::vector<Tensor> copies(bool trained) const {
    std::vector<Tensor> all;
    for (Parameter* p : layer->parameters()) {
      if (p->trained != trained) continue;
      const View<float> from = trained ? p->gradient : p->value;
      all.emplace_back(p->rows, p->cols);
      std::copy_n(from.data, p->size(), all.back().data());
    }
    return all;
  }
};

inline bool all_same(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i].span(), b[i].span())) return false;
  return a.size() == b.size();
}

/// The tangent pass and its backward, where the layer has them.
void check_tangents(Rig& rig, Findings& findings);

}  // namespace pushforward::conformance
