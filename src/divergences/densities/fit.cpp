// SPDX-License-Identifier: Apache-2.0
//
// From every start to its minimum; what is the same minimum is told once.
//
// A start lies at the target's moments, at each of its parts, at its quantiles (fit_outline.cpp). A
// stationary point that is a saddle is left to both sides. Two minima are one if the value does not rise
// between them: so a valley, along which components may be exchanged or split, counts once.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "divergences/densities/fit_family.hpp"
#include "divergences/densities/fit_objective.hpp"
#include "divergences/densities/minimize.hpp"
#include "pushforward/density_fit.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

struct Basin {
  Minimum minimum;
  std::size_t starts = 1;
};

class Search {
 public:
  Search(const FitFamily& family, const FitObjective& objective) : family_(family) {
    f_ = [this, &objective](const std::vector<double>& theta) {
      ++evaluations_;
      // So far from the target in its own units is a run away, not an optimum.
      for (double part : theta)
        if (!(std::abs(part) < 1e4)) return HUGE_VAL;
      return objective(family_.density(theta));
    };
  }

  void from(const std::vector<double>& start) {
    Minimum found = minimize(f_, start);
    if (!std::isfinite(found.value)) return;
    if (const std::vector<double> way = way_down(f_, found); !way.empty()) {
      for (double side : {0.3, -0.3}) {
        std::vector<double> beside = found.at;
        for (std::size_t k = 0; k < way.size(); ++k) beside[k] += side * way[k];
        if (Minimum lower = minimize(f_, beside); lower.value < found.value)
          keep(std::move(lower), found.path);
      }
      return;
    }
    keep(std::move(found), {});
  }

  std::vector<Basin>& basins() {
    std::stable_sort(basins_.begin(), basins_.end(), [](const Basin& a, const Basin& b) {
      return a.minimum.value < b.minimum.value - 1e-10;
    });
    // A plateau far from everything, or a run to a bound, is none, unless there is nothing else.
    for (std::size_t i = basins_.size(); i-- > 1;)
      if (!holds(basins_[i].minimum)) basins_.erase(basins_.begin() + static_cast<long>(i));
    return basins_;
  }
  std::size_t evaluations() const { return evaluations_; }

 private:
  void keep(Minimum found, const std::vector<std::vector<double>>& before) {
    found.path.insert(found.path.begin(), before.begin(), before.end());
    for (Basin& basin : basins_)
      if (same(basin.minimum, found)) {
        ++basin.starts;
        const bool longer = begins_worse(found, basin.minimum);
        std::vector<std::vector<double>> path = longer ? found.path : basin.minimum.path;
        if (found.value < basin.minimum.value) basin.minimum = std::move(found);
        basin.minimum.path = std::move(path);
        return;
      }
    basins_.push_back({std::move(found)});
  }
  bool begins_worse(const Minimum& a, const Minimum& b) const {
    return f_(a.path.front()) > f_(b.path.front());
  }
  // No hill between them.
  bool same(const Minimum& a, const Minimum& b) const {
    const double most = std::max(a.value, b.value), room = 1e-9 * (1 + std::abs(most));
    for (double t : {0.5, 0.25, 0.75, 0.125, 0.875}) {
      std::vector<double> between = a.at;
      for (std::size_t k = 0; k < between.size(); ++k) between[k] += t * (b.at[k] - a.at[k]);
      if (!(f_(between) <= most + room)) return false;
    }
    return true;
  }
  // In no direction flat, or falling.
  bool holds(const Minimum& minimum) const {
    for (std::size_t k = 0; k < minimum.at.size(); ++k)
      for (double side : {0.05, -0.05}) {
        std::vector<double> beside = minimum.at;
        beside[k] += side;
        if (!(f_(beside) > minimum.value + 1e-11)) return false;
      }
    return true;
  }

  const FitFamily& family_;
  Objective f_;
  std::vector<Basin> basins_;
  std::size_t evaluations_ = 0;
};

// The same density, however the search came to it: components exchanged, or nothing but rounding between.
bool is_same(const FitParameters& a, const FitParameters& b) {
  return std::ranges::equal(a, b, [](const auto& p, const auto& q) {
    return std::abs(p.second - q.second) <= 1e-6 * (1e-3 + std::abs(p.second));
  });
}

// Divergences that are finite somewhere on the way.
std::string finite_ones(const FitTarget& target, const KnownDensity& q, const DensityOptions& options) {
  std::vector<std::string> names;
  for (const char* name : {"kl", "reverse-kl", "js", "tv", "hellinger", "l2", "w1", "w2", "energy"}) {
    try {
      if (std::isfinite((*make_fit_objective(target, {name}, options))(q))) names.emplace_back(name);
    } catch (const RequestError&) {
    }
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<KnownDensity> path_of(const FitFamily& family, const std::vector<std::vector<double>>& path) {
  constexpr std::size_t kMost = 60;
  std::vector<KnownDensity> densities;
  const std::size_t n = path.size();
  for (std::size_t i = 0; i < std::min(n, kMost); ++i)
    densities.push_back(family.density(path[n <= kMost ? i : i * (n - 1) / (kMost - 1)]));
  return densities;
}

}  // namespace

DensityFit fit_density(const FitTarget& target, const Spec& family, const Spec& divergence,
                       const DensityOptions& options) {
  if (const auto* rows = std::get_if<Matrix<double>>(&target);
      rows && (rows->rows() == 0 || rows->cols() == 0))
    throw RequestError(Complaint{"points to fit",
                                 fmt::format("{} rows of {} numbers", rows->rows(), rows->cols()),
                                 "at least one row of one number"});
  const std::size_t parts = parts_of_family(family);
  const Outline outline = outline_of(target, parts);
  const auto made = make_fit_family(family, outline);
  const auto objective = make_fit_objective(target, divergence, options);
  Search search(*made, *objective);
  const auto starts = starting_humps(outline, parts);
  for (const std::vector<Hump>& humps : starts) search.from(made->theta(humps));
  std::vector<Basin>& basins = search.basins();
  if (basins.empty()) {
    const std::string others = finite_ones(target, made->density(made->theta(starts.front())), options);
    throw RequestError(Complaint{
        "--by " + divergence.text(),
        "a divergence that is infinite for every member of family " + family.text() + " that was tried",
        others.empty() ? "another family" : others + ", which are finite here",
        "one of P and Q has mass, or tails, where the other has none"});
  }
  DensityFit fit;
  for (const Basin& basin : basins) {
    KnownDensity q = made->density(basin.minimum.at);
    FitParameters parameters = parameters_of(q);
    const auto told = std::ranges::find_if(
        fit.optima, [&](const LocalOptimum& optimum) { return is_same(optimum.parameters, parameters); });
    if (told != fit.optima.end()) {
      told->starts += basin.starts;
      continue;
    }
    DensityReading reading = objective->reading(q);
    fit.optima.push_back({std::move(q), std::move(parameters), std::move(reading), basin.starts});
  }
  fit.path = path_of(*made, basins.front().minimum.path);
  fit.objective = objective->meaning();
  fit.evaluations = search.evaluations();
  return fit;
}

}  // namespace pushforward
