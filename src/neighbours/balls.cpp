// SPDX-License-Identifier: Apache-2.0
//
// How many balls contain each query, exactly.
//
// The same leaves and kernels as the neighbour search, with a limit per centre instead of per query. float32
// decides where it can: two limits a ball, radius plus and minus the bound on float32's error, leave only the
// pairs between them to be computed in double (on a sample compared with itself the boundary is hit exactly,
// so it matters). Cost: at most n·m·d/32 vector operations and a few nanoseconds a containing ball.
#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "neighbours/block.hpp"
#include "pushforward/error.hpp"
#include "pushforward/neighbours.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace neighbours {
namespace {

// Squared radii in scaled units, by place in the order of the leaves, padded like a leaf.
struct Limits {
  std::vector<float> sure, perhaps;         // surely inside below the one, surely outside above the other
  std::vector<float> widest, group_widest;  // of each leaf, of each group

  Limits(const Leaves<float>& centres, const Frame& frame, std::span<const double> radii)
      : sure(centres.n() + neighbours::kPointGroup, -1.0f),
        perhaps(sure),
        widest(centres.count(), -1.0f),
        group_widest(centres.groups(), -1.0f) {
    const double slack = float_slack(centres.d());
    for (std::size_t i = 0; i < centres.n(); ++i) {
      const double radius = radii[centres.original(i)] * frame.scale;
      const double low = (radius - frame.rounding) * (1 - slack),
                   high = (radius + frame.rounding) * (1 + slack);
      sure[i] = low > 0 ? static_cast<float>(low * low * (1 - slack)) : -1.0f;
      perhaps[i] = static_cast<float>(std::min(high * high * (1 + slack) + 1e-44, 3e38));
      for (float* most : {&widest[i / kLeaf], &group_widest[i / kLeaf / kGroup]})
        *most = std::max(*most, perhaps[i]);
    }
  }
};

// Counts for one block of queries after another.
template <class A, class B>
class Counter {
 public:
  Counter(View<const A> queries, View<const B> centres, std::span<const double> radii, const Frame& frame,
          const Leaves<float>& leaves, const Limits& limits)
      : queries_(queries),
        centres_(centres),
        radii_(radii),
        frame_(frame),
        leaves_(leaves),
        limits_(limits),
        block_(leaves),
        hits_(neighbours::kQueryBlock * kLeaf) {}

  void run(const Leaves<float>& queries, std::span<const std::uint32_t> places,
           std::vector<std::uint32_t>& counts) {
    block_.load(queries, places);
    for (std::size_t g = 0; g < leaves_.groups(); ++g)
      if (block_.group_gap(g) <= limits_.group_widest[g])
        block_.list_group(g, std::numeric_limits<float>::infinity());
    for (const auto& [leaf, gap, middle] : block_.take_listed()) {
      if (gap > limits_.widest[leaf]) continue;
      const std::size_t first = leaf * kLeaf;
      const std::size_t found =
          neighbours::scan_by_point(block_.queries(), leaves_.d(), leaves_.point(first),
                                    leaves_.padded_size(leaf), &limits_.perhaps[first], hits_.data());
      for (const neighbours::Hit& hit : std::span(hits_).first(found)) {
        if (hit.lane >= places.size()) continue;
        const std::uint32_t query = queries.original(places[hit.lane]);
        counts[query] += contains(hit, first + hit.point, query) ? 1 : 0;
      }
    }
  }

 private:
  bool contains(const neighbours::Hit& hit, std::size_t place, std::uint32_t query) const {
    if (hit.value < limits_.sure[place]) return true;
    const std::uint32_t centre = leaves_.original(place);
    return std::sqrt(exact_square(queries_, query, centres_, centre, frame_.scale)) / frame_.scale <=
           radii_[centre];
  }

  View<const A> queries_;
  View<const B> centres_;
  std::span<const double> radii_;
  const Frame& frame_;
  const Leaves<float>& leaves_;
  const Limits& limits_;
  Block<float> block_;
  std::vector<neighbours::Hit> hits_;
};

}  // namespace
}  // namespace neighbours

std::vector<std::uint32_t> count_balls(const Points& queries, const Points& centres,
                                       std::span<const double> radii) {
  using namespace neighbours;
  if (queries.d() != centres.d() || radii.size() != centres.n())
    throw RequestError(Complaint{"balls",
                                 fmt::format("{} radii for {} centres of R^{}, queries of R^{}", radii.size(),
                                             centres.n(), centres.d(), queries.d()),
                                 "a radius for each centre, and one space"});
  std::vector<std::uint32_t> counts(queries.n(), 0);
  if (queries.n() == 0 || centres.n() == 0) return counts;
  const Frame frame(queries, centres);
  const std::vector<std::uint32_t> centre_order = kd_order(centres), query_order = kd_order(queries);
  const Leaves<float> leaves(centres, frame, centre_order), asking(queries, frame, query_order);
  const Limits limits(leaves, frame, radii);
  const std::vector<std::uint32_t> places = all_places(queries.n());
  const std::size_t blocks = (places.size() + neighbours::kQueryBlock - 1) / neighbours::kQueryBlock;
  parallel_for(blocks, worth_a_thread(centres.n(), centres.d()), [&](std::size_t begin, std::size_t end) {
    std::visit(
        [&](auto x, auto y) {
          Counter counter(x, y, radii, frame, leaves, limits);
          for (std::size_t b = begin; b < end; ++b) {
            const std::size_t first = b * neighbours::kQueryBlock,
                              size = std::min(places.size() - first, neighbours::kQueryBlock);
            counter.run(asking, std::span(places).subspan(first, size), counts);
          }
        },
        queries.data, centres.data);
  });
  return counts;
}

}  // namespace pushforward
