// SPDX-License-Identifier: Apache-2.0
//
// Where a fit begins: the target's moments, its parts, and every way to spend K components on them.
//
// A known density's parts are its components; a sample's are clusters (Lloyd's iteration from points that
// are far from each other: Gonzalez, Theor. Comput. Sci. 38 (1985) 293–306). Everything is a function of the
// target, so a fit is repeatable.
#include <algorithm>
#include <cmath>

#include "divergences/densities/fit_family.hpp"
#include "divergences/densities/line_families.hpp"
#include "pushforward/error.hpp"

#include <fmt/format.h>

namespace pushforward {
namespace {

constexpr double kQuantiles[] = {0.05, 0.25, 0.5, 0.75, 0.95};
constexpr std::size_t kMostStarts = 24;

// A part without moments (a Student of few degrees) by its centre and width.
Hump hump_of(const LineComponent& c, double weight) {
  Hump hump{weight, {centre_of(c)}, Matrix<double>(1, 1)};
  const double variance = variance_of(c);
  hump.covariance(0, 0) = std::isfinite(variance) ? variance : width_of(c) * width_of(c);
  return hump;
}

Hump hump_of(const SpaceDensity::Component& c) {
  Hump hump{c.weight, {}, c.covariance};
  for (std::size_t k = 0; k < c.axes.size(); ++k) {
    const Hump own = hump_of(c.axes[k], 1);
    hump.mean.push_back(own.mean[0]);
    if (c.axes[k].family != LineComponent::Family::normal) hump.covariance(k, k) = own.covariance(0, 0);
  }
  return hump;
}

Hump merged(const std::vector<Hump>& parts) {
  const std::size_t d = parts[0].mean.size();
  Hump whole{0, std::vector<double>(d, 0.0), Matrix<double>(d, d)};
  for (const Hump& part : parts) whole.weight += part.weight;
  for (const Hump& part : parts)
    for (std::size_t k = 0; k < d; ++k) whole.mean[k] += part.weight / whole.weight * part.mean[k];
  for (const Hump& part : parts)
    for (std::size_t i = 0; i < d; ++i)
      for (std::size_t j = 0; j < d; ++j)
        whole.covariance(i, j) +=
            part.weight / whole.weight *
            (part.covariance(i, j) + (part.mean[i] - whole.mean[i]) * (part.mean[j] - whole.mean[j]));
  return whole;
}

double squared(const double* a, const double* b, std::size_t d) {
  double sum = 0;
  for (std::size_t k = 0; k < d; ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return sum;
}

Hump moments_of(const Matrix<double>& rows, const std::vector<std::size_t>& which) {
  const std::size_t d = rows.cols();
  const double n = static_cast<double>(which.size());
  Hump hump{n / static_cast<double>(rows.rows()), std::vector<double>(d, 0.0), Matrix<double>(d, d)};
  for (std::size_t i : which)
    for (std::size_t k = 0; k < d; ++k) hump.mean[k] += rows(i, k) / n;
  for (std::size_t i : which)
    for (std::size_t a = 0; a < d; ++a)
      for (std::size_t b = 0; b < d; ++b)
        hump.covariance(a, b) += (rows(i, a) - hump.mean[a]) * (rows(i, b) - hump.mean[b]) / n;
  return hump;
}

// k clusters; those of too few points to have a spread are left out.
std::vector<Hump> clusters(const Matrix<double>& rows, std::size_t k) {
  const std::size_t n = rows.rows(), d = rows.cols();
  std::vector<std::size_t> centres = {0}, nearest(n, 0);
  std::vector<double> apart(n, HUGE_VAL);
  while (centres.size() < std::min(k, n)) {
    for (std::size_t i = 0; i < n; ++i)
      apart[i] = std::min(apart[i], squared(rows.row(i), rows.row(centres.back()), d));
    centres.push_back(static_cast<std::size_t>(std::max_element(apart.begin(), apart.end()) - apart.begin()));
  }
  std::vector<std::vector<double>> means;
  for (std::size_t c : centres) means.emplace_back(rows.row(c), rows.row(c) + d);
  std::vector<Hump> found;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::vector<std::size_t>> members(means.size());
    for (std::size_t i = 0; i < n; ++i) {
      std::size_t best = 0;
      for (std::size_t c = 1; c < means.size(); ++c)
        if (squared(rows.row(i), means[c].data(), d) < squared(rows.row(i), means[best].data(), d)) best = c;
      members[best].push_back(i);
    }
    found.clear();
    for (std::size_t c = 0; c < means.size(); ++c) {
      if (members[c].size() < d + 2) continue;
      found.push_back(moments_of(rows, members[c])), means[c] = found.back().mean;
    }
  }
  return found;
}

Outline outline_of(const Matrix<double>& rows, std::size_t k) {
  if (rows.rows() < 2)
    throw RequestError(Complaint{"fit", fmt::format("{} points", rows.rows()), "two or more"});
  Outline outline;
  outline.d = rows.cols();
  std::vector<std::size_t> all(rows.rows());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  outline.whole = moments_of(rows, all);
  outline.parts = clusters(rows, std::max<std::size_t>(2, k));
  if (outline.d > 1) return outline;
  std::vector<double> sorted(rows.data(), rows.data() + rows.size());
  std::sort(sorted.begin(), sorted.end());
  for (double u : kQuantiles)
    outline.quantiles.push_back(sorted[static_cast<std::size_t>(u * static_cast<double>(sorted.size() - 1))]);
  outline.low = sorted.front(), outline.high = sorted.back();
  return outline;
}

Hump around(const Outline& outline, double place, double share) {
  Hump hump = outline.whole;
  hump.mean[0] = place, hump.covariance(0, 0) *= share * share;
  return hump;
}

// Every choice of k of the parts, in order.
void choose(const std::vector<Hump>& parts, std::size_t k, std::size_t from, std::vector<Hump>& chosen,
            std::vector<std::vector<Hump>>& out) {
  if (out.size() >= kMostStarts) return;
  if (chosen.size() == k) return out.push_back(chosen);
  for (std::size_t i = from; i < parts.size(); ++i) {
    chosen.push_back(parts[i]);
    choose(parts, k, i + 1, chosen, out);
    chosen.pop_back();
  }
}

// A hump cut in k along its longest coordinate.
std::vector<Hump> cut(const Hump& hump, std::size_t k) {
  std::size_t axis = 0;
  for (std::size_t i = 1; i < hump.mean.size(); ++i)
    if (hump.covariance(i, i) > hump.covariance(axis, axis)) axis = i;
  const double sd = std::sqrt(hump.covariance(axis, axis));
  std::vector<Hump> pieces(k, hump);
  for (std::size_t i = 0; i < k; ++i) {
    const double at = k == 1 ? 0 : 2 * static_cast<double>(i) / static_cast<double>(k - 1) - 1;
    pieces[i].weight /= static_cast<double>(k), pieces[i].mean[axis] += at * sd;
    for (double& entry : pieces[i].covariance.span()) entry *= k == 1 ? 1 : 0.3;
  }
  return pieces;
}

// The parts in k groups of neighbours, by where they are cut.
void group(const std::vector<Hump>& parts, std::size_t k, std::vector<std::vector<Hump>>& out) {
  if (parts.size() < k) return;
  std::vector<Hump> sorted = parts;
  std::sort(sorted.begin(), sorted.end(), [](const Hump& a, const Hump& b) { return a.mean[0] < b.mean[0]; });
  std::vector<bool> cut_before(sorted.size(), false);
  std::fill(cut_before.end() - static_cast<long>(k - 1), cut_before.end(), true);
  std::sort(cut_before.begin() + 1, cut_before.end());
  do {
    std::vector<Hump> groups;
    std::vector<Hump> open = {sorted[0]};
    for (std::size_t i = 1; i < sorted.size(); ++i) {
      if (cut_before[i]) groups.push_back(merged(open)), open.clear();
      open.push_back(sorted[i]);
    }
    groups.push_back(merged(open));
    out.push_back(std::move(groups));
  } while (out.size() < kMostStarts && std::next_permutation(cut_before.begin() + 1, cut_before.end()));
}

}  // namespace

Outline outline_of(const FitTarget& target, std::size_t k) {
  if (const auto* rows = std::get_if<Matrix<double>>(&target)) return outline_of(*rows, k);
  const auto& density = std::get<KnownDensity>(target);
  Outline outline;
  outline.d = dimension_of(density);
  if (const auto* line = std::get_if<LineDensity>(&density)) {
    outline.low = HUGE_VAL, outline.high = -HUGE_VAL;
    for (const LineComponent& c : line->components()) {
      outline.parts.push_back(hump_of(c, c.weight));
      outline.low = std::min(outline.low, support_of(c).low);
      outline.high = std::max(outline.high, support_of(c).high);
    }
    for (double u : kQuantiles) outline.quantiles.push_back(line->quantile(u, 1 - u));
  } else {
    const SpaceDensity space = as_space(density);
    for (const SpaceDensity::Component& c : space.components()) outline.parts.push_back(hump_of(c));
  }
  outline.whole = merged(outline.parts);
  return outline;
}

std::vector<std::vector<Hump>> starting_humps(const Outline& outline, std::size_t k) {
  std::vector<std::vector<Hump>> starts = {cut(outline.whole, k)};
  std::vector<Hump> chosen;
  if (k == 1) {
    for (const Hump& part : outline.parts)
      if (starts.size() < kMostStarts / 2) starts.push_back({part});
    for (double place : outline.quantiles) starts.push_back({around(outline, place, 0.3)});
    if (outline.d == 1) {
      starts.push_back({around(outline, outline.whole.mean[0], 1.6)});
      if (std::isfinite(outline.high - outline.low))
        starts.push_back(
            {around(outline, outline.low + (outline.high - outline.low) / 2,
                    (outline.high - outline.low) / std::sqrt(11.9 * outline.whole.covariance(0, 0)))});
    }
    return starts;
  }
  choose(outline.parts, k, 0, chosen, starts);
  group(outline.parts, k, starts);
  for (std::size_t i = 0; i < outline.parts.size() && starts.size() < kMostStarts; ++i) {
    starts.push_back(cut(outline.parts[i], k));
    // One part cut, the others as they are, as far as components go.
    std::vector<Hump> mixed =
        cut(outline.parts[i], std::max<std::size_t>(1, k + 1 - std::min(k, outline.parts.size())));
    for (std::size_t j = 0; j < outline.parts.size() && mixed.size() < k; ++j)
      if (j != i) mixed.push_back(outline.parts[j]);
    if (mixed.size() == k) starts.push_back(std::move(mixed));
  }
  return starts;
}

}  // namespace pushforward
