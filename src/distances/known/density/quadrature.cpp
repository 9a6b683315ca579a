// SPDX-License-Identifier: Apache-2.0
#include "distances/known/density/quadrature.hpp"

#include <algorithm>
#include <cmath>
#include <queue>

#include <boost/math/quadrature/gauss_kronrod.hpp>

#include "core/summation.hpp"

namespace pushforward {
namespace {

constexpr double kRelative = 1e-13;  // what the sum of error estimates must reach
constexpr double kRounding =
    2e-14;  // a piece's error below this share of ∫|f| is rounding: halving does not help
constexpr int kMostStalls = 4;         // halvings without gain that a piece may have behind it
constexpr double kEvaluation = 4e-15;  // relative rounding of an integrand made of exp and log
constexpr std::size_t kMostPieces = 4000;

struct Piece {
  double low, high, value, error;
  bool settled;    // cannot be improved
  int stalls = 0;  // how many halvings of its ancestors gained nothing

  bool operator<(const Piece& other) const { return error < other.error; }
};

Piece measure(const std::function<double(double)>& f, double low, double high) {
  double error = 0, size = 0;
  const double value =
      boost::math::quadrature::gauss_kronrod<double, 31>::integrate(f, low, high, 0, 0.0, &error, &size);
  const double middle = low + (high - low) / 2;
  const bool settled = error <= kRounding * std::abs(size) || !(low < middle && middle < high);
  return {low, high, value, error, settled, 0};
}

}  // namespace

Integral integrate(const std::function<double(double)>& f, const std::vector<double>& points) {
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
  while (!open.empty() && error > kRelative * std::abs(total) && open.size() + done.size() < kMostPieces) {
    const Piece worst = open.top();
    open.pop();
    total -= worst.value, error -= worst.error;
    const double middle = worst.low + (worst.high - worst.low) / 2;
    Piece left = measure(f, worst.low, middle), right = measure(f, middle, worst.high);
    // A smooth piece gains a factor of thousands, one with a jump a factor of two, one of noise nothing.
    left.stalls = right.stalls = worst.stalls + (left.error + right.error > 0.8 * worst.error);
    left.settled |= left.stalls >= kMostStalls, right.settled |= right.stalls >= kMostStalls;
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
    for (int probe = 1; probe < kProbes; ++probe) {
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
