// SPDX-License-Identifier: Apache-2.0
//
// The same autoencoder with two losses: squared error, and the cross-entropy of pixels in 0 … 1.
//
//   Σ (x − y)²     −Σ [x ln y + (1 − x) ln(1 − y)] ≥ Σ H(x),   least at y = x both
#include <cmath>

#include "training.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr const char *kData = "mnist@0:5000", *kTest = "mnist:test@0:1000";
constexpr std::size_t kShown = 10;

double entropy_of(double x) { return x > 0 && x < 1 ? -x * std::log(x) - (1 - x) * std::log(1 - x) : 0; }

// What no network can go below: the mean over rows of Σ H(x).
double least_cross_entropy(const Dataset& data) {
  const Tensor rows = data.floats(0, data.rows());
  double sum = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) sum += entropy_of(static_cast<double>(rows.data()[i]));
  return sum / static_cast<double>(rows.rows());
}

double cross_entropy(const Tensor& x, const Tensor& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const auto a = static_cast<double>(x.data()[i]);
    const double b = std::clamp(static_cast<double>(y.data()[i]), 1e-7, 1 - 1e-7);
    sum -= a * std::log(b) + (1 - a) * std::log(1 - b);
  }
  return sum / static_cast<double>(x.rows());
}

double squared_error(const Tensor& x, const Tensor& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i)
    sum += std::pow(static_cast<double>(x.data()[i]) - static_cast<double>(y.data()[i]), 2);
  return sum / static_cast<double>(x.rows());
}

Json learned(const std::string& loss, const Dataset& test, const Demonstration& demonstration, double first) {
  const Training training = {"ae",
                             kData,
                             {{"hidden", "128"},
                              {"latent", "8"},
                              {"loss", loss},
                              {"output-activation", "sigmoid"},
                              {"epochs", demonstration.quick ? "10" : "40"}},
                             first,
                             first + 0.5};
  const Run run = trained(training, demonstration);
  const Tensor x = test.floats(0, test.rows());
  Tensor y(x.rows(), x.cols());
  reconstruct(*run.model, x, y, nullptr);
  return {{"squared_error", squared_error(x, y)},
          {"cross_entropy", cross_entropy(x, y)},
          {"images", images_base64(std::as_const(y).view().slice(0, kShown))}};
}

}  // namespace

Json losses_chapter(const Demonstration& demonstration) {
  const Dataset test = load_data(kTest);
  const Json mse = learned("mse", test, demonstration, 0), bce = learned("bce", test, demonstration, 0.5);
  return {{"epochs", demonstration.quick ? 10 : 40},
          {"mse", mse},
          {"bce", bce},
          {"least", least_cross_entropy(test)},
          {"originals", images_base64(std::as_const(test).floats(0, kShown).view())},
          {"quarter", {{"entropy", entropy_of(0.25)}, {"gradient_at_half", -0.25 / 0.5 + 0.75 / 0.5}}}};
}

}  // namespace pushforward::cli::walkthrough
