// SPDX-License-Identifier: Apache-2.0
//
// Known densities drawn: p and what is fitted to it, or p, q, the best discriminator D* = p/(p + q) and what
// each place adds to a divergence. Curves on the line, contours in the plane.
#pragma once

#include <string>
#include <vector>

#include "pushforward/density_fit.hpp"
#include "report/drawing.hpp"

namespace pushforward::cli {

struct NamedDensity {
  std::string name;
  KnownDensity density;
};

/// Refuses what is neither on the line nor in the plane, before any work.
void check_drawn_dimension(const std::string& path, std::size_t d);

/// A frame that holds p (a density, or points) and `all` others, in which some of them are drawn at a time.
class DensityScene {
 public:
  DensityScene(const FitTarget& p, const std::vector<KnownDensity>& all);
  /// p grey; on the line each q a curve, in the plane a panel each with q's level lines. `p_name` is for the
  /// legend.
  report::Drawing draw(const std::string& p_name, const std::vector<NamedDensity>& q) const;

 private:
  report::Drawing draw_line(const std::string& p_name, const std::vector<NamedDensity>& q) const;
  report::Drawing draw_plane(const std::string& p_name, const std::vector<NamedDensity>& q) const;

  FitTarget p_;
  report::Box box_;  // on the line: places, and densities from 0 on
};

/// p, q and D*; below them what each place adds to those of the divergences that are sums over places.
report::Drawing draw_pair(const KnownDensity& p, const KnownDensity& q, const std::vector<Spec>& divergences);

}  // namespace pushforward::cli
