// SPDX-License-Identifier: Apache-2.0
//
// Group norm [Wu & He, ECCV 2018]: an image's channels in groups, each group by its own mean and variance
// over its channels and all pixels, then a scale γ and a shift β a channel:
//   y = γ x̂ + β,  x̂ = (x − μ)·r,  r = (σ² + ε)^(−1/2).
// A row's output depends on that row alone, so it suits small batches and penalised critics. One group is
// layer norm with γ and β a channel; as many as channels is instance norm.
//
// With means over the n numbers of a group and w = γ dy:
//   dx = r (w − w̄ − x̂·mean(w x̂)),  dγ += Σ dy x̂,  dβ += Σ dy.
// Tangent along u: ty = γ r (u − ū − x̂ m), m = mean(x̂ u). Its backward, with w = γ dty, a = mean(x̂ w) and
// c = mean(w u) − w̄ ū, differentiates T = n r (c − a m):
//   dtx = r (w − w̄ − x̂ a),   dγ += Σ dty r (u − ū − x̂ m),
//   dx += −r² [(c − a m) x̂ + m (w − w̄ − x̂ a) + a (u − ū − x̂ m)].
// Sums are in float64. Cost: a few passes over each image.
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "layers/geometry.hpp"
#include "layers/layer_row.hpp"
#include "layers/onnx_layers.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

double wide(float v) { return static_cast<double>(v); }

class GroupNorm final : public Layer, public OnnxMap {
 public:
  GroupNorm(const GroupNormOptions& options, RowShape shape)
      : s_(options), shape_(shape), own_(shape.channels / options.groups) {
    const auto make = [&](const char* name, double value) {
      return Parameter{.name = name,
                       .rows = 1,
                       .cols = shape.channels,
                       .initial = ConstantInitial{value},
                       .decays = false};
    };
    scale_ = make("scale", 1), shift_ = make("shift", 0);
  }

  std::string describe() const override { return fmt::format("group norm, {} groups", s_.groups); }
  RowShape output_shape() const override { return shape_; }
  double operations() const override { return 8.0 * static_cast<double>(shape_.size()); }

  void forward(View<const float> x, View<float> y, Saved& saved, const Pass&) const override {
    const View<float> moments = saved.at(0, x.rows, 2 * s_.groups);
    for (std::size_t b = 0; b < x.rows; ++b)
      for (std::size_t g = 0; g < s_.groups; ++g) {
        const double mean = mean_of(g, [&](std::size_t i, std::size_t) { return wide(x(b, i)); });
        const double variance = mean_of(
            g, [&](std::size_t i, std::size_t) { return (wide(x(b, i)) - mean) * (wide(x(b, i)) - mean); });
        moments(b, 2 * g) = static_cast<float>(mean);
        moments(b, 2 * g + 1) = static_cast<float>(1 / std::sqrt(variance + s_.epsilon));
        const Group at(*this, x, moments, b, g);
        for_group(g, [&](std::size_t i, std::size_t c) {
          y(b, i) = at.hat(i) * scale_.value(0, c) + shift_.value(0, c);
        });
      }
  }

  void backward(View<const float> x, View<const float>, Saved& saved, View<const float> dy, View<float> dx,
                bool parameters, const Pass&) override {
    for (std::size_t b = 0; b < x.rows; ++b)
      for (std::size_t g = 0; g < s_.groups; ++g) {
        const Group at(*this, x, saved.at(0), b, g);
        if (parameters)
          for_group(g, [&](std::size_t i, std::size_t c) {
            scale_.gradient(0, c) += dy(b, i) * at.hat(i);
            shift_.gradient(0, c) += dy(b, i);
          });
        if (dx.wanted()) at.project(dy, true, [&](std::size_t i, float v) { dx(b, i) = v; });
      }
  }

  bool has_tangent() const override { return true; }
  void tangent(View<const float> x, View<const float>, Saved& saved, View<const float> tx, View<float> ty,
               const Pass&) const override {
    for (std::size_t b = 0; b < x.rows; ++b)
      for (std::size_t g = 0; g < s_.groups; ++g)
        Group(*this, x, saved.at(0), b, g).project(tx, false, [&](std::size_t i, float v) {
          ty(b, i) = scale_.value(0, i % shape_.channels) * v;
        });
  }
  bool tangent_backward(View<const float> x, View<const float> y, Saved& saved, View<const float> tx,
                        View<const float>, View<const float> dy, View<const float> dty, View<float> dx,
                        View<float> dtx, bool parameters, const Pass& pass) override {
    if (dy.wanted())
      backward(x, y, saved, dy, dx, parameters, pass);
    else if (dx.wanted())
      std::fill_n(dx.data, dx.size(), 0.0f);
    for (std::size_t b = 0; b < x.rows; ++b)
      for (std::size_t g = 0; g < s_.groups; ++g) {
        const Group at(*this, x, saved.at(0), b, g);
        if (dtx.wanted()) at.project(dty, true, [&](std::size_t i, float v) { dtx(b, i) = v; });
        if (dx.wanted()) at.add_curvature(tx, dty, dx);
        if (parameters)
          at.project(tx, false, [&](std::size_t i, float v) {
            scale_.gradient(0, i % shape_.channels) += dty(b, i) * v;
          });
      }
    return true;
  }

  std::vector<Parameter*> parameters() override { return {&scale_, &shift_}; }

  OnnxRows write(OnnxGraph& graph, const OnnxRows& x) const override {
    const auto channels = static_cast<std::int64_t>(shape_.channels);
    const std::string y = graph.add(
        "GroupNormalization",
        {graph.planes(x, shape_), write_parameter(graph, scale_, {channels}),
         write_parameter(graph, shift_, {channels})},
        {{"num_groups", static_cast<std::int64_t>(s_.groups)}, {"epsilon", static_cast<float>(s_.epsilon)}});
    return graph.of_planes(y, shape_);
  }

 private:
  // Calls at(position in the row, channel) for every number of a group.
  template <class At>
  void for_group(std::size_t group, const At& at) const {
    const std::size_t first = group * own_;
    for (std::size_t p = 0; p < shape_.height * shape_.width; ++p)
      for (std::size_t c = first; c < first + own_; ++c) at(p * shape_.channels + c, c);
  }
  template <class Of>
  double mean_of(std::size_t group, const Of& of) const {
    double sum = 0;
    for_group(group, [&](std::size_t i, std::size_t c) { sum += of(i, c); });
    return sum / static_cast<double>(own_ * shape_.height * shape_.width);
  }

  // One group of one row.
  struct Group {
    Group(const GroupNorm& l, View<const float> rows, View<const float> moments, std::size_t row,
          std::size_t group)
        : layer(l),
          x(rows.row(row)),
          b(row),
          g(group),
          mean(moments(row, 2 * group)),
          inverse(moments(row, 2 * group + 1)) {}
    Group(const GroupNorm& l, View<const float> rows, const Tensor& moments, std::size_t row,
          std::size_t group)
        : Group(l, rows, moments.view(), row, group) {}

    float hat(std::size_t i) const { return (x[i] - mean) * inverse; }
    float weight(std::size_t c, bool scaled) const { return scaled ? layer.scale_.value(0, c) : 1.0f; }

    // to(i, r (v − v̄ − x̂·mean(v x̂))) with v the row's `values`, times γ where `scaled`.
    template <class To>
    void project(View<const float> values, bool scaled, const To& to) const {
      const float* v = values.row(b);
      const auto at = [&](std::size_t i, std::size_t c) { return wide(v[i]) * wide(weight(c, scaled)); };
      const double v_mean = layer.mean_of(g, at);
      const double v_hat =
          layer.mean_of(g, [&](std::size_t i, std::size_t c) { return at(i, c) * wide(hat(i)); });
      layer.for_group(g, [&](std::size_t i, std::size_t c) {
        to(i, static_cast<float>(wide(inverse) * (at(i, c) - v_mean - wide(hat(i)) * v_hat)));
      });
    }

    // Adds the last line of the essay's formulas.
    void add_curvature(View<const float> tx, View<const float> dty, View<float> dx) const {
      const float *u = tx.row(b), *dt = dty.row(b);
      const auto w = [&](std::size_t i, std::size_t c) { return wide(dt[i]) * wide(weight(c, true)); };
      const auto mean_over = [&](const auto& of) { return layer.mean_of(g, of); };
      const double u_mean = mean_over([&](std::size_t i, std::size_t) { return wide(u[i]); });
      const double w_mean = mean_over(w);
      const double m = mean_over([&](std::size_t i, std::size_t) { return wide(u[i]) * wide(hat(i)); });
      const double a = mean_over([&](std::size_t i, std::size_t c) { return w(i, c) * wide(hat(i)); });
      const double both = mean_over([&](std::size_t i, std::size_t c) { return w(i, c) * wide(u[i]); });
      const double c0 = both - w_mean * u_mean - a * m, r2 = wide(inverse) * wide(inverse);
      layer.for_group(g, [&](std::size_t i, std::size_t c) {
        const double h = wide(hat(i));
        const double curve = c0 * h + m * (w(i, c) - w_mean - h * a) + a * (wide(u[i]) - u_mean - h * m);
        dx(b, i) -= static_cast<float>(r2 * curve);
      });
    }

    const GroupNorm& layer;
    const float* x;
    std::size_t b, g;
    float mean, inverse;
  };

  GroupNormOptions s_;
  RowShape shape_;
  std::size_t own_;  // channels of a group
  Parameter scale_{}, shift_{};
};

std::unique_ptr<Layer> make_group_norm(const GroupNormOptions& options, RowShape input) {
  check_image(input, "group-norm");
  if (input.channels % options.groups == 0) return std::make_unique<GroupNorm>(options, input);
  throw RequestError(Complaint{"group-norm:groups", fmt::format("{}", options.groups),
                               fmt::format("a divisor of {} channels", input.channels)});
}

void group_norm_twin(const GroupNormOptions& s, RowShape input, View<const double> x,
                     std::span<const Matrix<double>> parameters, View<double> y) {
  const std::size_t own = input.channels / s.groups, members = input.size() / s.groups;
  const auto group_of = [&](std::size_t i) { return i % input.channels / own; };
  const auto n = static_cast<double>(members);
  for (std::size_t b = 0; b < x.rows; ++b)
    for (std::size_t g = 0; g < s.groups; ++g) {
      double mean = 0, variance = 0;
      for (std::size_t i = 0; i < x.cols; ++i) mean += group_of(i) == g ? x(b, i) / n : 0;
      for (std::size_t i = 0; i < x.cols; ++i)
        variance += group_of(i) == g ? (x(b, i) - mean) * (x(b, i) - mean) / n : 0;
      for (std::size_t i = 0; i < x.cols; ++i)
        if (group_of(i) == g)
          y(b, i) =
              (x(b, i) - mean) / std::sqrt(variance + s.epsilon) * parameters[0](0, i % input.channels) +
              parameters[1](0, i % input.channels);
    }
}

}  // namespace

const LayerEntry& layer_entry(const GroupNormOptions&) {
  using O = GroupNormOptions;
  static const auto table = OptionTable<O>("group-norm")
                                .add("groups", &O::groups, "of channels", count_of(1, kMostUnits))
                                .add("epsilon", &O::epsilon, "added to the variance", positive_number());
  static const LayerEntry entry = layer_row(
      table, make_group_norm,
      {.formula = "y = γ (x − μ)/√(σ² + ε) + β, μ and σ² of a group of channels of one image",
       .source = "Wu & He, ECCV 2018",
       .twin = by_options(group_norm_twin),
       .trials = {{"group-norm:groups=2,epsilon=1", image_shape(1, 2, 2)},
                  {"group-norm:groups=2", image_shape(2, 3, 4)},
                  {"group-norm:groups=1,epsilon=0.01", image_shape(3, 2, 3)}},
       .examples = {{.inputs = 4,
                     .x = {1 + 1.7320508075688772, 7, 1 - 1.7320508075688772, 7},
                     .parameters = {{2, 1}, {0, 3}},
                     .y = {1.7320508075688772, 3, -1.7320508075688772, 3},
                     .by_hand =
                         "channel 1: μ = 1, σ² = 3, √(3+1) = 2: ±√3/2·2; channel 2 is constant: 0 + 3"}},
       .number = "groups"});
  return entry;
}

}  // namespace pushforward
