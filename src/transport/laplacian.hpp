// SPDX-License-Identifier: Apache-2.0
//
// L x = y for the Laplacian of a weighted graph, (L x)_i = Σ_k w_ik (x_i − x_k), w symmetric and ≥ 0, each
// digit right however small some weights are.
//
// Gaussian elimination of a node adds w_ik w_kj/Σ_l w_kl to w_ij and so leaves a graph: nothing is ever
// subtracted, as pivots are sums of weights [Grassmann, Taksar & Heyman, Oper. Res. 33, 1985, for Markov
// chains; accuracy: O'Cinneide, Numer. Math. 65, 1993]. So a graph of parts that hang together by 1e-20 is
// solved as well as any. x is 0 at one node of each part.
#pragma once

#include <vector>

#include "pushforward/tensor.hpp"

namespace pushforward::entropic {

/// `weights` n × n, of which the lower triangle is read and overwritten; y of sum 0 over each part of the
/// graph.
std::vector<double> solve_laplacian(Matrix<double>& weights, std::vector<double> y);

}  // namespace pushforward::entropic
