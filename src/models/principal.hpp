// SPDX-License-Identifier: Apache-2.0
//
// Principal components of a data set, and the angles between two subspaces.
//
// The principal components are the eigenvectors of the covariance with the largest eigenvalues [Hotelling,
// "Analysis of a complex of statistical variables into principal components", 1933]; the mean squared error
// of the projection on the first k is the sum of the other eigenvalues. With fewer rows than columns the n ×
// n Gram matrix has the same non-zero eigenvalues and is the smaller problem.
#pragma once

#include "models/moments.hpp"

namespace pushforward {

struct Principal {
  Eigen::VectorXd mean;         ///< D
  Eigen::VectorXd eigenvalues;  ///< all min(n, D) of them, largest first, none negative
  EigenMatrix components;       ///< D × k, orthonormal columns; the entry of largest size is positive
};

/// The first k components; RequestError if k is 0 or more than min(n, D), or the data have no rows.
Principal principal_components(const Dataset& data, std::size_t k);

/// Angles in degrees between the column spaces of a and b (D × k each), smallest first [Björck & Golub,
/// "Numerical methods for computing angles between linear subspaces", 1973]: from sines where the cosine
/// loses its digits.
std::vector<double> principal_angles(const EigenMatrix& a, const EigenMatrix& b);

}  // namespace pushforward
