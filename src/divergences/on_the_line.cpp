// SPDX-License-Identifier: Apache-2.0
//
// Distances between masses that lie on the line: Wasserstein distances and the energy distance.
//
//   W_p(p,q) = (∫₀¹ |F⁻¹(u) − G⁻¹(u)|^p du)^{1/p},   W_1 = ∫ |F − G| dx,   energy = 2 ∫ (F − G)² dx
//
// On the line the optimal flow is monotone: both distribution functions are climbed together, and each step
// of the climb carries its mass from one quantile to the other (at most 2k − 1 steps). Unlike the
// f-divergences these know how far values are from each other. `emd`, the earth mover's distance, is W_1. The
// energy distance is not rooted: 2E|X−Y| − E|X−X'| − E|Y−Y'|, twice Cramér's. Cost: O(k log k) for sorting
// the positions. Source: Villani, Topics in Optimal Transportation (2003), section 2.2; Székely & Rizzo, J.
// Stat. Plan. Inf. 143 (2013) 1249–1272.
//
// Masses are taken as they are written: F − G is kept in two doubles, so that masses of one value that differ
// in their last place are as far apart as that. But mass that moved to other values met other roundings there
// (0.1 + 0.2 against 0.3): where F and G differ by less than half a unit in the last place of what moved,
// they are taken to meet, in W_1 as in W_p, since a residue of 1e-17 of the mass, carried across, would be
// 3e-9 in W_2.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/summation.hpp"
#include "pushforward/cell_terms.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/divergences.hpp"
#include "pushforward/one_dimensional.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

// A distribution function's value in two doubles.
struct Level {
  double high = 0, low = 0;

  void add(double term) {
    const double next = high + term, back = next - high;
    low += (high - (next - back)) + (term - back);
    high = next;
  }
  double minus(const Level& other) const { return (high - other.high) + (low - other.low); }
  bool operator<(const Level& other) const { return minus(other) < 0; }
};

// Positions in rising order with their masses, and the climb of both distribution functions. `cell` is where
// each came from. `f_blur` and `g_blur` bound the rounding of mass that moved.
struct Line {
  std::vector<double> x, p, q;
  std::vector<std::size_t> cell;
  std::vector<Level> f, g;
  std::vector<double> f_blur, g_blur;

  // F(x_i) − G(x_j).
  double apart(std::size_t i, std::size_t j) const {
    const double difference = f[i].minus(g[j]);
    return std::abs(difference) <= f_blur[i] + g_blur[j] ? 0 : difference;
  }
};

void climb(Line& line) {
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  Level f, g;
  double f_blur = 0, g_blur = 0;
  for (std::size_t i = 0; i < line.x.size(); ++i) {
    const double p = line.p[i], q = line.q[i];
    f.add(p), g.add(q);
    if (std::abs(p - q) > 4 * epsilon * std::max(p, q)) f_blur += epsilon / 2 * p, g_blur += epsilon / 2 * q;
    line.f.push_back(f), line.g.push_back(g), line.f_blur.push_back(f_blur), line.g_blur.push_back(g_blur);
  }
  const double surplus = f.minus(g);  // both sums are 1 but for rounding
  for (Level& level : line.g) level.low += surplus * level.high;
}

Line in_order(const DiscretePair& pair) {
  const auto at = [&](std::size_t i) {
    return pair.positions.empty() ? static_cast<double>(i) : pair.positions[i];
  };
  Line line;
  line.cell.resize(pair.p.size());
  std::iota(line.cell.begin(), line.cell.end(), std::size_t{0});
  std::stable_sort(line.cell.begin(), line.cell.end(), [&](auto i, auto j) { return at(i) < at(j); });
  for (std::size_t i : line.cell)
    line.x.push_back(at(i)), line.p.push_back(pair.p[i]), line.q.push_back(pair.q[i]);
  climb(line);
  return line;
}

// Σ over the gaps between neighbours of integrand(F − G)·gap; slopes[i] collects ∂/∂p_i = Σ_{gaps above i}.
template <class Integrand, class Slope>
double over_gaps(const DiscretePair& pair, std::span<double> gradient, Integrand integrand, Slope slope) {
  const Line line = in_order(pair);
  CompensatedSum total;
  std::vector<double> piece(line.x.size(), 0.0);
  for (std::size_t i = 0; i + 1 < line.x.size(); ++i) {
    const double gap = line.x[i + 1] - line.x[i], apart = line.apart(i, i);
    total.add(integrand(apart) * gap);
    piece[i] = slope(apart) * gap;
  }
  double collected = 0;
  for (std::size_t i = line.x.size(); i-- > 0 && !gradient.empty();)
    collected += piece[i], gradient[line.cell[i]] = collected;
  return total.value();
}

class Wasserstein1 final : public Divergence {
 public:
  double measure(const DiscretePair& pair, std::span<double> gradient) const override {
    const auto sign = [](double v) { return v > 0 ? 1.0 : v < 0 ? -1.0 : 0.0; };
    return over_gaps(
        pair, gradient, [](double v) { return std::abs(v); }, sign);
  }
  std::optional<OnTheLine> on_the_line() const override { return OnTheLine{OnTheLine::Kind::wasserstein, 1}; }
};

class Energy final : public Divergence {
 public:
  double measure(const DiscretePair& pair, std::span<double> gradient) const override {
    return over_gaps(
        pair, gradient, [](double v) { return 2 * v * v; }, [](double v) { return 4 * v; });
  }
  std::optional<OnTheLine> on_the_line() const override { return OnTheLine{OnTheLine::Kind::energy}; }
};

class WassersteinP final : public Divergence {
 public:
  explicit WassersteinP(double order) : order_(order) {}
  // The monotone flow, by climbing both distribution functions. Costs are relative to the widest shift, so
  // that p = 50 does not overflow.
  double measure(const DiscretePair& pair, std::span<double> gradient) const override {
    const Line line = in_order(pair);
    const double widest = line.x.back() - line.x.front();
    const double value = widest == 0 ? 0 : widest * std::pow(power(line, widest), 1 / order_);
    if (!gradient.empty()) fill_gradient(line, widest, value, gradient);
    return value;
  }
  std::optional<OnTheLine> on_the_line() const override {
    return OnTheLine{OnTheLine::Kind::wasserstein, order_};
  }

 private:
  // (W_p/widest)^p.
  double power(const Line& line, double widest) const {
    const std::size_t last = line.x.size() - 1;
    CompensatedSum cost;
    Level level;
    for (std::size_t i = 0, j = 0;;) {
      const double apart = line.apart(i, j);
      const Level reached = std::min(line.f[i], line.g[j]);
      if (level < reached)
        cost.add(reached.minus(level) * std::pow(std::abs(line.x[i] - line.x[j]) / widest, order_));
      level = std::max(level, apart == 0 ? std::max(line.f[i], line.g[j]) : reached);
      if (i == last && j == last) break;
      const bool climb_f = i < last && (apart <= 0 || j == last);
      const bool climb_g = j < last && (apart >= 0 || i == last);
      if (climb_f) ++i;
      if (climb_g) ++j;
    }
    return cost.value();
  }
  // The dual potential u of W_p^p, and the chain rule through the root: ∂W_p/∂p_i = u_i W_p^(1−p)/p. A
  // subgradient where partial sums of p and q coincide; 0 where W_p is.
  void fill_gradient(const Line& line, double widest, double value, std::span<double> gradient) const {
    std::fill(gradient.begin(), gradient.end(), 0.0);
    if (value == 0) return;
    std::vector<double> scaled, slopes(line.x.size());
    for (double x : line.x) scaled.push_back((x - line.x.front()) / widest);
    LineWorkspace<double> workspace;
    line_power<double>({scaled, line.p}, {scaled, line.q}, order_, workspace, {.weights = slopes});
    const double outer = widest * std::pow(value / widest, 1 - order_) / order_;
    for (std::size_t i = 0; i < slopes.size(); ++i) gradient[line.cell[i]] = outer * slopes[i];
  }

  double order_;
};

std::unique_ptr<Divergence> make_order(double order) {
  if (order == 1) return std::make_unique<Wasserstein1>();
  return std::make_unique<WassersteinP>(order);
}

DivergenceEntry wasserstein(std::string name, std::string order) {
  return {.name = std::move(name),
          .title = "Wasserstein distance of order " + order,
          .formula = order == "1" ? "∫ |F − G| dx" : "(∫ |F⁻¹ − G⁻¹|^" + order + " du)^(1/" + order + ")",
          .range = "[0, span of the positions]",
          .source = "Villani 2003, section 2.2",
          .scale = DivergenceScale::position,
          .facts = {.symmetric = true, .metric = true, .uses_positions = true, .gradient = true}};
}

}  // namespace

const OptionTable<WassersteinOnTheLineOptions>& option_table(const WassersteinOnTheLineOptions&) {
  static const auto table = OptionTable<WassersteinOnTheLineOptions>("w").add(
      "p", &WassersteinOnTheLineOptions::p, "the order, 1 or more", number_of(1, 1000));
  return table;
}

std::unique_ptr<Divergence> make_divergence(const WassersteinOnTheLineOptions& options) {
  option_table(options).check(options);
  return make_order(options.p);
}

DivergenceEntry wasserstein_1_row() {
  DivergenceEntry row = wasserstein("w1", "1");
  row.title += " (earth mover's distance)";
  row.examples = {{.options = "",
                   .p = {0.5, 0.5, 0},
                   .q = {0, 0.5, 0.5},
                   .value = 1,
                   .by_hand = "at 0, 1, 2: |F − G| is ½ on both gaps"},
                  {.options = "",
                   .p = {1, 0},
                   .q = {0, 1},
                   .positions = {3, -4},
                   .value = 7,
                   .by_hand = "all mass moves from 3 to −4"}};
  row.make = [](const Spec& spec) {
    SpecReader(spec).finish();
    return make_order(1);
  };
  return row;
}

DivergenceEntry wasserstein_2_row() {
  DivergenceEntry row = wasserstein("w2", "2");
  row.examples = {{.options = "",
                   .p = {0.5, 0.5, 0},
                   .q = {0.5, 0, 0.5},
                   .value = 0.7071067811865476,
                   .by_hand = "half of the mass moves by 1: √(½·1²)"},
                  {.options = "",
                   .p = {0.75, 0.25},
                   .q = {0.25, 0.75},
                   .positions = {0, 3},
                   .value = 2.1213203435596424,
                   .by_hand = "half of the mass moves by 3: √(½·9)"}};
  row.make = [](const Spec& spec) {
    SpecReader(spec).finish();
    return make_order(2);
  };
  return row;
}

DivergenceEntry wasserstein_p_row() {
  const OptionTable<WassersteinOnTheLineOptions>& table = option_table(WassersteinOnTheLineOptions{});
  DivergenceEntry row = wasserstein("w", "p");
  row.options = table.rows();
  row.examples = {{.options = "p=3",
                   .p = {0.5, 0.5, 0},
                   .q = {0.5, 0, 0.5},
                   .positions = {0, 0, 2},
                   .value = 1.5874010519681994,
                   .by_hand = "half of the mass moves by 2: (½·8)^(1/3)"}};
  row.make = from_table(table, [](const WassersteinOnTheLineOptions& o) { return make_divergence(o); });
  row.by_default = false;
  return row;
}

DivergenceEntry energy_row() {
  return {.name = "energy",
          .title = "energy distance (not rooted)",
          .formula = "2E|X−Y| − E|X−X'| − E|Y−Y'| = 2 ∫ (F − G)² dx",
          .range = "[0, twice the span of the positions]",
          .source = "Székely & Rizzo 2013",
          .scale = DivergenceScale::position,
          .facts = {.symmetric = true, .uses_positions = true, .gradient = true},
          .examples = {{.options = "",
                        .p = {1, 0},
                        .q = {0, 1},
                        .positions = {0, 3},
                        .value = 6,
                        .by_hand = "2·3 − 0 − 0"},
                       {.options = "",
                        .p = {0.5, 0.5, 0},
                        .q = {0, 0.5, 0.5},
                        .value = 1,
                        .by_hand = "at 0, 1, 2: F − G is ½ on both gaps, 2(¼ + ¼)"}},
          .make = [](const Spec& spec) {
            SpecReader(spec).finish();
            return std::make_unique<Energy>();
          }};
}

}  // namespace pushforward
