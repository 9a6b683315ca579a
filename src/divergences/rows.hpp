// SPDX-License-Identifier: Apache-2.0
// The rows of the registry, one function each, defined beside the formula that they describe.
#pragma once

#include "pushforward/divergence.hpp"

namespace pushforward::known {

DivergenceEntry total_variation();
DivergenceEntry hellinger();
DivergenceEntry squared_euclidean();
DivergenceEntry chi_square();
DivergenceEntry kullback_leibler();
DivergenceEntry reverse_kullback_leibler();
DivergenceEntry jensen_shannon();
DivergenceEntry root_jensen_shannon();
DivergenceEntry cross_entropy();
DivergenceEntry renyi();
DivergenceEntry alpha();
DivergenceEntry f_divergence();
DivergenceEntry wasserstein_1();
DivergenceEntry wasserstein_2();
DivergenceEntry wasserstein_p();
DivergenceEntry energy();
DivergenceEntry kernel_discrepancy();

}  // namespace pushforward::known
