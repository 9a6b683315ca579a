// SPDX-License-Identifier: Apache-2.0
// The ring, its exchanges and its flows; what they are for stands in the header.
#include "transport/spanning_tree.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
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
    : costs_(costs),
      first_sink_(static_cast<std::int32_t>(costs.rows())),
      single_(column_potentials(costs.cols(), 0.0f)),
      double_(column_potentials(costs.cols(), 0.0)) {
  const std::size_t total = costs.rows() + costs.cols();
  tree_.resize(total), position_.resize(total), potentials_.resize(total), order_.reserve(total);
  const Adjacency near(total, first_sink_, arcs);
  std::vector<std::int32_t> stack = {root_};
  while (!stack.empty()) {
    const std::int32_t x = stack.back();
    stack.pop_back();
    position_[x] = static_cast<std::int32_t>(order_.size());
    order_.push_back(x);
    for (std::int32_t k = near.begin[x]; k < near.begin[x + 1]; ++k)
      if (near.to[k] != tree_[x].parent) tree_[near.to[k]].parent = x, stack.push_back(near.to[k]);
  }
  for (std::size_t at = order_.size() - 1; at > 0; --at)
    tree_[tree_[order_[at]].parent].size += tree_[order_[at]].size;
}

std::vector<std::int32_t> SpanningTree::order_of_nodes() const {
  std::vector<std::int32_t> order(order_);
  std::rotate(order.begin(), order.begin() + position_[root_], order.end());
  return order;
}

void SpanningTree::refresh_potentials() {
  potentials_[position_[root_]] = 0;
  for (std::int32_t x : order_of_nodes()) {
    const std::int32_t parent = tree_[x].parent;
    if (parent < 0) continue;
    const std::int32_t i = std::min(x, parent), j = std::max(x, parent) - first_sink_;
    const double cost = costs_.at(static_cast<std::size_t>(i), static_cast<std::size_t>(j));
    potentials_[position_[x]] = potentials_[position_[parent]] + (x < first_sink_ ? cost : -cost);
  }
  centre();
}

void SpanningTree::centre() {
  double mean_u = 0, mean_v = 0;
  for (std::size_t i = 0; i < costs_.rows(); ++i) mean_u += u(i) / static_cast<double>(costs_.rows());
  for (std::size_t j = 0; j < costs_.cols(); ++j) mean_v += v(j) / static_cast<double>(costs_.cols());
  for (double& potential : potentials_) potential += (mean_v - mean_u) / 2;
}

template <class Real>
const Real* SpanningTree::columns() {
  Real* out = nullptr;
  if constexpr (std::is_same_v<Real, float>)
    out = single_.data();
  else
    out = double_.data();
  for (std::size_t j = 0; j < costs_.cols(); ++j) out[j] = static_cast<Real>(v(j));
  return out;
}
template const float* SpanningTree::columns<float>();
template const double* SpanningTree::columns<double>();

double SpanningTree::largest_potential() const {
  double largest = 0;
  for (double potential : potentials_) largest = std::max(largest, std::abs(potential));
  return largest;
}

// The arc above a subtree carries the difference of the masses below it. A difference that is within rounding
// of those masses is none: with equal weights most are, and such dust must not be carried over long
// distances.
double SpanningTree::set_flows(std::span<const double> a, std::span<const double> b) {
  constexpr double kRounding = 1e-15;
  std::vector<double> surplus(tree_.size(), 0.0), mass(tree_.size(), 0.0);
  for (std::size_t i = 0; i < a.size(); ++i) mass[i] = surplus[i] = a[i];
  for (std::size_t j = 0; j < b.size(); ++j) surplus[node_of_sink(j)] = -(mass[node_of_sink(j)] = b[j]);
  const std::vector<std::int32_t> order = order_of_nodes();
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t at = order.size() - 1; at > 0; --at) {
    const std::int32_t x = order[at], parent = tree_[x].parent;
    if (std::abs(surplus[x]) <= kRounding * mass[x]) surplus[x] = 0;
    tree_[x].flow = x < first_sink_ ? surplus[x] : -surplus[x];
    surplus[parent] += surplus[x], mass[parent] += mass[x];
    least = std::min(least, tree_[x].flow);
  }
  return least;
}

void SpanningTree::perturb_flows(double amount) {
  const Draw draw = {.seed = 0, .stream = stream_id("transport perturbation"), .step = 0};
  for (std::size_t x = 0; x < tree_.size(); ++x)
    tree_[x].flow =
        std::max(tree_[x].flow, 0.0) + amount * (0.5 + uniform01(draw, static_cast<std::uint32_t>(x)));
}

// The cycle that (i, j) closes runs up from i and up from j to where they meet. When flow rises in (i, j) it
// falls on the arcs that leave a source on i's side and on those that enter a sink on j's; else on the
// others.
SpanningTree::Leaving SpanningTree::find_leaving(std::int32_t i, std::int32_t j, bool more) const {
  Leaving least = {-1, -1, std::numeric_limits<double>::infinity(), false};
  std::int32_t p = i, q = j;
  while (p != q) {
    if (tree_[p].size <= tree_[q].size) {
      if ((p < first_sink_) == more && tree_[p].flow < least.flow) least = {p, -1, tree_[p].flow, true};
      p = tree_[p].parent;
    } else {
      if ((q >= first_sink_) == more && tree_[q].flow < least.flow) least = {q, -1, tree_[q].flow, false};
      q = tree_[q].parent;
    }
  }
  least.meeting = p;
  return least;
}

void SpanningTree::push(std::int32_t i, std::int32_t j, double flow, std::int32_t meeting, bool more) {
  for (std::int32_t p = i; p != meeting; p = tree_[p].parent)
    tree_[p].flow += (p < first_sink_) == more ? -flow : flow;
  for (std::int32_t q = j; q != meeting; q = tree_[q].parent)
    tree_[q].flow += (q >= first_sink_) == more ? -flow : flow;
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
  const std::int32_t below = tree_[leaving].size, above = tree_[leaving].parent, rest = nodes() - below;
  if (below <= rest) {
    const Half half = {leaving, below, below, 0};
    for (std::int32_t p = above; p != meeting; p = tree_[p].parent) tree_[p].size -= below;
    turn(half, inside);
    tree_[inside].parent = outside, tree_[inside].flow = flow;
    move_turned(half, outside, tree_[outside].size - (outside == meeting ? below : 0), shift);
    for (std::int32_t p = outside; p != meeting; p = tree_[p].parent) tree_[p].size += below;
    return;
  }
  const Half half = {root_, rest, steps(position_[root_], position_[leaving]), below};
  for (std::int32_t p = above; p >= 0; p = tree_[p].parent) tree_[p].size -= below;
  turn(half, outside);
  tree_[outside].parent = inside, tree_[outside].flow = flow;
  tree_[leaving].parent = -1, root_ = leaving;
  move_turned(half, inside, tree_[inside].size, -shift);
  for (std::int32_t p = inside; p >= 0; p = tree_[p].parent) tree_[p].size += rest;
}

// Re-roots a half at `new_top` by turning the arcs above it; its nodes and their potentials are left in
// turned_ and turned_potentials_, in their new preorder: first the subtree of new_top, then of each ancestor
// what is not in the subtree before.
void SpanningTree::turn(const Half& half, std::int32_t new_top) {
  const auto place_of = [&](std::int32_t x) {
    const std::int32_t k = steps(position_[half.top], position_[x]);
    return k < half.before_hole ? k : k - half.hole;
  };
  turned_.clear(), turned_potentials_.clear();
  std::int32_t begin = place_of(new_top), end = begin + tree_[new_top].size;
  append_turned(half, begin, end);
  path_.clear();
  for (std::int32_t p = new_top; p != half.top; p = tree_[p].parent) path_.push_back(p);
  path_.push_back(half.top);
  double flow = tree_[new_top].flow;
  std::int32_t inner = tree_[new_top].size;
  for (std::size_t k = 1; k < path_.size(); ++k) {
    Node& p = tree_[path_[k]];
    const std::int32_t outer = p.size, outer_begin = place_of(path_[k]);
    append_turned(half, outer_begin, begin), append_turned(half, end, outer_begin + outer);
    begin = outer_begin, end = outer_begin + outer;
    p.size = half.count - inner, inner = outer;
    std::swap(flow, p.flow);
    p.parent = path_[k - 1];
  }
  tree_[new_top].size = half.count;
}

// Appends the half's nodes begin … end−1, counted from its top without the hole.
void SpanningTree::append_turned(const Half& half, std::int32_t begin, std::int32_t end) {
  const std::int32_t top = position_[half.top], middle = std::clamp(half.before_hole, begin, end);
  append_stretch(wrapped(top + begin), middle - begin);
  append_stretch(wrapped(wrapped(top + middle) + half.hole), end - middle);
}

void SpanningTree::append_stretch(std::int32_t from, std::int32_t count) {
  if (count <= 0) return;
  const std::int32_t first = std::min(count, nodes() - from);
  turned_.insert(turned_.end(), order_.begin() + from, order_.begin() + from + first);
  turned_potentials_.insert(turned_potentials_.end(), potentials_.begin() + from,
                            potentials_.begin() + from + first);
  append_stretch(0, count - first);
}

// Puts the turned nodes into the ring below `new_parent`, as its first or its last child, and shifts their
// potentials on the way. The half that moves is one stretch of the ring, from `begin`; to insert it `after`
// nodes further on, either those slide back over its place or all others slide forth: whichever are fewer.
void SpanningTree::move_turned(const Half& half, std::int32_t new_parent, std::int32_t parent_size,
                               double shift) {
  const std::int32_t count = half.count, others = nodes() - count;
  const std::int32_t begin = half.hole == 0 ? position_[half.top] : wrapped(position_[root_] + half.hole);
  const std::int32_t end = wrapped(begin + count);
  const std::int32_t first = steps(end, position_[new_parent]) + 1;
  const std::int32_t beyond = first - 1 + parent_size, last = beyond > others ? beyond - others : beyond;
  const auto cost = [&](std::int32_t after) { return std::min(after, others - after); };
  const std::int32_t after = cost(first) < cost(last) ? first : last;
  std::int32_t target = wrapped(begin + after);
  if (2 * after <= others) {
    slide_back(end, begin, after);
  } else {
    slide_forth(begin, end, others - after);
    target = wrapped(begin - (others - after) + nodes());
  }
  const std::int32_t until_wrap = std::min(count, nodes() - target);
  put_turned(0, until_wrap, target, shift), put_turned(until_wrap, count, 0, shift);
}

void SpanningTree::put_turned(std::int32_t begin, std::int32_t end, std::int32_t index, double shift) {
  for (std::int32_t k = begin; k < end; ++k, ++index) {
    order_[index] = turned_[k], potentials_[index] = turned_potentials_[k] + shift;
    position_[turned_[k]] = index;
  }
}

// Moves `count` nodes of the ring from index `from` on to an earlier place.
void SpanningTree::slide_back(std::int32_t from, std::int32_t to, std::int32_t count) {
  while (count > 0) {
    const std::int32_t piece = std::min({count, nodes() - from, nodes() - to});
    copy_in_ring(from, to, piece);
    from = wrapped(from + piece), to = wrapped(to + piece), count -= piece;
  }
}

// Moves the `count` nodes that end before index `from` to where they end before a later index.
void SpanningTree::slide_forth(std::int32_t from, std::int32_t to, std::int32_t count) {
  while (count > 0) {
    if (from == 0) from = nodes();
    if (to == 0) to = nodes();
    const std::int32_t piece = std::min({count, from, to});
    from -= piece, to -= piece, count -= piece;
    copy_in_ring(from, to, piece);
  }
}

void SpanningTree::copy_in_ring(std::int32_t from, std::int32_t to, std::int32_t count) {
  const auto size = static_cast<std::size_t>(count);
  std::memmove(order_.data() + to, order_.data() + from, size * sizeof(order_[0]));
  std::memmove(potentials_.data() + to, potentials_.data() + from, size * sizeof(potentials_[0]));
  for (std::int32_t k = to; k < to + count; ++k) position_[order_[k]] = k;
}

std::int32_t SpanningTree::least_flow_node(double& flow) const {
  std::int32_t least = -1;
  flow = std::numeric_limits<double>::infinity();
  for (std::int32_t x : order_of_nodes())
    if (tree_[x].parent >= 0 && tree_[x].flow < flow) flow = tree_[x].flow, least = x;
  return least;
}

void SpanningTree::mark_subtree(std::int32_t node, std::vector<char>& marks) const {
  marks.assign(tree_.size(), 0);
  for (std::int32_t k = 0; k < tree_[node].size; ++k) marks[order_[wrapped(position_[node] + k)]] = 1;
}

}  // namespace pushforward::transport
