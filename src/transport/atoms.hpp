// SPDX-License-Identifier: Apache-2.0
//
// The atoms that have mass: what the solver sees of a weighted sample.
//
// An atom of weight 0 can neither send nor receive, but it would make the basis degenerate and, in a plan, an
// arc of no flow. So it is left out, and given its potential afterwards (certificate.hpp).
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::transport {

struct Atoms {
  std::vector<std::size_t> rows;  ///< where they are in the sample
  std::vector<double> weights;    ///< above 0, summing to 1
  std::vector<double> given;      ///< as they came, but 1 each where all are equal
  double sum = 0;                 ///< of `given`

  /// Divides by the sum; empty weights are equal ones.
  Atoms(std::span<const double> given, std::size_t count);
};

/// Both sides' weights in one unit, of which there are `total` on either side. Equal weights, counts and
/// fractions of a power of two are whole numbers of it, so that differences of masses are exact: a plan's
/// flows are such differences.
struct Masses {
  std::vector<double> x, y;
  double total = 1;
};
Masses common_masses(const Atoms& x, const Atoms& y);

/// Refuses weights of another number than `count`, negative or not finite ones, and a sum that is not 1
/// within 1e-6 (with `normalize`: not above 0). `side` names them.
void check_weights(std::string_view side, std::span<const double> weights, std::size_t count, bool normalize);

/// The named rows, in double precision.
Matrix<double> gathered(const Points& points, const std::vector<std::size_t>& rows);

}  // namespace pushforward::transport
