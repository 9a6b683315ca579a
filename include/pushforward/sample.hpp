// SPDX-License-Identifier: Apache-2.0
//
// Points and weighted samples, borrowed and in the precision that the user has; where their gradients go; and
// what every function of two samples refuses.
//
// Letters: n, m observations of the first and second sample; d features.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <variant>

#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Borrows n points of R^d, row-major, in the precision that the user has. Never rounded on the way in.
struct Points {
  std::variant<View<const float>, View<const double>> data;

  Points(View<const float> v) : data(v) {}
  Points(View<const double> v) : data(v) {}
  Points(const Matrix<float>& m) : data(m.view()) {}
  Points(const Matrix<double>& m) : data(m.view()) {}
  std::size_t n() const {
    return std::visit([](auto v) { return v.rows; }, data);
  }
  std::size_t d() const {
    return std::visit([](auto v) { return v.cols; }, data);
  }
  double at(std::size_t i, std::size_t k) const {
    return std::visit([=](auto v) { return static_cast<double>(v(i, k)); }, data);
  }
};

/// The measure Σ_i w_i δ_{x_i}; empty weights mean 1/n each.
struct Sample {
  Points points;
  std::span<const double> weights{};  ///< n, non-negative, summing to 1, or empty

  std::size_t n() const { return points.n(); }
  std::size_t d() const { return points.d(); }
};

/// Where to write gradients with respect to the first sample. An empty member is not wanted; a wanted one is
/// *written*, not added to.
struct Gradient {
  View<double> points{};        ///< n × d
  std::span<double> weights{};  ///< n; defined up to a constant (only changes that keep the sum at 1 matter)

  bool wanted() const { return points.wanted() || !weights.empty(); }
};

/// What a function of two samples asks of them.
struct SampleRequirements {
  bool weighted = false;       ///< accepts weights; splitting an atom in two changes nothing
  std::size_t smallest_n = 1;  ///< the smallest n and m for which it is defined
  std::size_t largest_d = 0;   ///< 0 = any
};

/// Checks what every distance needs: at least one point each, the same d, finite numbers (names row and
/// column), weights of the right length, non-negative and summing to 1 within 1e-6.
void check_samples(std::string_view where, const Sample& x, const Sample& y,
                   const SampleRequirements& requirements);

}  // namespace pushforward
#pragma GCC visibility pop
