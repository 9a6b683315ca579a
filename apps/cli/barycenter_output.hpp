// SPDX-License-Identifier: Apache-2.0
//
// A barycentre as a file: points with weights, masses on a grid, or a picture of either.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pushforward/barycenter.hpp"
#include "pushforward/shape.hpp"

namespace pushforward::cli {

/// Refuses other endings than .npz, .npy, .csv, .tsv, .png and .svg, a picture of points that are not of the
/// plane, and a file that exists, unless `force`.
void check_points_output(const std::string& path, RowShape shape, bool force);
/// NPZ: points, weights. NPY, CSV, TSV: a row a point, its weight last. A picture: discs as large as their
/// weights, the measures' paler below.
void write_points(const std::string& path, const Barycenter& found, std::span<const Sample> measures,
                  const std::vector<std::string>& columns);

void check_masses_output(const std::string& path, bool force);
/// NPZ: masses. NPY, CSV, TSV: a row of cells a line. A picture: an image, black where there is nothing; of a
/// line of cells, bars, beside those of the few histograms that it is made of.
void write_masses(const std::string& path, const std::vector<double>& masses, RowShape shape,
                  View<const double> histograms);

}  // namespace pushforward::cli
