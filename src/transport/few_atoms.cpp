// SPDX-License-Identifier: Apache-2.0
// Sources at sinks, heaps of moves, shortest paths: see few_atoms.hpp.
#include "transport/few_atoms.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "core/summation.hpp"

namespace pushforward::transport {
namespace {

constexpr std::size_t kFew = 64, kTimes = 64;         // the few, and how many times as many the others are
constexpr std::size_t kLeastMany = 2048;              // below, the simplex is fast
constexpr std::size_t kPairs = std::size_t{1} << 25;  // costs, flows and moves take some 32 bytes a pair
constexpr std::size_t kSampled = 8, kUnsampled = 1024;
constexpr double kDust = 1e-15;  // of the mass: rounding of weights that do not add up exactly
constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Move {
  double price;  // c_iq − c_ip
  std::uint32_t source;
  bool operator<(const Move& other) const {  // the cheapest on top; by number where prices tie
    return price != other.price ? price > other.price : source > other.source;
  }
};

class FewSinks {
 public:
  // costs: many × few.
  FewSinks(View<const double> costs, std::vector<double> supply, std::vector<double> demand, double total)
      : costs_(costs),
        supply_(std::move(supply)),
        few_(demand.size()),
        dust_(kDust * total),
        flow_(costs.rows, few_),
        moves_(few_ * few_),
        missing_(std::move(demand)),
        v_(few_, 0.0) {}

  void run(std::vector<double> v) {
    v_ = std::move(v);
    place();
    fill_heaps();
    while (any_above()) {
      const std::size_t to = find_path();
      if (to == few_) return;  // dust on one side only
      push_along(to);
    }
  }

  double flow(std::size_t i, std::size_t j) const { return flow_(i, j); }
  const std::vector<double>& v() const { return v_; }

 private:
  double price(std::size_t i, std::size_t p, std::size_t q) const { return costs_(i, q) - costs_(i, p); }
  std::vector<Move>& moves(std::size_t p, std::size_t q) { return moves_[p * few_ + q]; }

  std::size_t best_sink(std::size_t i) const {
    std::size_t best = 0;
    for (std::size_t j = 1; j < few_; ++j)
      if (costs_(i, j) - v_[j] < costs_(i, best) - v_[best]) best = j;
    return best;
  }

  void place() {
    std::vector<CompensatedSum> placed(few_);
    for (std::size_t i = 0; i < costs_.rows; ++i) {
      const std::size_t j = best_sink(i);
      flow_(i, j) = supply_[i], placed[j].add(supply_[i]);
    }
    for (std::size_t j = 0; j < few_; ++j) missing_[j] -= placed[j].value();
  }

  void fill_heaps() {
    for (std::size_t i = 0; i < costs_.rows; ++i)
      for (std::size_t p = 0; p < few_; ++p)
        if (flow_(i, p) > 0)
          for (std::size_t q = 0; q < few_; ++q)
            if (q != p) moves(p, q).push_back({price(i, p, q), static_cast<std::uint32_t>(i)});
    for (std::vector<Move>& heap : moves_) std::make_heap(heap.begin(), heap.end());
  }

  // The cheapest move from p to q of a source that is at p; null where none is.
  const Move* cheapest(std::size_t p, std::size_t q) {
    std::vector<Move>& heap = moves(p, q);
    while (!heap.empty() && !(flow_(heap.front().source, p) > 0))
      std::pop_heap(heap.begin(), heap.end()), heap.pop_back();
    return heap.empty() ? nullptr : &heap.front();
  }

  bool any_above() const {
    return std::any_of(missing_.begin(), missing_.end(), [&](double m) { return m < -dust_; });
  }

  // Dijkstra over the sinks, from all that have too much to the nearest that has too little, by reduced
  // prices; v then rises by the distances, which makes the path's moves free. few_ where none is reached.
  std::size_t find_path() {
    distance_.assign(few_, kInfinity), before_.assign(few_, few_);
    std::vector<char> done(few_, 0);
    for (std::size_t j = 0; j < few_; ++j)
      if (missing_[j] < -dust_) distance_[j] = 0;
    while (true) {
      std::size_t p = few_;
      for (std::size_t j = 0; j < few_; ++j)
        if (!done[j] && distance_[j] < kInfinity && (p == few_ || distance_[j] < distance_[p])) p = j;
      if (p == few_) return few_;
      if (missing_[p] > dust_) return raise(p), p;
      done[p] = 1;
      for (std::size_t q = 0; q < few_; ++q)
        if (!done[q]) relax(p, q);
    }
  }

  void relax(std::size_t p, std::size_t q) {
    const Move* move = cheapest(p, q);
    if (!move) return;
    const double length =
        distance_[p] + std::max(0.0, move->price + v_[p] - v_[q]);  // below 0 by rounding only
    if (length < distance_[q]) distance_[q] = length, before_[q] = p;
  }

  void raise(std::size_t to) {
    for (std::size_t j = 0; j < few_; ++j) v_[j] += std::min(distance_[j], distance_[to]);
  }

  void push_along(std::size_t to) {
    double amount = missing_[to];
    std::size_t from = to;
    for (; before_[from] != few_; from = before_[from])
      amount = std::min(amount, flow_(cheapest(before_[from], from)->source, before_[from]));
    amount = std::min(amount, -missing_[from]);
    missing_[to] -= amount, missing_[from] += amount;
    for (std::size_t q = to; before_[q] != few_; q = before_[q]) move(before_[q], q, amount);
  }

  void move(std::size_t p, std::size_t q, double amount) {
    const std::size_t i = cheapest(p, q)->source;
    const bool arrives = !(flow_(i, q) > 0);
    flow_(i, p) -= amount, flow_(i, q) += amount;
    if (!arrives) return;
    for (std::size_t r = 0; r < few_; ++r)
      if (r != q) {
        moves(q, r).push_back({price(i, q, r), static_cast<std::uint32_t>(i)});
        std::push_heap(moves(q, r).begin(), moves(q, r).end());
      }
  }

  View<const double> costs_;
  std::vector<double> supply_;
  std::size_t few_;
  double dust_;
  Matrix<double> flow_;
  std::vector<std::vector<Move>> moves_;  // p × q
  std::vector<double> missing_;           // of each sink's mass; below 0: it has too much
  std::vector<double> v_, distance_{};
  std::vector<std::size_t> before_{};
};

// Potentials for all from those of every eighth source; the sinks' masses shrink to what is sampled.
std::vector<double> sampled_potentials(View<const double> costs, const std::vector<double>& supply,
                                       const std::vector<double>& demand) {
  const std::size_t few = demand.size(), count = costs.rows / kSampled;
  if (costs.rows <= kUnsampled || few == 1) return std::vector<double>(few, 0.0);
  Matrix<double> part(count, few);
  std::vector<double> some(count), scaled(demand);
  for (std::size_t i = 0; i < count; ++i) {
    std::copy_n(costs.row(i * kSampled), few, part.row(i));
    some[i] = supply[i * kSampled];
  }
  const auto sum = [](const std::vector<double>& numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), 0.0);
  };
  const double total = sum(some), factor = total / sum(demand);
  for (double& mass : scaled) mass *= factor;
  FewSinks sinks(part.view(), some, scaled, total);
  sinks.run(sampled_potentials(part.view(), some, scaled));
  return sinks.v();
}

}  // namespace

bool few_against_many(std::size_t n, std::size_t m) {
  const std::size_t few = std::min(n, m), many = std::max(n, m);
  return few <= kFew && many >= kLeastMany && many / few >= kTimes && (few == 1 || few * many <= kPairs);
}

Solution solve_few(const Problem& problem) {
  const CostOracle& costs = problem.costs;
  const bool columns = costs.cols() <= costs.rows();  // the sinks are the few
  const std::size_t many = std::max(costs.rows(), costs.cols()), few = std::min(costs.rows(), costs.cols());
  Matrix<double> table(many, few);
  for (std::size_t i = 0; i < many; ++i)
    for (std::size_t j = 0; j < few; ++j) table(i, j) = columns ? costs.at(i, j) : costs.at(j, i);
  const std::vector<double>&supply = columns ? problem.masses.x : problem.masses.y,
        &demand = columns ? problem.masses.y : problem.masses.x;
  FewSinks sinks(table.view(), supply, demand, problem.masses.total);
  sinks.run(sampled_potentials(table.view(), supply, demand));
  Solution solution{.method = "shortest paths among the few"};
  std::vector<double> u(many, kInfinity);
  for (std::size_t i = 0; i < many; ++i)
    for (std::size_t j = 0; j < few; ++j) {
      u[i] = std::min(u[i], table(i, j) - sinks.v()[j]);
      if (const double mass = sinks.flow(i, j); mass > 0)
        solution.flows.push_back({columns ? i : j, columns ? j : i, mass});
    }
  if (columns)
    set_potentials(solution, problem, u, sinks.v());
  else
    set_potentials(solution, problem, sinks.v(), u);
  return solution;
}

}  // namespace pushforward::transport
