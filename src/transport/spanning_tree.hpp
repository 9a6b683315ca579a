// SPDX-License-Identifier: Apache-2.0
//
// The basis of the transport simplex: a spanning tree of sources and sinks, its flows and its potentials.
//
// A basic solution of the transport problem is a spanning tree of the complete bipartite graph (n + m − 1
// arcs). Nothing else is kept: no arc lists, no costs. A node knows its parent, the size of its subtree, and
// the flow on the arc to its parent. Potentials satisfy u_i + v_j = c_ij along the tree.
//
// One pivot takes the arc `leaving` out, which splits the tree in two, and joins the halves by the entering
// arc. The potentials of one half move by the entering arc's reduced cost; since u_i + v_j only ever matter
// together it may be either half, so the *smaller* is re-rooted, re-hung and shifted, and the root moves with
// the larger. With 10000 nodes that is some 600 to 1500 nodes a pivot instead of up to half of them. (The
// price is that the potentials' common constant drifts; `centre` takes it out before it eats digits.)
//
// The nodes stand in one array in preorder (parents first, every subtree in one piece), which is read as a
// ring that begins at the root. So the half that moves is one piece of the ring: to shift it is a loop over
// an array, without pointers to chase or branches to guess, which lists of children cost some twenty cycles a
// node for. To re-root it is to copy the 2k + 1 pieces between the k nodes of the turned path in another
// order; to re-hang it is to slide the shorter of the two stretches of ring between its old and its new
// place. [Bradley, Brown & Graves, "Design and implementation of large scale primal transshipment
// algorithms", 1977, for preorder; Kelly & O'Neill's MINFLO, 1991, for the smaller side.]
//
// The meeting point of two paths is found without depths: a node's subtree is smaller than its ancestors', so
// the path at the smaller subtree climbs.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "transport/cost_oracle.hpp"

namespace pushforward::transport {

/// A basic arc.
struct BasicArc {
  std::int32_t source, sink;
};

class SpanningTree {
 public:
  /// `arcs` must be n + m − 1 arcs that connect everything. Flows and potentials are set by the functions
  /// below.
  SpanningTree(const CostOracle& costs, std::span<const BasicArc> arcs);

  double u(std::size_t i) const { return potentials_[position_[i]]; }
  double v(std::size_t j) const { return -potentials_[position_[node_of_sink(j)]]; }
  /// All v as they are now, for scans; valid until the next call.
  template <class Real>
  const Real* columns();

  /// Computes all potentials anew from the costs of the tree's arcs, then centres.
  void refresh_potentials();
  /// Moves the common constant so that u and v have the same mean.
  void centre();
  /// The largest |potential|.
  double largest_potential() const;

  /// Computes all flows from the weights; returns the smallest (negative when the tree is not feasible).
  double set_flows(std::span<const double> a, std::span<const double> b);
  /// Adds amount·U(½, 1½) to every flow, at least amount/2 then: the weights that belong to it are never
  /// needed.
  void perturb_flows(double amount);

  /// Lets flow into the arc (i, j), of reduced cost `reduced` < 0, until another arc is empty, which leaves.
  void pivot(std::size_t i, std::size_t j, double reduced);

  /// Moves `mass`, which goes along the arc (i, j) outside of the tree, onto the tree, if need be by letting
  /// the arc in for one that it empties. `reduced` is the arc's reduced cost.
  void absorb(std::size_t i, std::size_t j, double mass, double reduced);

  /// The node whose arc to its parent carries the least flow, and that flow.
  std::int32_t least_flow_node(double& flow) const;
  /// Whether the subtree of `node` must send mass out (true) or is short of it, when its arc is taken away.
  bool has_surplus(std::int32_t node) const { return node >= first_sink_; }
  /// marks[x] = 1 in the subtree of `node` (sources first, sinks from first_sink()), 0 elsewhere.
  void mark_subtree(std::int32_t node, std::vector<char>& marks) const;
  /// Replaces the arc of `node` to its parent by (i, j), whatever the flows: a dual pivot.
  void replace(std::int32_t node, std::size_t i, std::size_t j, double reduced, bool source_inside);

  std::int32_t first_sink() const { return first_sink_; }
  std::size_t node_of_sink(std::size_t j) const { return static_cast<std::size_t>(first_sink_) + j; }

  /// Calls visit(i, j, flow) for every basic arc.
  template <class Visit>
  void for_each_arc(const Visit& visit) const {
    for (std::int32_t x : order_) {
      if (tree_[x].parent < 0) continue;
      const bool source = x < first_sink_;
      const std::int32_t i = source ? x : tree_[x].parent, j = (source ? tree_[x].parent : x) - first_sink_;
      visit(static_cast<std::size_t>(i), static_cast<std::size_t>(j), tree_[x].flow);
    }
  }

 private:
  struct Node {
    std::int32_t parent = -1, size = 1;
    double flow = 0;  // on the arc to the parent
  };
  struct Leaving {
    std::int32_t node, meeting;
    double flow;
    bool source_side;
  };
  // A half of the cut tree: `count` nodes of the ring from the one called `top`, but for `hole` nodes after
  // the first `before_hole` (the other half, when that hangs below this one).
  struct Half {
    std::int32_t top, count, before_hole, hole;
  };

  std::int32_t nodes() const { return static_cast<std::int32_t>(order_.size()); }
  std::int32_t wrapped(std::int32_t index) const { return index >= nodes() ? index - nodes() : index; }
  // Steps along the ring from one index to another.
  std::int32_t steps(std::int32_t from, std::int32_t to) const {
    return to >= from ? to - from : to - from + nodes();
  }

  std::vector<std::int32_t> order_of_nodes() const;  // parents before children
  // `more`: whether flow rises in the arc (i, j), or falls.
  Leaving find_leaving(std::int32_t i, std::int32_t j, bool more) const;
  void push(std::int32_t i, std::int32_t j, double flow, std::int32_t meeting, bool more);
  void exchange(std::int32_t leaving, std::int32_t inside, std::int32_t outside, double flow, double shift,
                std::int32_t meeting);
  void turn(const Half& half, std::int32_t new_top);
  void append_turned(const Half& half, std::int32_t begin, std::int32_t end);
  void append_stretch(std::int32_t from, std::int32_t count);
  void move_turned(const Half& half, std::int32_t new_parent, std::int32_t parent_size, double shift);
  void put_turned(std::int32_t begin, std::int32_t end, std::int32_t index, double shift);
  void slide_back(std::int32_t from, std::int32_t to, std::int32_t count);
  void slide_forth(std::int32_t from, std::int32_t to, std::int32_t count);
  void copy_in_ring(std::int32_t from, std::int32_t to, std::int32_t count);

  const CostOracle& costs_;
  std::int32_t first_sink_, root_ = 0;
  std::vector<Node> tree_;              // by node
  std::vector<std::int32_t> position_;  // by node: where it stands in the ring
  std::vector<std::int32_t> order_;     // the ring
  std::vector<double> potentials_;  // along the ring: u of a source, −v of a sink, so that shifts are uniform
  std::vector<std::int32_t> path_, turned_;  // of one exchange
  std::vector<double> turned_potentials_;
  ColumnPotentials<float> single_;
  ColumnPotentials<double> double_;
};

}  // namespace pushforward::transport
