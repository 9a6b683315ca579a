// SPDX-License-Identifier: Apache-2.0
#include "divergences/densities/quadrature.hpp"

#include <algorithm>
#include <cmath>
#include <queue>

#include <boost/math/quadrature/gauss_kronrod.hpp>

#include "core/summation.hpp"

namespace pushforward {
namespace {

constexpr double kRounding =
    2e-14;  // a piece's error below this share of ∫|f| is rounding: halving does not help
constexpr double kEvaluation = 4e-15;  // relative rounding of an integrand made of exp and log
constexpr std::size_t kMostPieces = 3000;

struct Piece {
  double low, high, value, error, size;  // size: ∫|f|
  bool settled;                          // cannot be improved
  int stalls = 0;                        // how many halvings in a row gained nothing

  bool operator<(const Piece& other) const { return error < other.error; }
};

// On −1 … 1, because some versions of Boost do not scale the error estimate with the length of the interval.
Piece measure(const std::function<double(double)>& f, double low, double high) {
  const double half = (high - low) / 2, middle = low + half;
  double error = 0, size = 0;
  const double value = boost::math::quadrature::gauss_kronrod<double, 31>::integrate(
      [&](double t) { return half * f(middle + half * t); }, -1.0, 1.0, 0, 0.0, &error, &size);
  const bool settled = error <= kRounding * size || !(low < middle && middle < high);
  return {low, high, value, error, size, settled, 0};
}

// Halving gains nothing and what is left is small: an integrand that is itself a difference of rounded
// numbers. (A kink just inside a piece's end gains nothing either, for a while, but its error is not small.)
bool is_noise(const Piece& piece) { return piece.stalls >= 3 && piece.error < 1e-9 * piece.size; }

}  // namespace

Integral integrate(const std::function<double(double)>& f, const std::vector<double>& points, double relative,
                   double absolute) {
  std::priority_queue<Piece> open;
  std::vector<Piece> done;
  double total = 0, error = 0;  // of all pieces; the errors are summed anew at the end
  const auto put = [&](const Piece& piece) {
    total += piece.value, error += piece.error;
    if (piece.settled)
      done.push_back(piece);
    else
      open.push(piece);
  };
  for (std::size_t i = 0; i + 1 < points.size(); ++i)
    if (points[i] < points[i + 1]) put(measure(f, points[i], points[i + 1]));
  while (!open.empty() && error > std::max(absolute, relative * std::abs(total)) &&
         open.size() + done.size() < kMostPieces) {
    const Piece worst = open.top();
    open.pop();
    total -= worst.value, error -= worst.error;
    const double middle = worst.low + (worst.high - worst.low) / 2;
    Piece left = measure(f, worst.low, middle), right = measure(f, middle, worst.high);
    // A smooth piece gains a factor of thousands, one with a jump a factor of two, one of noise nothing.
    const bool stalled = left.error + right.error > 0.8 * worst.error;
    left.stalls = right.stalls = stalled ? worst.stalls + 1 : 0;
    left.settled |= is_noise(left), right.settled |= is_noise(right);
    put(left), put(right);
  }
  for (; !open.empty(); open.pop()) done.push_back(open.top());
  // From left to right, so that the sum does not depend on the order of refinement.
  std::sort(done.begin(), done.end(), [](const Piece& a, const Piece& b) { return a.low < b.low; });
  CompensatedSum value, estimate;
  for (const Piece& piece : done)
    value.add(piece.value), estimate.add(piece.error + kEvaluation * std::abs(piece.value));
  return {value.value(), estimate.value()};
}

std::vector<double> with_sign_changes(const std::function<double(double)>& f, std::vector<double> points) {
  constexpr int kProbes = 16;
  std::vector<double> found;
  const auto bisect = [&](double low, double high, bool low_positive) {
    for (int i = 0; i < 80 && high - low > 2e-16 * std::max(std::abs(low), std::abs(high)); ++i) {
      const double middle = low + (high - low) / 2;
      ((f(middle) > 0) == low_positive ? low : high) = middle;
    }
    found.push_back(low + (high - low) / 2);
  };
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    double before = 0, before_at = points[i];
    for (int probe = 0; probe <= kProbes; ++probe) {
      const double at = points[i] + (points[i + 1] - points[i]) * probe / kProbes, now = f(at);
      if (before * now < 0) bisect(before_at, at, before > 0);
      if (now != 0) before = now > 0 ? 1 : -1, before_at = at;
    }
  }
  points.insert(points.end(), found.begin(), found.end());
  return in_order(std::move(points));
}

std::vector<double> in_order(std::vector<double> points) {
  std::erase_if(points, [](double x) { return !std::isfinite(x); });
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

}  // namespace pushforward
