// SPDX-License-Identifier: Apache-2.0
//
// Central differences after Richardson, (4Δ(h/2) − Δ(h))/3: error O(h⁴) where f is smooth. At a kink between
// the points, Δ(h) and Δ(h/2) disagree by far more than smooth functions do, and the element is left out.
#include "conformance/numeric.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward::conformance {
namespace {

constexpr double kStep = 1e-3;
constexpr double kKink = 2e-5;

double derivative(double& at, const std::function<double()>& f) {
  const double here = at;
  const auto central = [&](double h) {
    at = here + h;
    const double above = f();
    at = here - h;
    const double below = f();
    at = here;
    return (above - below) / (2 * h);
  };
  const double wide = central(kStep), narrow = central(kStep / 2);
  const double size = std::max({std::abs(wide), std::abs(narrow), 0.1});
  if (std::abs(wide - narrow) > kKink * size) return std::numeric_limits<double>::quiet_NaN();
  return (4 * narrow - wide) / 3;
}

}  // namespace

Tensor random_tensor(std::size_t rows, std::size_t cols, const Draw& draw, float sd) {
  Tensor t(rows, cols);
  fill_normal(t.span(), draw, 0, sd);
  return t;
}

Matrix<double> in_double(View<const float> v) {
  Matrix<double> m(v.rows, v.cols);
  std::copy_n(v.data, v.size(), m.data());
  return m;
}

Matrix<double> matrix_of(std::size_t rows, std::size_t cols, const std::vector<double>& values) {
  if (values.size() != rows * cols)
    throw RequestError(Complaint{"worked example", fmt::format("{} numbers", values.size()),
                                 fmt::format("{}×{}", rows, cols)});
  Matrix<double> m(rows, cols);
  std::copy(values.begin(), values.end(), m.data());
  return m;
}

Tensor in_float(const Matrix<double>& m) {
  Tensor t(m.rows(), m.cols());
  std::transform(m.data(), m.data() + m.size(), t.data(), [](double x) { return static_cast<float>(x); });
  return t;
}

Tensor filled(std::size_t rows, std::size_t cols, float value) {
  Tensor t(rows, cols);
  std::fill_n(t.data(), t.size(), value);
  return t;
}

double difference(std::span<const float> a, std::span<const double> b, double floor) {
  double worst = 0, largest = floor;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double gap = std::abs(static_cast<double>(a[i]) - b[i]);
    if (std::isnan(gap)) return std::numeric_limits<double>::infinity();
    worst = std::max(worst, gap), largest = std::max(largest, std::abs(b[i]));
  }
  return worst / largest;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

std::vector<double> central_differences(std::span<double> v, const std::function<double()>& f) {
  std::vector<double> slopes(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) slopes[i] = derivative(v[i], f);
  return slopes;
}

std::string compare_gradient(std::span<const float> got, std::span<const double> wanted, double tolerance) {
  double largest = 1e-3;
  std::size_t compared = 0;
  for (const double w : wanted)
    if (!std::isnan(w)) largest = std::max(largest, std::abs(w)), ++compared;
  if (3 * compared < 2 * wanted.size())
    return fmt::format("only {} of {} entries could be compared", compared, wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (std::isnan(wanted[i])) continue;
    const auto g = static_cast<double>(got[i]);
    if (!(std::abs(g - wanted[i]) <= tolerance * largest))
      return fmt::format("entry {}: got {:.8g}, central difference {:.8g}", i, g, wanted[i]);
  }
  return "";
}

void Findings::attempt(const std::string& promise, const std::function<void()>& check) {
  try {
    check();
  } catch (const std::exception& error) {
    note(promise, std::string("threw: ") + error.what());
  }
}

}  // namespace pushforward::conformance
