// SPDX-License-Identifier: Apache-2.0
//
// Spectral normalisation [Miyato, Kataoka, Koyama & Yoshida, ICLR 2018]: a map x·Wᵀ is divided by its largest
// singular value, so that it lengthens nothing, and a critic made of such maps and of rectifiers is
// 1-Lipschitz.
//
// The singular value comes from power iteration, one step (or some, see update) after every step of training,
// on a vector u that is kept with the weights. Within a pass u is held constant:
//   v = Wᵀu/‖Wᵀu‖,  σ = uᵀWv = ‖Wᵀu‖,  Ŵ = W/σ,  ∂σ/∂W = u·vᵀ,
//   dW = (dŴ − ⟨dŴ, Ŵ⟩·u·vᵀ)/σ,
// the exact gradient of what was computed. σ from a u that has not converged lies below the true one: the
// bound holds in the limit. Cost: one pass over W in forward, two in backward, beside the product.
//
// update: v ← Wᵀu, u ← Wv, both to length 1, until ‖Wv‖ gains less than 1e-4 over ‖Wᵀu‖, at most 30
// times. Between two steps of training W moves little and once is enough; at the beginning, where u is
// random, it takes some twenty.
#include "layers/dense_weight.hpp"

#include <algorithm>
#include <cmath>

#include "ops/norm_kernels.hpp"
#include "ops/product.hpp"

namespace pushforward {
namespace {

enum Slot : std::size_t { kWeight, kLeft, kRight, kGradient };  // Ŵ; u and behind it σ; v; dŴ

constexpr int kIterations = 30;
constexpr double kGain = 1e-4;
constexpr double kLeast = 1e-12;  // in place of the σ of a zero weight

double length_of(std::span<const float> v) { return std::sqrt(vectors::dot(v, v)); }

// Writes v/‖v‖ and returns ‖v‖.
double normalise(std::span<const float> v, float* to) {
  const double length = std::max(length_of(v), kLeast);
  const auto factor = static_cast<float>(1 / length);
  std::transform(v.begin(), v.end(), to, [&](float e) { return e * factor; });
  return length;
}

}  // namespace

DenseWeight::DenseWeight(std::size_t units, std::size_t inputs, const Initial& initial, bool spectral)
    : spectral_(spectral) {
  weight_ = {.name = "weight",
             .rows = units,
             .cols = inputs,
             .initial = initial,
             .fan_in = inputs,
             .fan_out = units};
  left_ = {.name = "singular_vector",
           .rows = 1,
           .cols = units,
           .initial = NormalInitial{.sd = 1},
           .trained = false,
           .decays = false};
}

View<const float> DenseWeight::make(Saved& saved) const {
  if (!spectral_) return weight_.value;
  const std::size_t units = weight_.rows, inputs = weight_.cols;
  const View<float> left = saved.at(kLeft, 1, units + 1);
  const View<float> u{left.data, 1, units}, v = saved.at(kRight, 1, inputs);
  normalise(left_.value.span(), u.data);
  multiply({.a = u, .b = weight_.value, .c = v});
  const double sigma = normalise(v.span(), v.data);
  left(0, units) = static_cast<float>(sigma);
  const View<float> scaled = saved.at(kWeight, units, inputs);
  vectors::scale(weight_.value.span(), static_cast<float>(1 / sigma), scaled.span());
  return scaled;
}

View<const float> DenseWeight::value(const Saved& saved) const {
  return spectral_ ? saved.at(kWeight).view() : weight_.value;
}

void DenseWeight::add_gradient(View<const float> x, View<const float> da, Saved& saved, const Pass& pass) {
  const std::size_t units = weight_.rows, inputs = weight_.cols;
  const View<float> to = spectral_ ? saved.at(kGradient, units, inputs).view() : weight_.gradient;
  multiply(
      {.a = da, .b = x, .c = to, .transpose_a = true, .accumulate = !spectral_, .precision = pass.precision});
  if (!spectral_) return;
  const View<const float> left = saved.at(kLeft, 1, units + 1), right = saved.at(kRight, 1, inputs);
  const double inverse = 1 / static_cast<double>(left(0, units));
  const double along = vectors::dot(to.span(), saved.at(kWeight, units, inputs).span());
  for (std::size_t o = 0; o < units; ++o)
    vectors::add_two({to.row(o), inputs}, static_cast<float>(inverse), right.span(),
                     static_cast<float>(-along * inverse * static_cast<double>(left(0, o))),
                     {weight_.gradient.row(o), inputs});
}

void DenseWeight::update() {
  if (!spectral_) return;
  right_.resize(1, weight_.cols), next_.resize(1, weight_.rows);
  normalise(left_.value.span(), left_.value.data);
  for (int i = 0; i < kIterations; ++i) {
    multiply({.a = left_.value, .b = weight_.value, .c = right_});
    const double before = normalise(right_.span(), right_.data());
    multiply({.a = right_, .b = weight_.value, .c = next_, .transpose_b = true});
    if (length_of(next_.span()) <= kLeast) return;  // W is 0: u stays as good as any
    const double after = normalise(next_.span(), left_.value.data);
    if (after - before <= kGain * after) return;
  }
}

double spectral_twin(const Matrix<double>& weight, const Matrix<double>& left) {
  double square = 0, length = 0;
  for (std::size_t i = 0; i < weight.cols(); ++i) {
    double v = 0;
    for (std::size_t o = 0; o < weight.rows(); ++o) v += weight(o, i) * left(0, o);
    square += v * v;
  }
  for (const double u : left.span()) length += u * u;
  return std::sqrt(square / length);
}

}  // namespace pushforward
