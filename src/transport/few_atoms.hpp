// SPDX-License-Identifier: Apache-2.0
//
// Many sources, a few sinks: exactly, in time that grows with the number of sources times its logarithm.
//
// A network simplex moves one source at a time through a tree of all of them, which is quadratic for a
// million sources and three sinks. Here the graph has only the k sinks as nodes [Tokuyama & Nakano,
// "Efficient algorithms for the Hitchcock transportation problem", SIAM J. Comput. 24, 1995]. Every source
// starts at the sink of smallest c_ij − v_j, whatever that sink can take; then mass flows from sinks that
// have too much to those that have too little along shortest paths, where the arc p → q costs what it costs
// to move the cheapest source that is at p: min_i c_iq − c_ip, the top of a heap. Shortest paths keep every
// source at a sink where c_ij − v_j is smallest [successive shortest paths: Ahuja, Magnanti & Orlin, "Network
// Flows", 1993, chapter 9], so the end is optimal.
//
// v comes from the same problem with every eighth source, and so on down to a thousand: then what is left to
// move is the sampling error, some √N sources.
#pragma once

#include "transport/solution.hpp"

namespace pushforward::transport {

/// Whether n sources and m sinks are few against many.
bool few_against_many(std::size_t n, std::size_t m);

/// The optimal plan and its potentials; either side may be the few.
Solution solve_few(const Problem& problem);

}  // namespace pushforward::transport
