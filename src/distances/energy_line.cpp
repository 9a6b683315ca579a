// SPDX-License-Identifier: Apache-2.0
//
// The energy distance in one dimension is 2∫(F − G)² dt, F and G the distribution functions [Székely,
// "E-statistics", 2002]: sort the pooled points, walk along the line, and no pair is ever looked at.
//
// With signed weights s_l = w_l for points of x and −v_l for points of y, the walk knows S = Σ_{z_l ≤ t} s_l
// = F − G, so
//   value                2 Σ (gap)(S over the gap)²            a sum of squares: no cancellation
//   d value / d x_i      −2 w_i Σ_l s_l sgn(x_i − z_l)         from S left and right of x_i (0 among equals)
//   d value / d w_i      −2 Σ_l s_l |x_i − z_l|                from S and Σ s_l z_l, z counted from the
//   middle
#include <algorithm>
#include <cmath>
#include <vector>

#include "distances/mmd_estimators.hpp"

namespace pushforward {
namespace {

struct Atom {
  double at, signed_weight;
  std::size_t index;  // in x; kOther for points of y
};
constexpr std::size_t kOther = static_cast<std::size_t>(-1);

std::vector<Atom> sorted_atoms(const Sample& x, const Sample& y) {
  std::vector<Atom> atoms;
  atoms.reserve(x.n() + y.n());
  for (std::size_t i = 0; i < x.n(); ++i)
    atoms.push_back(
        {x.points.at(i, 0), x.weights.empty() ? 1 / static_cast<double>(x.n()) : x.weights[i], i});
  for (std::size_t j = 0; j < y.n(); ++j)
    atoms.push_back(
        {y.points.at(j, 0), -(y.weights.empty() ? 1 / static_cast<double>(y.n()) : y.weights[j]), kOther});
  // Equal points keep their order of entry, so that the same input gives the same bits.
  std::stable_sort(atoms.begin(), atoms.end(), [](const Atom& a, const Atom& b) { return a.at < b.at; });
  return atoms;
}

}  // namespace

double energy_on_line(const Sample& x, const Sample& y, const Gradient& grad) {
  const std::vector<Atom> atoms = sorted_atoms(x, y);
  const double middle = atoms[atoms.size() / 2].at;
  double all = 0, all_moment = 0;
  for (const Atom& atom : atoms)
    all += atom.signed_weight, all_moment += atom.signed_weight * (atom.at - middle);
  double value = 0, below = 0, below_moment = 0;
  for (std::size_t first = 0; first < atoms.size();) {
    std::size_t last = first;
    const double at = atoms[first].at, t = at - middle;
    double here = 0;
    for (; last < atoms.size() && atoms[last].at == at; ++last) here += atoms[last].signed_weight;
    const double above = all - below - here, above_moment = all_moment - below_moment - here * t;
    for (std::size_t a = first; a < last; ++a) {
      const std::size_t i = atoms[a].index;
      if (i == kOther) continue;
      if (grad.points.wanted()) grad.points(i, 0) = -2 * atoms[a].signed_weight * (below - above);
      if (!grad.weights.empty())
        grad.weights[i] = -2 * ((below * t - below_moment) + (above_moment - above * t));
    }
    below += here, below_moment += here * t;
    if (last < atoms.size()) value += 2 * (atoms[last].at - at) * below * below;
    first = last;
  }
  return value;
}

}  // namespace pushforward
