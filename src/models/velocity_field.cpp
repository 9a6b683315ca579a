// SPDX-License-Identifier: Apache-2.0
// The network's input is a row, then its time, then its condition; derivatives along a direction leave both
// alone.
#include "models/velocity_field.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "layers/onnx_layers.hpp"
#include "models/codec.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
OptionKind<std::size_t> time_kind() {
  OptionKind<std::size_t> kind = count_of(0, 1000);
  kind.read = [](const OptionText& text) -> std::size_t {
    const Spec spec = parse_spec(text.text, text.where);
    SpecReader read(spec);
    const bool plain = find_option_word({spec.name, text.where}, {"plain", "fourier"}) == 0;
    const auto waves = plain ? 0 : static_cast<std::size_t>(read.count("", 4, 1, 1000));
    read.finish();
    return waves;
  };
  kind.text = [](std::size_t waves, char) { return waves == 0 ? "plain" : fmt::format("fourier:{}", waves); };
  return kind;
}

VelocityField::VelocityField(const FlowOptions& options, RowShape shape)
    : features_(shape.size()), waves_(options.waves), told_(options.condition) {
  network_ = dense_chain({.width = features_ + 1 + 2 * waves_ + told_.width()},
                         {.hidden = *options.network.hidden,
                          .outputs = features_,
                          .activation = *options.network.activation,
                          .initial = *options.network.initial,
                          .norm = options.norm});
  network_.name_parameters("velocity");
}

std::string VelocityField::not_finite() const { return first_not_finite(trace_, "velocity"); }

// The time, then the condition.
void VelocityField::put(std::size_t row, float* features, double time) const {
  *features++ = static_cast<float>(time);
  for (std::size_t k = 1; k <= waves_; ++k) {
    const double angle = std::numbers::pi * static_cast<double>(k) * time;
    *features++ = static_cast<float>(std::cos(angle));
    *features++ = static_cast<float>(std::sin(angle));
  }
  if (told_.width() > 0) std::copy_n(told_.of_row(row), told_.width(), features);
}

// Angles B × K × 1, of which cosine and sine lie side by side.
OnnxRows VelocityField::write(OnnxGraph& graph, const OnnxRows& x, const OnnxRows& t) const {
  std::vector<std::string> inputs = {x.name, t.name};
  if (waves_ > 0) {
    std::vector<float> turns;
    for (std::size_t k = 1; k <= waves_; ++k)
      turns.push_back(static_cast<float>(std::numbers::pi * static_cast<double>(k)));
    const auto waves = static_cast<std::int64_t>(waves_);
    const std::string angles = graph.add(
        "Unsqueeze", {graph.add("Mul", {t.name, graph.constant("velocity.waves", {1, waves}, turns)}),
                      graph.constant("axis", {2})});
    const std::string pairs = graph.add("Concat", {graph.add("Cos", {angles}), graph.add("Sin", {angles})},
                                        {{"axis", std::int64_t{2}}});
    inputs.push_back(graph.add("Reshape", {pairs, graph.constant("rows", {-1, 2 * waves})}));
  }
  const std::string input = graph.add("Concat", std::move(inputs), {{"axis", std::int64_t{1}}});
  return write_network(graph, network_, graph.of_rows(input, network_.inputs()));
}

View<const float> VelocityField::at(View<const float> x, std::span<const float> times, const Pass& pass) {
  input_.resize(x.rows, network_.inputs());
  for (std::size_t i = 0; i < x.rows; ++i) {
    std::copy_n(x.row(i), features_, input_.row(i));
    put(i, input_.row(i) + features_, static_cast<double>(times[i]));
  }
  return network_.forward(std::as_const(input_).view(), trace_, pass);
}

void VelocityField::backward(View<const float> dv, const Pass& pass) {
  network_.backward(trace_, dv, {}, true, pass);
}

void VelocityField::at(View<const double> x, double time, View<double> v) {
  input_.resize(x.rows, network_.inputs());
  for (std::size_t i = 0; i < x.rows; ++i) {
    for (std::size_t j = 0; j < features_; ++j) input_(i, j) = static_cast<float>(x(i, j));
    put(i, input_.row(i) + features_, time);
  }
  const View<const float> out = network_.forward(std::as_const(input_).view(), trace_, {});
  for (std::size_t e = 0; e < out.size(); ++e) v.data[e] = static_cast<double>(out.data[e]);
}

void VelocityField::curvature_along(View<const float> e, std::span<double> out) {
  direction_.resize(e.rows, network_.inputs());
  direction_.zero();
  for (std::size_t i = 0; i < e.rows; ++i) std::copy_n(e.row(i), features_, direction_.row(i));
  const View<const float> slope = network_.tangent(trace_, std::as_const(direction_).view(), {});
  for (std::size_t i = 0; i < e.rows; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < features_; ++j)
      sum += static_cast<double>(e(i, j)) * static_cast<double>(slope(i, j));
    out[i] = sum;
  }
}

}  // namespace pushforward
