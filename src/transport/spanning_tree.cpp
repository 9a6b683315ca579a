// SPDX-License-Identifier: Apache-2.0
#include "transport/spanning_tree.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pushforward/random.hpp"

namespace pushforward::transport {
namespace {

// Neighbours of every node, as one array and where each node's begin.
struct Adjacency {
  std::vector<std::int32_t> begin, to;

  Adjacency(std::size_t nodes, std::int32_t first_sink, std::span<const BasicArc> arcs)
      : begin(nodes + 1, 0), to(2 * arcs.size()) {
    for (const BasicArc& arc : arcs) ++begin[arc.source + 1], ++begin[first_sink + arc.sink + 1];
    for (std::size_t x = 0; x < nodes; ++x) begin[x + 1] += begin[x];
    std::vector<std::int32_t> at(begin.begin(), begin.end() - 1);
    for (const BasicArc& arc : arcs) {
      to[at[arc.source]++] = first_sink + arc.sink;
      to[at[first_sink + arc.sink]++] = arc.source;
    }
  }
};

}  // namespace

SpanningTree::SpanningTree(const CostOracle& costs, std::span<const BasicArc> arcs)
    : costs_(costs), first_sink_(static_cast<std::int32_t>(padded(costs.rows()))) {
  const std::size_t total = node_of_sink(padded(costs.cols()));
  position_.assign(total, 0), parent_.assign(total, -1), size_.assign(total, 1), flow_.assign(total, 0);
  potentials_ = Matrix<double>(1, total), single_v_ = Matrix<float>(1, padded(costs.cols()));
  std::fill_n(potentials_.data() + node_of_sink(costs.cols()), total - node_of_sink(costs.cols()),
              -std::numeric_limits<double>::infinity());
  const Adjacency near(total, first_sink_, arcs);
  std::vector<std::int32_t> stack = {root_};
  while (!stack.empty()) {
    const std::int32_t x = stack.back();
    stack.pop_back();
    position_[x] = static_cast<std::int32_t>(order_.size());
    order_.push_back(x);
    for (std::int32_t k = near.begin[x]; k < near.begin[x + 1]; ++k)
      if (near.to[k] != parent_[x]) parent_[near.to[k]] = x, stack.push_back(near.to[k]);
  }
  for (std::size_t at = order_.size() - 1; at > 0; --at) size_[parent_[order_[at]]] += size_[order_[at]];
}

std::vector<std::int32_t> SpanningTree::order_of_nodes() const {
  std::vector<std::int32_t> order(order_);
  std::rotate(order.begin(), order.begin() + position_[root_], order.end());
  return order;
}

void SpanningTree::refresh_potentials() {
  double* potential = potentials_.data();
  potential[root_] = 0;
  for (std::int32_t x : order_of_nodes()) {
    const std::int32_t parent = parent_[x];
    if (parent < 0) continue;
    const std::int32_t i = std::min(x, parent), j = std::max(x, parent) - first_sink_;
    potential[x] = costs_.at(static_cast<std::size_t>(i), static_cast<std::size_t>(j)) - potential[parent];
  }
  centre();
}

void SpanningTree::centre() {
  double* u = potentials_.data();
  double* v = u + first_sink_;
  double mean_u = 0, mean_v = 0;
  for (std::size_t i = 0; i < costs_.rows(); ++i) mean_u += u[i] / static_cast<double>(costs_.rows());
  for (std::size_t j = 0; j < costs_.cols(); ++j) mean_v += v[j] / static_cast<double>(costs_.cols());
  const double move = (mean_v - mean_u) / 2;
  for (std::size_t i = 0; i < costs_.rows(); ++i) u[i] += move;
  for (std::size_t j = 0; j < costs_.cols(); ++j) v[j] -= move;
}

const float* SpanningTree::single_v() {
  for (std::size_t j = 0; j < single_v_.size(); ++j) single_v_.data()[j] = static_cast<float>(v()[j]);
  return single_v_.data();
}

double SpanningTree::largest_potential() const {
  double largest = 0;
  for (std::size_t i = 0; i < costs_.rows(); ++i) largest = std::max(largest, std::abs(u()[i]));
  for (std::size_t j = 0; j < costs_.cols(); ++j) largest = std::max(largest, std::abs(v()[j]));
  return largest;
}

// The arc above a subtree carries the difference of the masses below it. A difference that is within rounding
// of those masses is none: with equal weights most are, and such dust must not be carried over long
// distances.
double SpanningTree::set_flows(std::span<const double> a, std::span<const double> b) {
  constexpr double kRounding = 1e-15;
  std::vector<double> surplus(flow_.size(), 0.0), mass(flow_.size(), 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) mass[i] = surplus[i] = a[i];
  for (std::size_t j = 0; j < b.size(); ++j) surplus[node_of_sink(j)] = -(mass[node_of_sink(j)] = b[j]);
  const std::vector<std::int32_t> order = order_of_nodes();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t at = order.size() - 1; at > 0; --at) {
    const std::int32_t x = order[at], parent = parent_[x];
    if (std::abs(surplus[x]) <= kRounding * mass[x]) surplus[x] = 0;
    flow_[x] = x < first_sink_ ? surplus[x] : -surplus[x];
    surplus[parent] += surplus[x], mass[parent] += mass[x];
    least = std::min(least, flow_[x]);
  }
  return least;
}

void SpanningTree::perturb_flows(double amount) {
  const Draw draw = {.seed = 0, .stream = stream_id("transport perturbation"), .step = 0};
  for (std::size_t x = 0; x < flow_.size(); ++x)
    flow_[x] = std::max(flow_[x], 0.0) + amount * (0.5 + uniform01(draw, static_cast<std::uint32_t>(x)));
}

// The cycle that (i, j) closes runs up from i and up from j to where they meet. When flow rises in (i, j) it
// falls on the arcs that leave a source on i's side and on those that enter a sink on j's; else on the
// others.
SpanningTree::Leaving SpanningTree::find_leaving(std::int32_t i, std::int32_t j, bool more) const {
  Leaving least = {-1, -1, std::numeric_limits<double>::infinity(), false};
  std::int32_t p = i, q = j;
  while (p != q) {
    if (size_[p] <= size_[q]) {
      if ((p < first_sink_) == more && flow_[p] < least.flow) least = {p, -1, flow_[p], true};
      p = parent_[p];
    } else {
      if ((q >= first_sink_) == more && flow_[q] < least.flow) least = {q, -1, flow_[q], false};
      q = parent_[q];
    }
  }
  least.meeting = p;
  return least;
}

void SpanningTree::push(std::int32_t i, std::int32_t j, double flow, std::int32_t meeting, bool more) {
  for (std::int32_t p = i; p != meeting; p = parent_[p]) flow_[p] += (p < first_sink_) == more ? -flow : flow;
  for (std::int32_t q = j; q != meeting; q = parent_[q])
    flow_[q] += (q >= first_sink_) == more ? -flow : flow;
}

void SpanningTree::pivot(std::size_t i, std::size_t j, double reduced) {
  const auto source = static_cast<std::int32_t>(i);
  const auto sink = static_cast<std::int32_t>(node_of_sink(j));
  const Leaving leaving = find_leaving(source, sink, true);
  push(source, sink, leaving.flow, leaving.meeting, true);
  if (leaving.source_side)
    exchange(leaving.node, source, sink, leaving.flow, reduced, leaving.meeting);
  else
    exchange(leaving.node, sink, source, leaving.flow, -reduced, leaving.meeting);
}

void SpanningTree::absorb(std::size_t i, std::size_t j, double mass, double reduced) {
  const auto source = static_cast<std::int32_t>(i);
  const auto sink = static_cast<std::int32_t>(node_of_sink(j));
  const Leaving leaving = find_leaving(source, sink, false);
  const double moved = std::min(mass, std::max(leaving.flow, 0.0));
  push(source, sink, moved, leaving.meeting, false);
  if (moved == mass) return;
  if (leaving.source_side)
    exchange(leaving.node, source, sink, mass - moved, reduced, leaving.meeting);
  else
    exchange(leaving.node, sink, source, mass - moved, -reduced, leaving.meeting);
}

void SpanningTree::replace(std::int32_t node, std::size_t i, std::size_t j, double reduced,
                           bool source_inside) {
  const auto source = static_cast<std::int32_t>(i);
  const auto sink = static_cast<std::int32_t>(node_of_sink(j));
  if (source_inside)
    exchange(node, source, sink, 0, reduced, -1);
  else
    exchange(node, sink, source, 0, -reduced, -1);
}

// The subtree of `leaving`, which holds `inside`, is cut off and joined to `outside` by an arc with `flow`.
// `shift` is what the subtree's sources gain. Above `meeting` (−1: unknown, above the root) no subtree
// changes its size.
void SpanningTree::exchange(std::int32_t leaving, std::int32_t inside, std::int32_t outside, double flow,
                            double shift, std::int32_t meeting) {
  const std::int32_t below = size_[leaving], above = parent_[leaving], rest = nodes() - below;
  if (below <= rest) {
    const Half half = {leaving, below, below, 0};
    for (std::int32_t p = above; p != meeting; p = parent_[p]) size_[p] -= below;
    turn(half, inside);
    parent_[inside] = outside, flow_[inside] = flow;
    move_turned(half, outside, size_[outside] - (outside == meeting ? below : 0), shift);
    for (std::int32_t p = outside; p != meeting; p = parent_[p]) size_[p] += below;
    return;
  }
  const Half half = {root_, rest, steps(position_[root_], position_[leaving]), below};
  for (std::int32_t p = above; p >= 0; p = parent_[p]) size_[p] -= below;
  turn(half, outside);
  parent_[outside] = inside, flow_[outside] = flow;
  parent_[leaving] = -1, root_ = leaving;
  move_turned(half, inside, size_[inside], -shift);
  for (std::int32_t p = inside; p >= 0; p = parent_[p]) size_[p] += rest;
}

// Re-roots a half at `new_top` by turning the arcs above it; its nodes in their new preorder are left in
// turned_.
void SpanningTree::turn(const Half& half, std::int32_t new_top) {
  const std::int32_t base = position_[half.top];
  old_.resize(static_cast<std::size_t>(half.count)), turned_.clear();
  for (std::int32_t k = 0; k < half.count; ++k)
    old_[k] = order_[wrapped(base + k + (k < half.before_hole ? 0 : half.hole))];
  const auto place_of = [&](std::int32_t x) {
    const std::int32_t k = steps(base, position_[x]);
    return k < half.before_hole ? k : k - half.hole;
  };
  const auto append = [&](std::int32_t begin, std::int32_t end) {
    turned_.insert(turned_.end(), old_.begin() + begin, old_.begin() + end);
  };
  std::int32_t begin = place_of(new_top), end = begin + size_[new_top];
  append(begin, end);
  path_.clear();
  for (std::int32_t p = new_top; p != half.top; p = parent_[p]) path_.push_back(p);
  path_.push_back(half.top);
  double flow = flow_[new_top];
  std::int32_t inner = size_[new_top];
  for (std::size_t k = 1; k < path_.size(); ++k) {
    const std::int32_t p = path_[k], outer = size_[p], outer_begin = place_of(p);
    append(outer_begin, begin), append(end, outer_begin + outer);
    begin = outer_begin, end = outer_begin + outer;
    size_[p] = half.count - inner, inner = outer;
    std::swap(flow, flow_[p]);
    parent_[p] = path_[k - 1];
  }
  size_[new_top] = half.count;
}

// Puts the nodes of turned_ into the ring below `new_parent`, as its first or its last child, and shifts
// their potentials on the way. The half that moves is one stretch of the ring, from `begin`; to insert it
// `after` nodes further on, either those slide back over its place or all others slide forth: whichever are
// fewer.
void SpanningTree::move_turned(const Half& half, std::int32_t new_parent, std::int32_t parent_size,
                               double shift) {
  const std::int32_t count = half.count, others = nodes() - count;
  const std::int32_t begin = half.hole == 0 ? position_[half.top] : wrapped(position_[root_] + half.hole);
  const std::int32_t end = wrapped(begin + count);
  const std::int32_t first = steps(end, position_[new_parent]) + 1;
  const std::int32_t beyond = first - 1 + parent_size, last = beyond > others ? beyond - others : beyond;
  const auto cost = [&](std::int32_t after) { return std::min(after, others - after); };
  const std::int32_t after = cost(first) < cost(last) ? first : last;
  std::int32_t target = 0;
  if (2 * after <= others) {
    for (std::int32_t k = 0; k < after; ++k) place(wrapped(begin + k), order_[wrapped(end + k)]);
    target = wrapped(begin + after);
  } else {
    const std::int32_t before = others - after;
    for (std::int32_t k = 1; k <= before; ++k)
      place(wrapped(end - k + nodes()), order_[wrapped(begin - k + nodes())]);
    target = wrapped(begin - before + nodes());
  }
  double* potential = potentials_.data();
  for (std::int32_t k = 0; k < count; ++k) {
    const std::int32_t x = turned_[k];
    place(wrapped(target + k), x);
    potential[x] += x < first_sink_ ? shift : -shift;
  }
}

std::int32_t SpanningTree::least_flow_node(double& flow) const {
  std::int32_t least = -1;
  flow = std::numeric_limits<double>::infinity();
  for (std::int32_t x : order_of_nodes())
    if (parent_[x] >= 0 && flow_[x] < flow) flow = flow_[x], least = x;
  return least;
}

void SpanningTree::mark_subtree(std::int32_t node, std::vector<char>& marks) const {
  marks.assign(flow_.size(), 0);
  for (std::int32_t k = 0; k < size_[node]; ++k) marks[order_[wrapped(position_[node] + k)]] = 1;
}

}  // namespace pushforward::transport
