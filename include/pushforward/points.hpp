// SPDX-License-Identifier: Apache-2.0
//
// Points and weighted samples: borrowed, and in the precision that the user has.
#pragma once

#include <span>
#include <variant>

#include "pushforward/tensor.hpp"

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

}  // namespace pushforward
