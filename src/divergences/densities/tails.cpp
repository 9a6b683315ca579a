// SPDX-License-Identifier: Apache-2.0
//
// Tails decide whether χ², α- and Rényi divergences of densities are finite, and no quadrature can: p²/q of
// two normals is finite only while sd_p² < 2 sd_q², and just below that bound it is a normal of enormous
// width.
//
// Far to the right a mixture decays like exp(−A x² − B x) with the least (A, B) of its components: A = 1/(2
// sd²) and B = −mean/sd² for a normal, A = 0 and B = 1/scale for a Laplace. A term that grows like p^a
// q^(1−a) then decays like exp(−E_A x² − E_B x) with E = a·(p's) + (1−a)·(q's): it converges if E_A > 0, or
// E_A = 0 and E_B > 0. To the left the same holds after x → −x.
#include "divergences/densities/tails.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "divergences/densities/quadrature.hpp"

namespace pushforward {
namespace {

using Family = LineComponent::Family;

// In long doubles: squares of spreads from 1e-300 to 1e300 are ordinary numbers there.
using Real = long double;

struct Decay {
  Real a, b;
  bool operator<(const Decay& o) const { return a < o.a || (a == o.a && b < o.b); }
};

// `side` is +1 to the right, −1 to the left.
std::optional<Decay> decay_of(const LineDensity& density, double side) {
  std::optional<Decay> heaviest;
  for (const LineComponent& c : density.components()) {
    if (c.family == Family::uniform) continue;
    const bool normal = c.family == Family::normal;
    const Real mean = c.a, spread = c.b;
    const Decay own =
        normal ? Decay{1 / (2 * spread * spread), -side * mean / (spread * spread)} : Decay{0, 1 / spread};
    if (!heaviest || own < *heaviest) heaviest = own;
  }
  return heaviest;
}

bool power_converges(const Decay& p, const Decay& q, double power) {
  const Real a = power * p.a + (1 - power) * q.a, b = power * p.b + (1 - power) * q.b;
  const Real rounding = 1e-14L * (std::abs(power * p.a) + std::abs((1 - power) * q.a));
  return a > rounding || (std::abs(a) <= rounding && b > 0);
}

// Mass of p outside the support of q (uniforms only have ends).
double mass_outside(const LineDensity& p, const LineDensity& q) {
  std::vector<std::pair<double, double>> intervals;
  for (const LineComponent& c : q.components()) {
    if (c.family != Family::uniform) return 0;
    intervals.emplace_back(c.a, c.b);
  }
  std::sort(intervals.begin(), intervals.end());
  double covered = intervals[0].first, outside = p.cdf(covered);
  for (const auto& [low, high] : intervals) {
    if (low > covered) outside += p.cdf(low) - p.cdf(covered);
    covered = std::max(covered, high);
  }
  return outside + p.survival(covered);
}

}  // namespace

bool converges(const CellTerms& terms, const LineDensity& p, const LineDensity& q) {
  if (mass_outside(p, q) > 0 && std::isinf(terms.term(Cell::of(1, 0)).sum)) return false;
  if (mass_outside(q, p) > 0 && std::isinf(terms.term(Cell::of(0, 1)).sum)) return false;
  const TailExponents tails = terms.tails();
  for (double side : {1.0, -1.0}) {
    const auto dp = decay_of(p, side), dq = decay_of(q, side);
    if (!dp || !dq) continue;  // one has an end here, and that was judged above
    if (tails.at_infinity > 1 && !power_converges(*dp, *dq, tails.at_infinity)) return false;
    if (tails.at_zero < 0 && !power_converges(*dp, *dq, tails.at_zero)) return false;
  }
  return true;
}

std::vector<double> power_landmarks(const LineDensity& p, const LineDensity& q, double a) {
  std::vector<double> points;
  const auto around = [&](Real centre, Real spread, Real reach) {
    points.push_back(static_cast<double>(centre));
    for (Real steps = 1; steps < reach; steps *= 2)
      for (const Real at : {centre - steps * spread, centre + steps * spread})
        points.push_back(static_cast<double>(at));
  };
  for (const LineComponent& i : p.components())
    for (const LineComponent& j : q.components()) {
      const bool normal_i = i.family == Family::normal, normal_j = j.family == Family::normal;
      const Real vi = Real(i.b) * i.b, vj = Real(j.b) * j.b;
      if (normal_i && normal_j) {
        const Real precision = a / vi + (1 - a) / vj;
        if (precision > 0)
          around((a * i.a / vi + (1 - a) * j.a / vj) / precision, 1 / std::sqrt(precision), 40);
      } else if (normal_i && j.family == Family::laplace && a > 0) {
        for (Real sign : {1.0L, -1.0L})
          around(i.a + sign * std::abs(1 - a) * vi / (a * Real(j.b)), i.b / std::sqrt(a), 40);
      } else if (normal_j && i.family == Family::laplace && a < 1) {
        for (Real sign : {1.0L, -1.0L})
          around(j.a + sign * std::abs(a) * vj / ((1 - a) * Real(i.b)), j.b / std::sqrt(1 - a), 40);
      } else if (i.family == Family::laplace && j.family == Family::laplace) {
        const Real rate = a / Real(i.b) + (1 - a) / Real(j.b);
        if (rate > 0) around(i.a, 1 / rate, 750), around(j.a, 1 / rate, 750);
      }
    }
  return points;
}

}  // namespace pushforward
