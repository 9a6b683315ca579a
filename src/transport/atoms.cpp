// SPDX-License-Identifier: Apache-2.0
// Weights are checked, divided by their sum, and stripped of zeros.
#include "transport/atoms.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/summation.hpp"
#include "pushforward/error.hpp"

namespace pushforward::transport {

Atoms::Atoms(std::span<const double> numbers, std::size_t count) {
  CompensatedSum all;
  for (std::size_t i = 0; i < count; ++i) all.add(numbers.empty() ? 1.0 : numbers[i]);
  for (std::size_t i = 0; i < count; ++i) {
    const double number = numbers.empty() ? 1.0 : numbers[i];
    if (number / all.value() > 0)
      rows.push_back(i), given.push_back(number), weights.push_back(number / all.value());
  }
  sum = all.value();
  if (std::all_of(given.begin(), given.end(), [&](double w) { return w == given[0]; })) {
    std::fill(given.begin(), given.end(), 1.0);
    sum = static_cast<double>(given.size());
    std::fill(weights.begin(), weights.end(), 1 / sum);
  }
}

Masses common_masses(const Atoms& x, const Atoms& y) {
  const bool same = x.sum == y.sum;
  const double x_factor = same ? 1 : y.sum, y_factor = same ? 1 : x.sum, total = same ? x.sum : x.sum * y.sum;
  if (!(total > 1e-100 && total < 1e100)) return {x.weights, y.weights, 1};
  const auto times = [](std::vector<double> numbers, double factor) {
    for (double& number : numbers) number *= factor;
    return numbers;
  };
  return {times(x.given, x_factor), times(y.given, y_factor), total};
}

void check_weights(std::string_view side, std::span<const double> weights, std::size_t count,
                   bool normalize) {
  const auto complain = [&](std::string got, std::string wanted, std::string hint = {}) {
    throw RequestError(Complaint{fmt::format("transport: weights of the {}", side), got, wanted, hint});
  };
  if (weights.empty()) return;
  if (weights.size() != count)
    complain(fmt::format("{} numbers", weights.size()), fmt::format("{}, one a point", count));
  double sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!(weights[i] >= 0 && std::isfinite(weights[i])))
      complain(fmt::format("{} at {} (counting from 0)", weights[i], i), "a finite number, at least 0");
    sum += weights[i];
  }
  if (!(sum > 0 && std::isfinite(sum))) complain(fmt::format("a sum of {}", sum), "mass above 0");
  if (!normalize && !(std::abs(sum - 1) <= 1e-6))
    complain(fmt::format("a sum of {:.9g}", sum), "1 within 1e-6", "normalize divides them by their sum");
}

Matrix<double> gathered(const Points& points, const std::vector<std::size_t>& rows) {
  Matrix<double> out;
  out.resize(rows.size(), points.d());
  std::visit(
      [&](auto view) {
        for (std::size_t r = 0; r < rows.size(); ++r)
          for (std::size_t k = 0; k < view.cols; ++k) out(r, k) = static_cast<double>(view(rows[r], k));
      },
      points.data);
  return out;
}

}  // namespace pushforward::transport
