// SPDX-License-Identifier: Apache-2.0
//
// The gradient penalty by a tangent pass [Gulrajani, Ahmed, Arjovsky, Dumoulin & Courville, "Improved
// training of Wasserstein GANs", NeurIPS 2017; the derivative of a derivative along a vector: Pearlmutter,
// Neural Computation 6, 1994].
//
//   P = λ/B Σ_i (‖g_i‖ − 1)²,  g_i = ∇ₓf(x_i),  v_i = ∂P/∂g_i = 2λ/B (‖g_i‖ − 1) g_i/‖g_i‖.
//
// ∇_θ P = Σ_i v_i·∂g_i/∂θ = ∇_θ Σ_i D_{v_i} f(x_i) with v held constant: one forward pass of tangents and one
// backward of it. That backward's data gradients are Jᵀ·1, the very ones that made g: for a piecewise linear
// critic the whole penalty costs four products a layer (forward, data gradient, tangent, weight gradient).
// Rejected: finite differences of gradients, which fail on rectifiers; a general second-order tape.
//
// Where g = 0 the norm has no derivative and v = 0 is taken.
#include "layers/gradient_penalty.hpp"

#include <algorithm>
#include <cmath>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

double norm_of(const float* row, std::size_t n) {
  double sum = 0;
  for (std::size_t j = 0; j < n; ++j) sum += static_cast<double>(row[j]) * static_cast<double>(row[j]);
  return std::sqrt(sum);
}

}  // namespace

void check_penalised(const Network& network) {
  std::string lacking;
  if (!network.has_tangent(&lacking))
    throw RequestError(Complaint{"gradient penalty", lacking,
                                 "layers whose output for a row depends on that row alone",
                                 "use layer norm, or none, in a penalised critic"});
  if (network.outputs() != 1)
    throw RequestError(Complaint{"gradient penalty",
                                 "a critic of " + std::to_string(network.outputs()) + " outputs", "one"});
}

double gradient_penalty(Network& network, View<const float> x, double weight, bool one_sided,
                        PenaltyTrace& memory, const Pass& pass) {
  check_penalised(network);
  memory.ones.resize(x.rows, 1);
  std::ranges::fill(memory.ones.span(), 1.0f);
  memory.slopes.resize(x.rows, x.cols), memory.direction.resize(x.rows, x.cols);
  network.forward(x, memory.trace, pass);
  network.backward(memory.trace, memory.ones, memory.slopes, false, pass);
  const double scale = weight / static_cast<double>(x.rows);
  double penalty = 0;
  for (std::size_t i = 0; i < x.rows; ++i) {
    const float* g = memory.slopes.row(i);
    const double length = norm_of(g, x.cols);
    const double excess = one_sided ? std::max(0.0, length - 1) : length - 1;
    penalty += scale * excess * excess;
    const auto factor = static_cast<float>(length > 0 ? 2 * scale * excess / length : 0);
    for (std::size_t j = 0; j < x.cols; ++j) memory.direction.row(i)[j] = factor * g[j];
  }
  network.tangent(memory.trace, memory.direction, pass);
  network.tangent_backward(memory.trace, memory.direction, memory.ones, pass);
  return penalty;
}

}  // namespace pushforward
