// SPDX-License-Identifier: Apache-2.0
// Weights are checked, divided by their sum, and stripped of zeros.
#include "transport/atoms.hpp"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward::transport {

Atoms::Atoms(std::span<const double> given, std::size_t count) {
  const double sum =
      given.empty() ? static_cast<double>(count) : std::accumulate(given.begin(), given.end(), 0.0);
  for (std::size_t i = 0; i < count; ++i) {
    const double weight = (given.empty() ? 1.0 : given[i]) / sum;
    if (weight > 0) rows.push_back(i), weights.push_back(weight);
  }
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
  Matrix<double> out(rows.size(), points.d());
  std::visit(
      [&](auto view) {
        for (std::size_t r = 0; r < rows.size(); ++r)
          for (std::size_t k = 0; k < view.cols; ++k) out(r, k) = static_cast<double>(view(rows[r], k));
      },
      points.data);
  return out;
}

}  // namespace pushforward::transport
