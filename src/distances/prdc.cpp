// SPDX-License-Identifier: Apache-2.0
//
// Precision, recall, density and coverage: how good generated points are, and how much of the data they
// reach.
//
// The support of each sample is taken as the union of closed balls around its points that reach the k-th
// nearest other point. With X the data and Y what is generated,
//
//   precision = share of Y inside X's balls,   recall = share of X inside Y's balls
//     [Kynkäänniemi, Karras, Laine, Lehtinen & Aila, "Improved precision and recall metric", NeurIPS 2019,
//     eq. 1–3],
//   density  = (1/(k·m)) Σ_j #{balls of X that hold y_j},   coverage = share of X whose own ball holds some
//   y_j
//     [Naeem, Oh, Uh, Choi & Yoo, "Reliable fidelity and diversity metrics", ICML 2020, eq. 3, 4].
//
// Density forgives an outlier in X, whose one huge ball makes precision optimistic; coverage does the same
// for recall. Four numbers that answer different questions have no sum, so there is no value, only parts.
// Balls are closed: a point that repeats k times or more has a ball of radius 0, which holds its copies.
//
// Cost: three neighbour searches and two counts of balls, exact, without an n × m matrix.
#include <algorithm>

#include "core/whole_number.hpp"
#include "distances/distance_row.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/neighbours.hpp"

namespace pushforward {
namespace {

Facts prdc_facts(std::size_t k) { return {.smallest_n = k + 1, .single_value = false}; }

std::vector<double> radii_of(const Points& points, std::size_t k) {
  const Neighbours own = nearest_neighbours_within(points, k, k);
  std::vector<double> radii(points.n());
  for (std::size_t i = 0; i < radii.size(); ++i) radii[i] = own.distance(i, 0);
  return radii;
}

double share_inside(std::span<const std::uint32_t> counts) {
  const auto inside = std::count_if(counts.begin(), counts.end(), [](std::uint32_t c) { return c > 0; });
  return static_cast<double>(inside) / static_cast<double>(counts.size());
}

double coverage(const Sample& x, const Sample& y, std::span<const double> radii) {
  const Neighbours nearest = nearest_neighbours(x.points, y.points, 1);
  std::size_t covered = 0;
  for (std::size_t i = 0; i < x.n(); ++i) covered += nearest.distance(i, 0) <= radii[i] ? 1 : 0;
  return static_cast<double>(covered) / static_cast<double>(x.n());
}

class Prdc : public Distance {
 public:
  explicit Prdc(std::size_t k) : k_(k) {}

  Reading measure(const Sample& x, const Sample& y, const Gradient&) const override {
    check_samples("prdc", x, y, prdc_facts(k_));
    const std::vector<double> x_radii = radii_of(x.points, k_), y_radii = radii_of(y.points, k_);
    const std::vector<std::uint32_t> around_x = count_balls(y.points, x.points, x_radii);
    double balls = 0;
    for (std::uint32_t count : around_x) balls += count;
    Reading reading;
    reading.estimator = "balls to the k-th nearest neighbour";
    reading.extra = {{"parts", Fields{{"precision", share_inside(around_x)},
                                      {"recall", share_inside(count_balls(x.points, y.points, y_radii))},
                                      {"density", balls / static_cast<double>(k_ * y.n())},
                                      {"coverage", coverage(x, y, x_radii)}}}};
    reading.options = {{"k", k_}};
    return reading;
  }

 private:
  std::size_t k_;
};

}  // namespace

const OptionTable<PrdcOptions>& option_table(const PrdcOptions&) {
  static const auto table = OptionTable<PrdcOptions>("prdc").add(
      "k", &PrdcOptions::k, "which neighbour a ball reaches", count_of(1, kMostUnits));
  return table;
}

std::unique_ptr<Distance> make_distance(const PrdcOptions& options, std::uint64_t) {
  option_table(options).check(options);
  return std::make_unique<Prdc>(options.k);
}

DistanceEntry prdc_entry() {
  const OptionTable<PrdcOptions>& table = option_table(PrdcOptions{});
  DistanceEntry entry;
  entry.name = "prdc";
  entry.title = "Precision, recall, density and coverage of Y, what is generated, against X, the data";
  entry.formula =
      "balls B(z) reach the k-th nearest other point; precision: share of Y in ∪B(x); recall: share of X in "
      "∪B(y); "
      "density: Σ_j #{i: y_j ∈ B(x_i)}/(k·m); coverage: share of B(x) with a y";
  entry.source =
      "Kynkäänniemi et al., NeurIPS 2019 (precision, recall); Naeem et al., ICML 2020 (density, coverage)";
  entry.options = table.rows();
  entry.facts = prdc_facts(table.defaults().k);
  entry.facts_of = from_table(table, [](const PrdcOptions& o) { return prdc_facts(o.k); });
  entry.examples = {{.options = "k=1",
                     .d = 1,
                     .x = {0, 1, 10},
                     .y = {0.5, 2.5, 30},
                     .value = 2.0 / 3,
                     .by_hand =
                         "precision: X's balls [−1,1], [0,2], [1,19] hold 0.5 and 2.5 but not 30; recall 1, "
                         "density (2+1+0)/3 = 1, coverage 1"}};
  entry.make = distance_from(table);
  return entry;
}

}  // namespace pushforward
