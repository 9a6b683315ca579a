// SPDX-License-Identifier: Apache-2.0
//
// Entropies by sums whose terms all have one sign.
//
// H(Y|X) = H(X,Y) − H(X) is a difference of two large numbers when Y hardly depends on chance, and the mutual
// information is one when X and Y are nearly independent. Both are therefore summed directly: −Σ p(x,y) ln
// p(y|x), and KL(p(x,y) ‖ p(x)p(y)) with the cell that is never negative.
#include "pushforward/entropy.hpp"

#include <algorithm>
#include <vector>

#include "core/summation.hpp"
#include "pushforward/cell_terms.hpp"

namespace pushforward {
namespace {

struct Margins {
  std::vector<double> x, y;
};

Margins margins(View<const double> table) {
  std::vector<CompensatedSum> x(table.rows), y(table.cols);
  for (std::size_t i = 0; i < table.rows; ++i)
    for (std::size_t j = 0; j < table.cols; ++j) x[i].add(table(i, j)), y[j].add(table(i, j));
  Margins m;
  for (const CompensatedSum& sum : x) m.x.push_back(sum.value());
  for (const CompensatedSum& sum : y) m.y.push_back(sum.value());
  return m;
}

// −p ln(p/margin) ≥ 0.
double conditional_cell(double p, double margin) {
  return p == 0 ? 0 : std::max(0.0, -p * Cell::of(p, margin).u);
}

// The product of two margins may underflow; its logarithm does not.
double information_cell(double p, double x, double y) {
  const double q = x * y;
  if (p == 0) return q;
  if (q > 1e-290) return kl_cell(Cell::of(p, q));
  const double log_q = std::log(x) + std::log(y);
  return kl_cell({p, q, std::log(p), log_q, std::log(p) - log_q});
}

}  // namespace

double entropy(std::span<const double> p) {
  CompensatedSum sum;
  for (const double mass : p)
    if (mass > 0) sum.add(-mass * std::log(mass));
  return std::max(0.0, sum.value());
}

JointEntropies joint_entropies(View<const double> table) {
  const Margins m = margins(table);
  CompensatedSum y_given_x, x_given_y, information;
  for (std::size_t i = 0; i < table.rows; ++i)
    for (std::size_t j = 0; j < table.cols; ++j) {
      const double p = table(i, j);
      y_given_x.add(conditional_cell(p, m.x[i]));
      x_given_y.add(conditional_cell(p, m.y[j]));
      information.add(information_cell(p, m.x[i], m.y[j]));
    }
  return {entropy(table.span()), entropy(m.x),      entropy(m.y),
          y_given_x.value(),     x_given_y.value(), information.value()};
}

}  // namespace pushforward
