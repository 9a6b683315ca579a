// SPDX-License-Identifier: Apache-2.0
// Pricing, pivots, and the way to exact flows; the algorithm stands in the header.
#include "transport/simplex.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace pushforward::transport {
namespace {

constexpr std::size_t kCandidates = 32;     // rows whose minima are pivoted on before the next scan
constexpr double kExcess = 1e-10;           // mass that is spread over the basis against degeneracy
constexpr std::size_t kPatience = 500;      // pivots per node; the hardest data known take 50
constexpr std::size_t kRepairs = 50;        // dual pivots; what they leave is below the excess, and dropped
constexpr double kSingleTolerance = 5e-7;   // of the largest potential: a few float32 roundoffs
constexpr double kDoubleTolerance = 1e-13;  // likewise; potentials are sums of up to some hundred costs

}  // namespace

NetworkSimplex::NetworkSimplex(const CostOracle& costs, const Masses& masses, std::span<const BasicArc> basis)
    : costs_(costs),
      a_(masses.x),
      b_(masses.y),
      total_(masses.total),
      tree_(costs, basis),
      row_minima_(costs.rows(), 0.0),
      patience_(kPatience * (costs.rows() + costs.cols())) {}

void NetworkSimplex::solve(std::span<const Holding> extras) {
  tree_.refresh_potentials();
  set_first_flows(extras);
  tree_.perturb_flows(kExcess * total_ / static_cast<double>(costs_.rows() + costs_.cols()));
  price_until_clean<float>(kSingleTolerance * tree_.largest_potential());
  tree_.refresh_potentials();
  std::size_t before = 0;
  do {
    before = pivots_;
    price_until_clean<double>(kDoubleTolerance * tree_.largest_potential());
    if (pivots_ != before) tree_.refresh_potentials();
  } while (pivots_ != before);
  tree_.set_flows(a_, b_);
  std::size_t repairs = 0;
  while (repairs < kRepairs && repair_one_flow()) ++repairs;
  if (repairs == 0) return;
  tree_.refresh_potentials();
  scan_all_rows();
}

// The tree carries what the extras leave; then each extra is absorbed, which keeps all flows at or above 0.
void NetworkSimplex::set_first_flows(std::span<const Holding> extras) {
  std::vector<double> a(a_.begin(), a_.end()), b(b_.begin(), b_.end());
  for (const Holding& extra : extras)
    a[extra.source] -= total_ * extra.mass, b[extra.sink] -= total_ * extra.mass;
  tree_.set_flows(a, b);
  for (const Holding& extra : extras) {
    const auto i = static_cast<std::size_t>(extra.source), j = static_cast<std::size_t>(extra.sink);
    tree_.absorb(i, j, total_ * extra.mass, costs_.at(i, j) - tree_.u(i) - tree_.v(j));
  }
}

// Rows in turn, from where the last scan stopped, until each has been clean since the last pivot. The excess
// flows make every pivot gain, but by less than rounding if the costs conspire: when pivots are beyond all
// measure the tolerance grows, so that this ends whatever the data; the gap then tells what was left.
template <class Real>
void NetworkSimplex::price_until_clean(double tolerance) {
  for (std::size_t clean = 0; clean < costs_.rows();) {
    if (pivots_ > patience_) tolerance *= 4, patience_ = 2 * pivots_;
    if (pivots_ - centred_at_ > costs_.rows()) tree_.centre(), centred_at_ = pivots_;
    candidates_.clear();
    const Real* v = tree_.columns<Real>();
    for (std::size_t scanned = 0; scanned < costs_.rows() && candidates_.size() < kCandidates; ++scanned) {
      consider_row(next_row_, v, tolerance);
      next_row_ = next_row_ + 1 == costs_.rows() ? 0 : next_row_ + 1;
      if (candidates_.empty() && ++clean == costs_.rows()) return;
    }
    clean = 0;
    pivot_on_candidates(tolerance);
  }
}

template <class Real>
void NetworkSimplex::consider_row(std::size_t i, const Real* v, double tolerance) {
  if constexpr (std::is_same_v<Real, float>) {
    const auto found = costs_.smallest(i, v);
    if (static_cast<double>(found.value) - tree_.u(i) >= -tolerance) return;
    const auto j = static_cast<std::size_t>(found.column);
    candidates_.push_back({i, j, costs_.at(i, j), 0});
    if (reduced_cost(candidates_.back()) >= -tolerance) candidates_.pop_back();
  } else {
    const auto found = costs_.smallest(i, v);
    row_minima_[i] = found.value;
    if (found.value - tree_.u(i) >= -tolerance) return;
    const auto j = static_cast<std::size_t>(found.column);
    candidates_.push_back({i, j, found.value + v[j], 0});
  }
}

void NetworkSimplex::pivot_on_candidates(double tolerance) {
  while (true) {
    for (Candidate& c : candidates_) c.reduced = reduced_cost(c);
    std::erase_if(candidates_, [&](const Candidate& c) { return c.reduced >= -tolerance; });
    if (candidates_.empty()) return;
    const auto best =
        std::min_element(candidates_.begin(), candidates_.end(),
                         [](const Candidate& p, const Candidate& q) { return p.reduced < q.reduced; });
    tree_.pivot(best->i, best->j, best->reduced);
    ++pivots_;
    *best = candidates_.back();
    candidates_.pop_back();
  }
}

// A dual pivot on the arc of the most negative flow: of all arcs that could carry its mass the other way, the
// one of least reduced cost comes in, which keeps every reduced cost at or above 0.
bool NetworkSimplex::repair_one_flow() {
  double flow = 0;
  const std::int32_t node = tree_.least_flow_node(flow);
  if (flow >= 0) return false;
  std::vector<char> inside;
  tree_.mark_subtree(node, inside);
  const bool out = tree_.has_surplus(node);  // then mass must leave the subtree: from a source in it
  auto open = column_potentials(costs_.cols(), -std::numeric_limits<double>::infinity());
  for (std::size_t j = 0; j < costs_.cols(); ++j)
    if ((inside[tree_.node_of_sink(j)] != 0) != out) open.data()[j] = tree_.v(j);
  double least = std::numeric_limits<double>::infinity();
  std::size_t from = 0, to = 0;
  for (std::size_t i = 0; i < costs_.rows(); ++i) {
    if ((inside[i] != 0) != out) continue;
    const auto found = costs_.smallest(i, open.data());
    if (found.value - tree_.u(i) < least)
      least = found.value - tree_.u(i), from = i, to = static_cast<std::size_t>(found.column);
  }
  tree_.replace(node, from, to, least, out);
  tree_.set_flows(a_, b_);
  ++pivots_;
  return true;
}

void NetworkSimplex::scan_all_rows() {
  const double* v = tree_.columns<double>();
  for (std::size_t i = 0; i < costs_.rows(); ++i) row_minima_[i] = costs_.smallest(i, v).value;
}

}  // namespace pushforward::transport
