// SPDX-License-Identifier: Apache-2.0
#include "divergences/densities/quadrature.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
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

namespace {

struct Probe {
  double at, value;
};

// Where f, which has one sign at three probes, may still cross zero twice between them: the parabola through
// them has its vertex there, much nearer to zero than they are.
bool may_touch(const Probe& a, const Probe& b, const Probe& c) {
  const double left = b.at - a.at, right = c.at - b.at;
  const double bend = ((c.value - b.value) / right - (b.value - a.value) / left) / (left + right);
  const double slope = (c.value - b.value) / right - bend * right;  // at b
  if (!(bend * b.value > 0)) return false;                          // not bent away from zero, or not finite
  const double vertex = -slope / (2 * bend);
  if (!(vertex >= -left && vertex <= right)) return false;
  const double nearest = std::min({std::abs(a.value), std::abs(b.value), std::abs(c.value)});
  return (b.value - slope * slope / (4 * bend)) * (b.value > 0 ? 1 : -1) < 0.5 * nearest;
}

// By golden sections, a point in (low, high) at which f has not the sign `positive`; NaN where it has it at
// its nearest to zero.
double across(const std::function<double(double)>& f, double low, double high, bool positive) {
  constexpr double kGolden = 0.6180339887498949;
  const auto height = [&](double x) { return positive ? f(x) : -f(x); };
  double first = high - kGolden * (high - low), second = low + kGolden * (high - low);
  double at_first = height(first), at_second = height(second);
  for (int i = 0; i < 60 && first < second; ++i) {
    if (at_first < 0) return first;
    if (at_second < 0) return second;
    if (at_first < at_second) {
      high = second, second = first, at_second = at_first;
      at_first = height(first = high - kGolden * (high - low));
    } else {
      low = first, first = second, at_first = at_second;
      at_second = height(second = low + kGolden * (high - low));
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

double crossing(const std::function<double(double)>& f, double low, double high, bool low_positive) {
  for (int i = 0; i < 80 && high - low > 2e-16 * std::max(std::abs(low), std::abs(high)); ++i) {
    const double middle = low + (high - low) / 2;
    ((f(middle) > 0) == low_positive ? low : high) = middle;
  }
  return low + (high - low) / 2;
}

}  // namespace

std::vector<double> with_sign_changes(const std::function<double(double)>& f, std::vector<double> points) {
  constexpr int kProbes = 16;
  std::vector<double> found;
  for (std::size_t i = 0; i + 1 < points.size(); ++i) {
    std::vector<Probe> same;  // neighbours of one sign
    for (int k = 0; k <= kProbes; ++k) {
      const double at = points[i] + (points[i + 1] - points[i]) * k / kProbes;
      const Probe now{at, f(at)};
      if (now.value == 0) continue;
      if (!same.empty() && (same.back().value > 0) != (now.value > 0)) {
        found.push_back(crossing(f, same.back().at, at, same.back().value > 0));
        same.clear();
      }
      same.push_back(now);
      if (same.size() < 3) continue;
      const Probe &a = same[same.size() - 3], &b = same[same.size() - 2];
      if (!may_touch(a, b, now)) continue;
      const bool positive = now.value > 0;
      const double between = across(f, a.at, now.at, positive);
      if (!(between > a.at)) continue;
      found.push_back(crossing(f, a.at, between, positive));
      found.push_back(crossing(f, between, now.at, !positive));
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
