// SPDX-License-Identifier: Apache-2.0
//
// From the dual's numbers at the samples to a function.
//
// u_i + v_j ≤ ‖x_i − y_j‖^p for all pairs, and Σ a u + Σ b v = W_p^p. The minimum over cones
// f(z) = min_j ‖z − y_j‖^p − v_j has f(x_i) ≥ u_i and is feasible with the same v, so nothing is lost
// [McShane, Bull. AMS 40, 1934; Villani, "Topics in Optimal Transportation", 2003, section 1.2]. For p = 1 it
// is a minimum of cones of slope 1: f(y_j) ≤ −v_j, so that E_p f − E_q f ≥ Σ a u + Σ b v = W₁, and ≤ W₁
// because f rises no faster than 1.
//
// Rounding: two points that all but coincide would show a slope of many times 1, an ulp over next to nothing.
// So for p = 1 each value is brought between the cones of the points before it, whose bounds are rounded
// inwards: a change of a few ulps, and the slopes of what is written are at most 1 to the accuracy of a
// division. Cost: n² d/2 for n points.
#include "distances/transport_witness.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "distances/owned_sample.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/transport.hpp"

namespace pushforward {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

double length(std::span<const double> a, std::span<const double> b) {
  double square = 0;
  for (std::size_t k = 0; k < a.size(); ++k) square += (a[k] - b[k]) * (a[k] - b[k]);
  return std::sqrt(square);
}

// Values at earlier points bound the next one: no slope between any two is above 1. On a line the points are
// taken from left to right, where the bounds of the last point are the narrowest and always leave room. In
// the plane and beyond, three points on one ray can leave none, by a few ulps of f: then the middle is taken.
class Cones {
 public:
  explicit Cones(const OwnedSample& points) : points_(points), order_(points.n()) {
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    if (points.d() == 1)
      std::ranges::stable_sort(order_, {}, [&](std::size_t i) { return points_.point(i)[0]; });
  }

  void keep(View<double> f) {
    for (std::size_t rank = 1; rank < order_.size(); ++rank) f(order_[rank], 0) = between_earlier(f, rank);
  }

 private:
  double between_earlier(View<double> f, std::size_t rank) const {
    const std::size_t i = order_[rank];
    double low = -kInfinity, high = kInfinity;
    for (std::size_t earlier = 0; earlier < rank; ++earlier) {
      const std::size_t j = order_[earlier];
      const double l = length(points_.point(i), points_.point(j)) * kInwards;
      const double from = std::nextafter(f(j, 0) - l, kInfinity),
                   to = std::nextafter(f(j, 0) + l, -kInfinity);
      if (from > to) return f(j, 0);  // nearer than an ulp of f: no slope at all
      low = std::max(low, from), high = std::min(high, to);
    }
    return low <= high ? std::clamp(f(i, 0), low, high) : std::midpoint(low, high);
  }

  static constexpr double kInwards = 1 - 16 * std::numeric_limits<double>::epsilon();
  const OwnedSample& points_;
  std::vector<std::size_t> order_;
};

class TransportWitness final : public Witness {
 public:
  TransportWitness(const Sample& x, const Sample& y, double p)
      : y_(y), p_(p), solved_(solve_transport(x, y, {.p = p})) {}

  void values(const Points& at, View<double> out) const override {
    parallel_for(at.n(), 1 + 20'000 / y_.n(), [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) out(i, 0) = potential(row_of(at, i));
    });
    if (p_ == 1) Cones(OwnedSample({at})).keep(out);
  }

  Fields about() const override {
    Fields fields = {{"value", p_ == 1 ? solved_.value : std::pow(std::max(0.0, solved_.value), 1 / p_)},
                     {"value_is", p_ == 1 ? "W1, exact" : "W_p, exact"},
                     {"over", p_ == 1 ? "functions of slope at most 1 (Kantorovich-Rubinstein)"
                                      : "potentials f(x) + g(y) <= cost(x, y) (Kantorovich)"}};
    if (p_ == 1) fields.emplace_back("lipschitz", 1.0);
    fields.emplace_back("power", solved_.value);
    fields.emplace_back("dual", solved_.dual);
    fields.emplace_back("gap", solved_.gap);
    return fields;
  }

 private:
  double potential(std::span<const double> z) const {
    double least = kInfinity;
    for (std::size_t j = 0; j < y_.n(); ++j) {
      const double l = length(z, y_.point(j));
      least = std::min(least, (p_ == 1 ? l : std::pow(l, p_)) - solved_.v[j]);
    }
    return least;
  }

  OwnedSample y_;
  double p_;
  TransportResult solved_;
};

}  // namespace

std::unique_ptr<Witness> transport_witness(const Sample& x, const Sample& y, double p) {
  return std::make_unique<TransportWitness>(x, y, p);
}

}  // namespace pushforward
