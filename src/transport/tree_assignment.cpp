// SPDX-License-Identifier: Apache-2.0
// One auction for each dimension and instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "transport/tree_assignment.cpp"
#include "hwy/foreach_target.h"
// after foreach_target.h
#include "hwy/highway.h"
#include "transport/sink_tree-inl.hpp"
#include "transport/tree_auction-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward::transport::HWY_NAMESPACE {

template <std::size_t D>
std::optional<TreePlan> Assigned(View<const double> x, View<const double> y, std::size_t most_opened) {
  TreeAuction<D> auction(x, y);
  if (!auction.solve(most_opened)) return {};
  return auction.plan();
}

std::optional<TreePlan> AssignByTree(View<const double> x, View<const double> y, std::size_t most_opened) {
  return x.cols == 2 ? Assigned<2>(x, y, most_opened) : Assigned<3>(x, y, most_opened);
}

}  // namespace pushforward::transport::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward::transport {
HWY_EXPORT(AssignByTree);

std::optional<TreePlan> tree_assignment(View<const double> x, View<const double> y, std::size_t most_opened) {
  return HWY_DYNAMIC_DISPATCH(AssignByTree)(x, y, most_opened);
}

}  // namespace pushforward::transport
#endif
