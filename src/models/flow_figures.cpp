// SPDX-License-Identifier: Apache-2.0
// Integrals along the ways of a flow ride in the state behind the row: [x, what is summed].
#include "models/flow_figures.hpp"

#include <algorithm>
#include <cmath>

namespace pushforward {
namespace {

// f on states of D numbers and `more` that are summed: sums(v, dy) writes their slopes, i.e. dy's columns D
// ….
template <class Sums>
Slope with_sums(VelocityField& field, std::size_t features, Matrix<double>& x, Matrix<double>& v, Sums sums) {
  return [&field, features, &x, &v, sums](double t, View<const double> y, View<double> dy) {
    x.resize(y.rows, features), v.resize(y.rows, features);
    for (std::size_t i = 0; i < y.rows; ++i) std::copy_n(y.row(i), features, x.row(i));
    field.at(x, t, v);
    for (std::size_t i = 0; i < y.rows; ++i) std::copy_n(v.row(i), features, dy.row(i));
    sums(std::as_const(v).view(), dy);
  };
}

Matrix<double> states(View<const float> rows, std::size_t more) {
  Matrix<double> y(rows.rows, rows.cols + more);
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t j = 0; j < rows.cols; ++j) y(i, j) = static_cast<double>(rows(i, j));
  return y;
}

void put_back(View<const double> y, View<float> rows) {
  for (std::size_t i = 0; i < rows.rows; ++i)
    for (std::size_t j = 0; j < rows.cols; ++j) rows(i, j) = static_cast<float>(y(i, j));
}

// Directions e: the axes, one after the other, or signs.
std::vector<Tensor> directions(View<const float> rows, bool exact, std::size_t probes, const Draw& draw) {
  std::vector<Tensor> all(exact ? rows.cols : probes, Tensor(rows.rows, rows.cols));
  for (std::size_t k = 0; k < all.size(); ++k) {
    if (!exact) fill_uniform(all[k].span(), draw.on("trace").at(draw.step * probes + k), -1, 1);
    for (std::size_t i = 0; i < rows.rows; ++i)
      for (std::size_t j = 0; j < rows.cols; ++j)
        all[k](i, j) = exact ? static_cast<float>(j == k) : all[k](i, j) < 0 ? -1.0f : 1.0f;
  }
  return all;
}

}  // namespace

void carry(VelocityField& field, View<float> rows, double from, double to, const Solver& solver) {
  Matrix<double> y = states(rows, 0);
  const Slope slope = [&](double t, View<const double> x, View<double> v) { field.at(x, t, v); };
  integrate(slope, from, to, y, solver);
  put_back(y, rows);
}

LogLikelihoods log_likelihoods(VelocityField& field, const FlowSource& source, View<const float> rows,
                               std::size_t probes, const Draw& draw, const Solver& solver) {
  const std::size_t d = rows.cols;
  const bool exact = d <= kExactTrace;
  const std::vector<Tensor> along = directions(rows, exact, probes, draw);
  const std::size_t sums = exact ? 1 : probes;
  std::vector<double> trace(rows.rows);
  Matrix<double> x, v, y = states(rows, sums);
  const Slope slope = with_sums(field, d, x, v, [&](View<const double>, View<double> dy) {
    for (std::size_t i = 0; i < dy.rows; ++i) std::fill_n(dy.row(i) + d, sums, 0.0);
    for (std::size_t k = 0; k < along.size(); ++k) {
      field.curvature_along(along[k], trace);
      for (std::size_t i = 0; i < dy.rows; ++i) dy(i, d + (exact ? 0 : k)) += trace[i];
    }
  });
  integrate(slope, 1, 0, y, solver, d);  // the sums end as −∫₀¹ tr dt
  LogLikelihoods out;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const std::span<const double> change(y.row(i) + d, sums);
    double mean = 0, spread = 0;
    for (const double c : change) mean += c / static_cast<double>(sums);
    for (const double c : change) spread += (c - mean) * (c - mean);
    out.values.push_back(source.log_density({y.row(i), d}) + mean);
    if (!exact) out.variances.push_back(spread / static_cast<double>((sums - 1) * sums));
  }
  return out;
}

double path_energy(VelocityField& field, View<float> rows, const Solver& solver) {
  const std::size_t d = rows.cols;
  Matrix<double> x, v, y = states(rows, 1);
  const Slope slope = with_sums(field, d, x, v, [&](View<const double> at, View<double> dy) {
    for (std::size_t i = 0; i < dy.rows; ++i) {
      dy(i, d) = 0;
      for (std::size_t j = 0; j < d; ++j) dy(i, d) += at(i, j) * at(i, j);
    }
  });
  integrate(slope, 0, 1, y, solver, d);
  put_back(y, rows);
  double sum = 0;
  for (std::size_t i = 0; i < rows.rows; ++i) sum += y(i, d) / static_cast<double>(rows.rows);
  return sum;
}

}  // namespace pushforward
