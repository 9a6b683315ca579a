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
  nodes_.resize(total);
  potentials_ = Matrix<double>(1, total), single_ = Matrix<float>(1, total);
  std::fill_n(potentials_.data() + node_of_sink(costs.cols()), total - node_of_sink(costs.cols()),
              -std::numeric_limits<double>::infinity());
  const Adjacency near(total, first_sink_, arcs);
  std::vector<std::int32_t> order = {root_};
  for (std::size_t at = 0; at < order.size(); ++at) {
    const std::int32_t x = order[at];
    for (std::int32_t k = near.begin[x]; k < near.begin[x + 1]; ++k)
      if (near.to[k] != nodes_[x].parent) link(near.to[k], x), order.push_back(near.to[k]);
  }
  for (std::size_t at = order.size() - 1; at > 0; --at)
    nodes_[nodes_[order[at]].parent].size += nodes_[order[at]].size;
}

std::vector<std::int32_t> SpanningTree::order_of_nodes() const {
  std::vector<std::int32_t> order = {root_};
  order.reserve(costs_.rows() + costs_.cols());
  for (std::size_t at = 0; at < order.size(); ++at)
    for (std::int32_t x = nodes_[order[at]].child; x >= 0; x = nodes_[x].next) order.push_back(x);
  return order;
}

void SpanningTree::refresh_potentials() {
  potentials_.data()[root_] = 0;
  for (std::int32_t x : order_of_nodes()) {
    const std::int32_t parent = nodes_[x].parent;
    if (parent < 0) continue;
    const std::int32_t i = std::min(x, parent), j = std::max(x, parent) - first_sink_;
    potentials_.data()[x] =
        costs_.at(static_cast<std::size_t>(i), static_cast<std::size_t>(j)) - potentials_.data()[parent];
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
  for (std::size_t x = 0; x < single_.size(); ++x)
    single_.data()[x] = static_cast<float>(potentials_.data()[x]);
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
  std::vector<double> surplus(nodes_.size(), 0.0), mass(nodes_.size(), 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) mass[i] = surplus[i] = a[i];
  for (std::size_t j = 0; j < b.size(); ++j) surplus[node_of_sink(j)] = -(mass[node_of_sink(j)] = b[j]);
  const std::vector<std::int32_t> order = order_of_nodes();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t at = order.size() - 1; at > 0; --at) {
    const std::int32_t x = order[at], parent = nodes_[x].parent;
    if (std::abs(surplus[x]) <= kRounding * mass[x]) surplus[x] = 0;
    nodes_[x].flow = x < first_sink_ ? surplus[x] : -surplus[x];
    surplus[parent] += surplus[x], mass[parent] += mass[x];
    least = std::min(least, nodes_[x].flow);
  }
  return least;
}

void SpanningTree::perturb_flows(double amount) {
  const Draw draw = {.seed = 0, .stream = stream_id("transport perturbation"), .step = 0};
  for (std::size_t x = 0; x < nodes_.size(); ++x)
    nodes_[x].flow =
        std::max(nodes_[x].flow, 0.0) + amount * (0.5 + uniform01(draw, static_cast<std::uint32_t>(x)));
}

void SpanningTree::link(std::int32_t node, std::int32_t parent) {
  Node& x = nodes_[node];
  x.parent = parent, x.previous = -1, x.next = nodes_[parent].child;
  if (x.next >= 0) nodes_[x.next].previous = node;
  nodes_[parent].child = node;
}

void SpanningTree::unlink(std::int32_t node) {
  const Node& x = nodes_[node];
  if (x.previous >= 0)
    nodes_[x.previous].next = x.next;
  else
    nodes_[x.parent].child = x.next;
  if (x.next >= 0) nodes_[x.next].previous = x.previous;
}

// The cycle that (i, j) closes runs up from i and up from j to where they meet; flow falls on the arcs that
// leave a source on i's side and on those that enter a sink on j's.
SpanningTree::Leaving SpanningTree::find_leaving(std::int32_t i, std::int32_t j) const {
  Leaving least = {-1, -1, std::numeric_limits<double>::infinity(), false};
  std::int32_t p = i, q = j;
  while (p != q) {
    if (nodes_[p].size <= nodes_[q].size) {
      if (p < first_sink_ && nodes_[p].flow < least.flow) least = {p, -1, nodes_[p].flow, true};
      p = nodes_[p].parent;
    } else {
      if (q >= first_sink_ && nodes_[q].flow < least.flow) least = {q, -1, nodes_[q].flow, false};
      q = nodes_[q].parent;
    }
  }
  least.meeting = p;
  return least;
}

void SpanningTree::push(std::int32_t i, std::int32_t j, const Leaving& leaving) {
  for (std::int32_t p = i; p != leaving.meeting; p = nodes_[p].parent)
    nodes_[p].flow += p < first_sink_ ? -leaving.flow : leaving.flow;
  for (std::int32_t q = j; q != leaving.meeting; q = nodes_[q].parent)
    nodes_[q].flow += q >= first_sink_ ? -leaving.flow : leaving.flow;
}

void SpanningTree::pivot(std::size_t i, std::size_t j, double reduced) {
  const auto source = static_cast<std::int32_t>(i);
  const auto sink = static_cast<std::int32_t>(node_of_sink(j));
  const Leaving leaving = find_leaving(source, sink);
  push(source, sink, leaving);
  if (leaving.source_side)
    exchange(leaving.node, source, sink, leaving.flow, reduced, leaving.meeting);
  else
    exchange(leaving.node, sink, source, leaving.flow, -reduced, leaving.meeting);
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
  const std::int32_t below = nodes_[leaving].size, all = nodes_[root_].size, above = nodes_[leaving].parent;
  unlink(leaving);
  if (2 * below <= all) {
    for (std::int32_t p = above; p != meeting; p = nodes_[p].parent) nodes_[p].size -= below;
    reroot(inside, leaving);
    link(inside, outside);
    nodes_[inside].flow = flow;
    for (std::int32_t p = outside; p != meeting; p = nodes_[p].parent) nodes_[p].size += below;
    shift_subtree(inside, shift);
    return;
  }
  for (std::int32_t p = above; p >= 0; p = nodes_[p].parent) nodes_[p].size -= below;
  reroot(outside, root_);
  nodes_[leaving].parent = nodes_[leaving].next = nodes_[leaving].previous = -1;
  root_ = leaving;
  link(outside, inside);
  nodes_[outside].flow = flow;
  for (std::int32_t p = inside; p >= 0; p = nodes_[p].parent) nodes_[p].size += all - below;
  shift_subtree(outside, -shift);
}

// Makes `node` the root of the tree whose root is `top`, by turning the arcs between them.
void SpanningTree::reroot(std::int32_t node, std::int32_t top) {
  if (node == top) return;
  stack_.clear(), own_.clear();
  std::int32_t counted = 0;
  for (std::int32_t p = node;; p = nodes_[p].parent) {
    stack_.push_back(p), own_.push_back(nodes_[p].size - counted);
    counted = nodes_[p].size;
    if (p == top) break;
  }
  for (std::size_t k = stack_.size() - 1; k > 0; --k) unlink(stack_[k - 1]);
  double flow = nodes_[node].flow;
  for (std::size_t k = 1; k < stack_.size(); ++k) {
    std::swap(flow, nodes_[stack_[k]].flow);
    link(stack_[k], stack_[k - 1]);
  }
  std::int32_t size = 0;
  for (std::size_t k = stack_.size(); k-- > 0;) nodes_[stack_[k]].size = size += own_[k];
}

void SpanningTree::shift_subtree(std::int32_t node, double amount) {
  stack_.assign(1, node);
  while (!stack_.empty()) {
    const std::int32_t x = stack_.back();
    stack_.pop_back();
    double& potential = potentials_.data()[x];
    potential += x < first_sink_ ? amount : -amount;
    if (keep_single_) single_.data()[x] = static_cast<float>(potential);
    for (std::int32_t child = nodes_[x].child; child >= 0; child = nodes_[child].next)
      stack_.push_back(child);
  }
}

std::int32_t SpanningTree::least_flow_node(double& flow) const {
  std::int32_t least = -1;
  flow = std::numeric_limits<double>::infinity();
  for (std::int32_t x : order_of_nodes())
    if (nodes_[x].parent >= 0 && nodes_[x].flow < flow) flow = nodes_[x].flow, least = x;
  return least;
}

void SpanningTree::mark_subtree(std::int32_t node, std::vector<char>& marks) const {
  marks.assign(nodes_.size(), 0);
  std::vector<std::int32_t> stack = {node};
  while (!stack.empty()) {
    const std::int32_t x = stack.back();
    stack.pop_back();
    marks[x] = 1;
    for (std::int32_t child = nodes_[x].child; child >= 0; child = nodes_[child].next) stack.push_back(child);
  }
}

}  // namespace pushforward::transport
