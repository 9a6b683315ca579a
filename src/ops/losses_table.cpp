// SPDX-License-Identifier: Apache-2.0
//
// The table of losses that the conformance run walks: each as a function of one argument that has a gradient,
// beside its plain double-precision twin and a worked example.
#include <cmath>
#include <numbers>

#include "pushforward/losses.hpp"

namespace pushforward {
namespace {

constexpr double kLogVariance = -0.4;  // of the Gaussian of one variance
constexpr double kFloor = -3;          // of the learned log-variance
constexpr double kKl = 0.7;            // weight of the divergence beside ⟨dz, z⟩

double softplus(double a) { return std::max(a, 0.0) + std::log1p(std::exp(-std::abs(a))); }
double log_two_pi() { return std::log(2 * std::numbers::pi); }

// Σ over elements of term(argument, target).
template <class Term>
auto elementwise(Term term) {
  return [term](View<const double> a, View<const double> x) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += term(a.data[i], x.data[i]);
    return sum;
  };
}

double head_twin(View<const double> head, View<const double> x) {
  double sum = 0;
  for (std::size_t b = 0; b < x.rows; ++b)
    for (std::size_t j = 0; j < x.cols; ++j) {
      const double s = kFloor + softplus(head(b, x.cols + j) - kFloor), r = x(b, j) - head(b, j);
      sum += 0.5 * (r * r * std::exp(-s) + s + log_two_pi());
    }
  return sum;
}

// The target holds draws ε, then weights c, a row: ⟨c, z⟩ + kKl · KL.
double latent_twin(View<const double> code, View<const double> target) {
  const std::size_t latents = code.cols / 2;
  double sum = 0;
  for (std::size_t b = 0; b < code.rows; ++b)
    for (std::size_t j = 0; j < latents; ++j) {
      const double mean = code(b, j), v = code(b, latents + j);
      const double z = mean + std::exp(0.5 * v) * target(b, j);
      sum += target(b, latents + j) * z - kKl * 0.5 * (1 + v - mean * mean - std::exp(v));
    }
  return sum;
}

double latent_value(View<const float> code, View<const float> target, View<float> gradient, float scale) {
  const std::size_t latents = code.cols / 2;
  Tensor draws(code.rows, latents), weights(code.rows, latents), z(code.rows, latents);
  for (std::size_t b = 0; b < code.rows; ++b)
    for (std::size_t j = 0; j < latents; ++j)
      draws(b, j) = target(b, j), weights(b, j) = target(b, latents + j);
  double sum = kKl * reparametrise(code, draws, z);
  for (std::size_t i = 0; i < z.size(); ++i)
    sum += static_cast<double>(weights.data()[i]) * static_cast<double>(z.data()[i]);
  if (!gradient.wanted()) return sum;
  for (float& w : weights.span()) w *= scale;
  reparametrise_backward(code, draws, weights, static_cast<float>(kKl) * scale, gradient);
  return sum;
}

std::vector<LossEntry> table() {
  return {
      {.name = "squared error",
       .formula = "Σ(y − x)²",
       .source = "Bishop, Pattern Recognition and Machine Learning, section 3.1",
       .argument_cols = 37,
       .target_cols = 37,
       .unit_targets = false,
       .value = [](auto y, auto x, auto gradient,
                   float scale) { return squared_error(y, x, gradient, scale); },
       .twin = elementwise([](double y, double x) { return (y - x) * (y - x); }),
       .example_argument = {1, 2, -1},
       .example_target = {0, 2, 1},
       .example_value = 5,
       .by_hand = "1 + 0 + 4"},
      {.name = "cross-entropy on logits",
       .formula = "Σ softplus(a) − x·a = −Σ x ln s(a) + (1−x) ln(1−s(a))",
       .source = "Goodfellow, Bengio & Courville, Deep Learning, section 6.2.2.2",
       .argument_cols = 53,
       .target_cols = 53,
       .unit_targets = true,
       .value = [](auto a, auto x, auto gradient,
                   float scale) { return cross_entropy_logits(a, x, gradient, scale); },
       .twin = elementwise([](double a, double x) { return softplus(a) - x * a; }),
       .example_argument = {0, std::log(3.0)},
       .example_target = {1, 0},
       .example_value = 3 * std::numbers::ln2,
       .by_hand = "−ln ½ = ln 2; −ln(1 − ¾) = 2 ln 2"},
      {.name = "Gaussian, one variance",
       .formula = "Σ ½(x−m)²/v + ½ ln(2πv)",
       .source = "Kingma & Welling, ICLR 2014, appendix C.2",
       .argument_cols = 21,
       .target_cols = 21,
       .unit_targets = false,
       .value = [](auto m, auto x, auto gradient,
                   float scale) { return gaussian_nll(m, x, kLogVariance, gradient, nullptr, scale); },
       .twin = elementwise([](double m, double x) {
         return 0.5 * ((x - m) * (x - m) * std::exp(-kLogVariance) + kLogVariance + log_two_pi());
       }),
       .example_argument = {1, 3},
       .example_target = {1, 1},
       .example_value = 2 * 1.4918246976412703 - 0.4 + 1.8378770664093453,
       .by_hand = "ln v = −0.4: ½·4·e^0.4, and for each of two features ½(−0.4 + ln 2π)"},
      {.name = "Gaussian, learned variance",
       .formula = "Σ ½(x−m)²e^−s + ½s + ½ ln 2π, s = floor + softplus(h − floor)",
       .source = "Rybkin, Daniilidis & Levine, ICML 2021",
       .argument_cols = 34,
       .target_cols = 17,
       .unit_targets = false,
       .value = [](auto head, auto x, auto gradient,
                   float scale) { return gaussian_nll_head(head, x, kFloor, gradient, scale); },
       .twin = head_twin,
       .example_argument = {2, -3},
       .example_target = {1},
       .example_value = 0.5 * (20.085536923187668 / 2 - 3 + 0.6931471805599453 + 1.8378770664093453),
       .by_hand = "floor −3 and h = −3: s = −3 + ln 2, e^−s = e³/2; ½(1·e³/2 + s + ln 2π)"},
      {.name = "reparametrisation and divergence",
       .formula = "⟨c, μ + e^(v/2) ε⟩ − 0.7·½ Σ (1 + v − μ² − e^v)",
       .source = "Kingma & Welling, ICLR 2014, appendix B",
       .argument_cols = 22,
       .target_cols = 22,
       .unit_targets = false,
       .value = latent_value,
       .twin = latent_twin,
       .example_argument = {1, 0},
       .example_target = {2, 3},
       .example_value = 9.35,
       .by_hand = "μ = 1, σ = 1, ε = 2: z = 3, ⟨3, 3⟩ = 9; divergence ½·1, times 0.7"},
  };
}

}  // namespace

std::span<const LossEntry> losses() {
  static const std::vector<LossEntry> all = table();
  return all;
}

}  // namespace pushforward
