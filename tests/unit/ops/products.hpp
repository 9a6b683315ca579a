// SPDX-License-Identifier: Apache-2.0
// Products to try: shapes with what goes along, operands drawn for them, and the plain triple loop in double
// precision.
#pragma once

#include <string_view>

#include "pushforward/random.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

inline Tensor normal(std::size_t rows, std::size_t cols, std::string_view name) {
  Tensor t(rows, cols);
  fill_normal(t.span(), Draw{}.on(name));
  return t;
}

// A is m × k (k × m with ta), B k × n (n × k with tb); below 0 the rectifier takes a quarter.
struct Case {
  std::size_t m, n, k;
  bool ta = false, tb = false, bias = false, rectify = false, accumulate = false;
};

constexpr float kSlope = 0.25f;

struct Operands {
  Tensor a, b, bias, before;

  explicit Operands(const Case& c)
      : a(c.ta ? normal(c.k, c.m, "a") : normal(c.m, c.k, "a")),
        b(c.tb ? normal(c.n, c.k, "b") : normal(c.k, c.n, "b")),
        bias(normal(1, c.n, "bias")),
        before(normal(c.m, c.n, "c")) {}

  // Element (i, j) of the product of factors that `as` makes of A's and B's numbers.
  template <class As>
  double exact(const Case& c, std::size_t i, std::size_t j, As as) const {
    double sum = c.accumulate ? static_cast<double>(before(i, j)) : 0;
    for (std::size_t l = 0; l < c.k; ++l)
      sum += static_cast<double>(as(c.ta ? a(l, i) : a(i, l))) *
             static_cast<double>(as(c.tb ? b(j, l) : b(l, j)));
    if (c.bias) sum += static_cast<double>(bias(0, j));
    return c.rectify && sum < 0 ? sum * static_cast<double>(kSlope) : sum;
  }
};

}  // namespace pushforward
