// SPDX-License-Identifier: Apache-2.0
//
// Kullback–Leibler divergence between densities that are known only by samples, from neighbour distances.
//
// The density at x_i is estimated by the share k/n of points in the ball that just reaches the k-th
// neighbour; in the ratio of two such densities k and the ball's volume cancel, and what is left is
//
//   KL(X‖Y) ≈ (d/n) Σ_i ln(ν_k(i)/ρ_k(i)) + ln(m/(n−1)),
//
// ρ_k(i) the distance of x_i to its k-th nearest other point of X, ν_k(i) to its k-th nearest point of Y
// [Wang, Kulkarni & Verdú, "Divergence estimation for multidimensional densities via k-nearest-neighbor
// distances", IEEE Trans. Inf. Theory 55(5), 2009, eq. 5]. The biases of the two logarithms cancel, so it is
// consistent for any fixed k; a larger k trades variance for bias. It may come out below 0 although KL does
// not.
//
// Repeated points have no density: where a ρ or a ν is 0 its logarithm is not a number to average, and the
// request is refused with the row. (Adding noise silently, as some libraries do, answers another question.)
//
// Gradient in X: ln ρ_k(i) depends on x_i and on the neighbour x_j that it is the distance to, with
// ∂ ln ρ/∂x_i = (x_i − x_j)/ρ² = −∂ ln ρ/∂x_j; ν likewise on x_i alone. In Y: ν_k(i) alone depends on the y_j
// that it is the distance to, ∂ ln ν/∂y_j = (y_j − x_i)/ν², so that each point of the data draws its k-th
// nearest y: a generator trained on it covers the data. Both jump where a neighbour changes.
//
// Cost: that of two neighbour searches.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <boost/math/special_functions/digamma.hpp>

#include "core/whole_number.hpp"
#include "distances/distance_row.hpp"
#include "distances/pool_scale.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/neighbours.hpp"

namespace pushforward {
namespace {

// Distances to the k-th neighbour, which must be above 0.
std::vector<double> last_distances(std::string_view where, const Neighbours& found, std::size_t k,
                                   const char* among) {
  const std::size_t n = found.distance.rows();
  std::vector<double> last(n);
  std::size_t zeros = 0, first = 0;
  for (std::size_t i = 0; i < n; ++i) {
    last[i] = found.distance(i, 0);
    if (last[i] > 0) continue;
    if (zeros++ == 0) first = i;
  }
  if (zeros > 0)
    throw RequestError(Complaint{
        std::string(where),
        fmt::format("{} rows (first: row {}, counted from 0) with {} or more copies in the {} sample", zeros,
                    first, k, among),
        "samples of a density, which do not repeat",
        "raise k above the number of copies, or use histogram, energy or mmd"});
  return last;
}

double mean_log(std::span<const double> distances) {
  double sum = 0;
  for (double distance : distances) sum += std::log(distance);
  return sum / static_cast<double>(distances.size());
}

Facts knn_facts(std::size_t k) { return {.gradient_points = true, .smallest_n = k + 1}; }

class NeighbourDivergence : public Distance {
 public:
  explicit NeighbourDivergence(std::size_t k) : k_(k) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient& grad) const override {
    const auto in_x = [&](const Neighbours& own, const Neighbours& other) {
      if (grad.points.wanted()) write_gradient(x, y, own, other, grad.points);
    };
    return read(x, y, in_x);
  }

  Reading measure_in_y(const Sample& x, const Sample& y, const Gradient& grad) const override {
    const auto in_y = [&](const Neighbours&, const Neighbours& other) {
      if (grad.points.wanted()) write_gradient_in_y(x, y, other, grad.points);
    };
    return read(x, y, in_y);
  }

 private:
  template <class Differentiate>
  Reading read(const Sample& x, const Sample& y, const Differentiate& differentiate) const {
    check_samples("kl-knn", x, y, knn_facts(k_));
    const Neighbours own = nearest_neighbours_within(x.points, k_, k_);
    const Neighbours other = nearest_neighbours(x.points, y.points, k_, k_);
    const std::vector<double> rho = last_distances("kl-knn", own, k_, "first"),
                              nu = last_distances("kl-knn", other, k_, "second");
    const double n = static_cast<double>(x.n()), m = static_cast<double>(y.n()),
                 d = static_cast<double>(x.d());
    Reading reading;
    reading.value = d * (mean_log(nu) - mean_log(rho)) + std::log(m / (n - 1));
    reading.estimator = "k nearest neighbours (Wang–Kulkarni–Verdú)";
    reading.unit = "nats";
    reading.options = {{"k", k_}};
    differentiate(own, other);
    return reading;
  }

  // A mean of logarithms of distances, each right to some units in its last place: an absolute error.
  std::optional<Rounding> rounding(const Sample& x, const Sample& y) const override {
    constexpr double kUnits = 64;
    return Rounding{kUnits * pool_scale(x, y).epsilon * static_cast<double>(x.d())};
  }

  void write_gradient(const Sample& x, const Sample& y, const Neighbours& own, const Neighbours& other,
                      View<double> out) const {
    std::fill_n(out.data, out.size(), 0.0);
    const double share = static_cast<double>(x.d()) / static_cast<double>(x.n());
    for (std::size_t i = 0; i < x.n(); ++i) {
      const std::size_t near = own.index(i, 0), far = other.index(i, 0);
      const double rho = own.distance(i, 0), nu = other.distance(i, 0);
      for (std::size_t c = 0; c < x.d(); ++c) {
        const double inner = share * ((x.points.at(i, c) - x.points.at(near, c)) / rho) / rho;
        out(i, c) += share * ((x.points.at(i, c) - y.points.at(far, c)) / nu) / nu - inner;
        out(near, c) += inner;
      }
    }
  }

  void write_gradient_in_y(const Sample& x, const Sample& y, const Neighbours& other,
                           View<double> out) const {
    std::fill_n(out.data, out.size(), 0.0);
    const double share = static_cast<double>(x.d()) / static_cast<double>(x.n());
    for (std::size_t i = 0; i < x.n(); ++i) {
      const std::size_t far = other.index(i, 0);
      const double nu = other.distance(i, 0);
      for (std::size_t c = 0; c < x.d(); ++c)
        out(far, c) += share * ((y.points.at(far, c) - x.points.at(i, c)) / nu) / nu;
    }
  }

  std::size_t k_;
};

double log_unit_ball(double d) { return d / 2 * std::log(M_PI) - std::lgamma(d / 2 + 1); }

}  // namespace

double neighbour_entropy(const Points& points, std::size_t k) {
  const Sample sample{points};
  check_samples("entropy", sample, sample, knn_facts(std::max<std::size_t>(1, k)));
  const std::vector<double> rho =
      last_distances("entropy", nearest_neighbours_within(points, k, k), k, "same");
  const double n = static_cast<double>(points.n()), d = static_cast<double>(points.d());
  return boost::math::digamma(n) - boost::math::digamma(static_cast<double>(k)) + log_unit_ball(d) +
         d * mean_log(rho);
}

const OptionTable<KlKnnOptions>& option_table(const KlKnnOptions&) {
  static const auto table = OptionTable<KlKnnOptions>("kl-knn").add(
      "k", &KlKnnOptions::k, "which neighbour: a larger k has less variance and more bias",
      count_of(1, kMostUnits));
  return table;
}

std::unique_ptr<Distance> make_distance(const KlKnnOptions& options, std::uint64_t) {
  option_table(options).check(options);
  return std::make_unique<NeighbourDivergence>(options.k);
}

DistanceEntry kl_knn_entry() {
  const OptionTable<KlKnnOptions>& table = option_table(KlKnnOptions{});
  DistanceEntry row;
  row.name = "kl-knn";
  row.title = "Kullback–Leibler divergence KL(p‖q) by nearest neighbours, X of p and Y of q";
  row.formula =
      "(d/n) Σ_i ln(ν_k(i)/ρ_k(i)) + ln(m/(n−1)); ρ_k, ν_k: distance of x_i to its k-th neighbour in X, in Y";
  row.source = "Wang, Kulkarni & Verdú, IEEE Trans. Inf. Theory 55(5), 2009, eq. 5";
  row.options = table.rows();
  row.facts = knn_facts(table.defaults().k);
  row.facts_of = from_table(table, [](const KlKnnOptions& o) { return knn_facts(o.k); });
  row.examples = {
      {.options = "k=1",
       .d = 1,
       .x = {0, 1, 3},
       .y = {0.5, 5},
       .value = -2 * std::log(2.0) / 3,
       .by_hand = "ρ = 1, 1, 2; ν = ½, ½, 2; (1/3)(ln ½ + ln ½ + ln 1) + ln(2/2) = −(2/3) ln 2"},
      {.options = "k=2",
       .d = 2,
       .x = {0, 0, 3, 4, 0, 4},
       .y = {6, 8, 0, 1, 3, 8},
       .value = std::log(3.285) / 3 + std::log(1.5),
       .by_hand =
           "ρ₂ = 5, 5, 4; ν₂ = √73, √18, 5; (2/3) ln(√73/5·√18/5·5/4) + ln(3/2) = (1/3) ln 3.285 + ln 1.5"}};
  row.make = distance_from(table);
  return row;
}

}  // namespace pushforward
