// SPDX-License-Identifier: Apache-2.0
//
// What the checks of layers and losses share: random matrices, largest differences, central differences.
#pragma once

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "pushforward/conformance.hpp"
#include "pushforward/random.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::conformance {

/// A value that no right answer has.
inline constexpr float kPoison = std::numeric_limits<float>::quiet_NaN();

/// N(0, sd²) numbers that float32 holds exactly.
Tensor random_tensor(std::size_t rows, std::size_t cols, const Draw& draw, float sd = 1);
Matrix<double> in_double(View<const float> v);
Matrix<double> matrix_of(std::size_t rows, std::size_t cols, const std::vector<double>& values);
Tensor in_float(const Matrix<double>& m);
Tensor filled(std::size_t rows, std::size_t cols, float value);

/// Largest |a − b| divided by the largest |b| (at least `floor`); infinite where anything is NaN.
double difference(std::span<const float> a, std::span<const double> b, double floor = 1e-3);
bool same_bits(std::span<const float> a, std::span<const float> b);

/// df/dv at every element of v, by central differences after Richardson. A kink between the points (a
/// rectifier) makes the two step sizes disagree: NaN there, "not to be compared".
std::vector<double> central_differences(std::span<double> v, const std::function<double()>& f);
/// Largest |got − wanted| over comparable elements, relative to the largest wanted; a finding's text, or "".
std::string compare_gradient(std::span<const float> got, std::span<const double> wanted, double tolerance);

/// Collects findings about one subject.
class Findings {
 public:
  explicit Findings(std::string subject) : subject_(std::move(subject)) {}
  void require(bool kept, const std::string& promise, const std::string& detail) {
    if (!kept) all_.push_back({subject_, promise, detail});
  }
  /// `detail` "" is a pass.
  void note(const std::string& promise, const std::string& detail) {
    require(detail.empty(), promise, detail);
  }
  /// An exception that `check` lets through is a finding.
  void attempt(const std::string& promise, const std::function<void()>& check);
  std::vector<Finding> take() { return std::move(all_); }

 private:
  std::string subject_;
  std::vector<Finding> all_{};
};

}  // namespace pushforward::conformance
