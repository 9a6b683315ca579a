// SPDX-License-Identifier: Apache-2.0
//
// The gradient of a transport cost in the points of the first sample, with the plan held still.
//
// The cost is a minimum over plans, so where the optimal plan is unique its derivative is that of Σ f c at
// that plan [Danskin 1967]; elsewhere this is one of its subgradients.
#include <algorithm>
#include <cmath>

#include "pushforward/transport.hpp"

namespace pushforward {
namespace {

template <class X, class Y>
void add_pull(View<const X> x, View<const Y> y, double p, const TransportArc& arc, double factor,
              View<double> out) {
  const X* from = x.row(arc.source);
  const Y* to = y.row(arc.sink);
  const auto difference = [&](std::size_t k) {
    return static_cast<double>(from[k]) - static_cast<double>(to[k]);
  };
  double square = 0;
  for (std::size_t k = 0; k < x.cols; ++k) square += difference(k) * difference(k);
  if (!(square > 0)) return;
  const double weight = factor * arc.mass * p * (p == 2 ? 1 : std::pow(square, p / 2 - 1));
  for (std::size_t k = 0; k < x.cols; ++k) out(arc.source, k) += weight * difference(k);
}

}  // namespace

void transport_gradient(const Sample& x, const Sample& y, double p, std::span<const TransportArc> plan,
                        double factor, View<double> out) {
  std::fill_n(out.data, out.size(), 0.0);
  std::visit(
      [&](auto from, auto to) {
        for (const TransportArc& arc : plan) add_pull(from, to, p, arc, factor, out);
      },
      x.points.data, y.points.data);
}

}  // namespace pushforward
