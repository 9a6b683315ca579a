// SPDX-License-Identifier: Apache-2.0
//
// Formulas that are often printed wrong: each beside its right form, and beside what decides between them (a
// sample, a quadrature, a difference quotient), computed here.
#include <cmath>
#include <numbers>

#include "chapter.hpp"
#include "pushforward/density.hpp"
#include "pushforward/distances.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/random.hpp"

namespace pushforward::cli::walkthrough {
namespace {

Json slip(double wrong, double right, double truth) {
  return {{"wrong", wrong}, {"right", right}, {"truth", truth}};
}

KnownDensity normal(double mean, double sd) { return LineDensity({{.a = mean, .b = sd}}); }

// z = μ + σ·ε with σ = 0.5: the deviation of a hundred thousand draws.
Json sampling(std::uint64_t seed) {
  constexpr double kSigma = 0.5;
  const Matrix<double> noise = sample_density(normal(0, 1), 100'000, Draw{seed}.on("slips"));
  double squares = 0;
  for (std::size_t i = 0; i < noise.rows(); ++i)
    squares += noise(i, 0) * noise(i, 0) / static_cast<double>(noise.rows());
  return slip(kSigma * kSigma * std::sqrt(squares), kSigma * std::sqrt(squares), kSigma);
}

// −KL(N(μ, σ²) ‖ N(0, 1)); the truth by quadrature.
Json code_term() {
  constexpr double kMean = 0.8, kSd = 0.6;
  const double right = 0.5 * (1 + std::log(kSd * kSd) - kMean * kMean - kSd * kSd);
  const double wrong = 0.5 * (std::pow(kSd, 4) + kMean * kMean) - 0.5 * std::log(2 * std::numbers::pi) - 0.5;
  return slip(wrong, right, -density_divergence({"kl"}, normal(kMean, kSd), normal(0, 1)).value);
}

struct Trapezoid {
  double low = -9, high = 11;
  std::size_t steps = 4000;
  template <class F>
  double operator()(F f) const {
    const double h = (high - low) / static_cast<double>(steps);
    double sum = 0;
    for (std::size_t i = 0; i <= steps; ++i)
      sum += (i == 0 || i == steps ? 0.5 : 1) * f(low + h * static_cast<double>(i));
    return h * sum;
  }
};

double phi(double x, double mean) {
  return std::exp(-0.5 * (x - mean) * (x - mean)) / std::sqrt(2 * std::numbers::pi);
}

// At D* = p/(p + q), p = N(0, 1), q = N(2, 1): the game's value.
Json game() {
  const Trapezoid integral;
  const auto best = [](double x) { return 1 / (1 + std::exp(2 * x - 2)); };  // p/(p+q)
  const double first = integral([&](double x) { return phi(x, 0) * std::log(best(x)); });
  const double second = integral([&](double x) { return phi(x, 2) * std::log1p(-best(x)); });
  const double printed = integral([&](double x) { return phi(x, 2) * (1 - best(x)); });
  const double js = density_divergence({"js"}, normal(0, 1), normal(2, 1)).value;
  return slip(first + printed, first + second, 2 * js - 2 * std::numbers::ln2);
}

// Cross-entropy of a label 0 that a discriminator gives 0.9: −ln 0.1.
Json label() {
  constexpr double kY = 0, kD = 0.9;
  return slip(-kY * std::log(kD) - (1 - kY) * std::log(kD), -kY * std::log(kD) - (1 - kY) * std::log(1 - kD),
              std::numbers::ln10);
}

Json extra_bits() {
  const std::vector<double> p = {0.5, 0.25, 0.25}, q = {0.1, 0.3, 0.6};
  const auto cross = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum -= a[i] * std::log(b[i]);
    return sum;
  };
  return slip(cross(q, p) - cross(p, p), cross(p, q) - cross(p, p), divergence({"kl"}, p, q));
}

// A pixel x = 0.25 given back as y = 0.5: −ln ½ whatever x is.
Json pixel() {
  constexpr double kX = 0.25, kY = 0.5;
  return slip(-kX * std::log(kY) + (1 - kX) * std::log(1 - kY),
              -(kX * std::log(kY) + (1 - kX) * std::log(1 - kY)), std::numbers::ln2);
}

double biased_mmd(const Matrix<double>& x, const Matrix<double>& y) {
  return *make_distance(MmdOptions{.estimator = MmdOptions::Estimator::biased, .bandwidth = {1}})
              ->measure({x}, {y})
              .value;
}

// dMMD²/dy_1 of x = {0}, y = {1, 2.5}: −(2/NM) Σ k(x_i, y)(x_i − y)·(−1) …, by a central difference.
Json gradient() {
  Matrix<double> x(1, 1), y(2, 1);
  y(0, 0) = 1, y(1, 0) = 2.5;
  const auto k = [](double a, double b) { return std::exp(-0.5 * (a - b) * (a - b)); };
  // (2/M²) Σ_i k(y_i, y_j)(y_i − y_j) − (2/NM) Σ_i k(x_i, y_j)(x_i − y_j), j = 1
  const double right = 0.5 * k(2.5, 1) * (2.5 - 1) - k(0, 1) * (0 - 1);
  constexpr double kStep = 1e-5;
  Matrix<double> more = y, less = y;
  more(0, 0) += kStep, less(0, 0) -= kStep;
  return slip(-right, right, (biased_mmd(x, more) - biased_mmd(x, less)) / (2 * kStep));
}

double masses_mmd(double apart, double width) {
  return 2 - 2 * std::exp(-apart * apart / (2 * width * width));
}

}  // namespace

Json slips_chapter(const Demonstration& demonstration) {
  return {{"sampling", sampling(demonstration.seed)},
          {"code_term", code_term()},
          {"game", game()},
          {"label", label()},
          {"extra_bits", extra_bits()},
          {"pixel", pixel()},
          {"gradient", gradient()},
          {"masses",
           {{"one", masses_mmd(1, 1)},
            {"five", masses_mmd(5, 1)},
            {"wide", masses_mmd(5, 100) / masses_mmd(1, 100)}}}};
}

}  // namespace pushforward::cli::walkthrough
