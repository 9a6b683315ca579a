// SPDX-License-Identifier: Apache-2.0
//
// Activations in plain double precision: value, slope and curvature by the book. They are the oracles of the
// vector kernels in activation.cpp and part of every layer's twin; both tails are written so that nothing
// cancels (sigmoid(−a) is not 1 − sigmoid(a)).
#include <algorithm>
#include <cmath>
#include <numbers>

#include "ops/activation.hpp"

namespace pushforward {
namespace {

double normal_cdf(double a) { return 0.5 * std::erfc(-a / std::numbers::sqrt2); }
double normal_pdf(double a) { return std::exp(-0.5 * a * a) / std::sqrt(2 * std::numbers::pi); }
double sigmoid(double a) { return 1 / (1 + std::exp(-a)); }

}  // namespace

double activation_value(const Activation& f, double a) {
  using Kind = Activation::Kind;
  const double s = f.slope;
  switch (f.kind) {
    case Kind::linear:
      return a;
    case Kind::sigmoid:
      return sigmoid(a);
    case Kind::tanh:
      return std::tanh(a);
    case Kind::relu:
      return a > 0 ? a : 0;
    case Kind::leaky_relu:
      return a > 0 ? a : s * a;
    case Kind::elu:
      return a > 0 ? a : s * std::expm1(a);
    case Kind::gelu:
      return a * normal_cdf(a);
    case Kind::silu:
      return a * sigmoid(a);
    case Kind::softplus:
      return std::max(a, 0.0) + std::log1p(std::exp(-std::abs(a)));
    case Kind::selu:
      return kSeluScale * (a > 0 ? a : kSeluAlpha * std::expm1(a));
  }
  return 0;
}

double activation_slope(const Activation& f, double a) {
  using Kind = Activation::Kind;
  const double s = f.slope;
  switch (f.kind) {
    case Kind::linear:
      return 1;
    case Kind::sigmoid:
      return sigmoid(a) * sigmoid(-a);
    case Kind::tanh:
      return 1 - std::tanh(a) * std::tanh(a);
    case Kind::relu:
      return a > 0 ? 1 : 0;
    case Kind::leaky_relu:
      return a > 0 ? 1 : s;
    case Kind::elu:
      return a > 0 ? 1 : s * std::exp(a);
    case Kind::gelu:
      return normal_cdf(a) + a * normal_pdf(a);
    case Kind::silu:
      return sigmoid(a) * (1 + a * sigmoid(-a));
    case Kind::softplus:
      return sigmoid(a);
    case Kind::selu:
      return kSeluScale * (a > 0 ? 1 : kSeluAlpha * std::exp(a));
  }
  return 0;
}

double activation_curvature(const Activation& f, double a) {
  using Kind = Activation::Kind;
  const double slope = activation_slope(f, a);
  switch (f.kind) {
    case Kind::sigmoid:
    case Kind::softplus:
      return sigmoid(a) * sigmoid(-a) * (f.kind == Kind::sigmoid ? sigmoid(-a) - sigmoid(a) : 1);
    case Kind::tanh:
      return -2 * std::tanh(a) * slope;
    case Kind::elu:
    case Kind::selu:
      return a > 0 ? 0 : slope;
    case Kind::gelu:
      return normal_pdf(a) * (2 - a * a);
    case Kind::silu:
      return sigmoid(a) * sigmoid(-a) * (2 + a * (sigmoid(-a) - sigmoid(a)));
    default:
      return 0;
  }
}

}  // namespace pushforward
