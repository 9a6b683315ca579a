// SPDX-License-Identifier: Apache-2.0
//
// The k nearest neighbours of many queries, by brute force that skips what boxes rule out.
//
// Search in float32, answer in double. The first pass keeps k+1 candidates a query by float32 distances, then
// computes those candidates' distances from the original coordinates in double. Whatever was left out lies,
// in float32, at least as far as the last candidate; with the error of float32 bounded (rounding of the
// coordinates plus rounding of the sum) that proves the answer for nearly every query. The few that it does
// not (ties, a cluster much tighter than the data are wide) are searched again in double. So the answer is
// exact for any input, at the price of float32 for ordinary input.
//
// Cost at n = m = 50000, d = 8: about half of all pairs are compared, 16 at a time with AVX-512. Rejected: a
// k-d tree walked per query (three times slower at d = 8, where a tree prunes little and its leaves are too
// short for vectors); ‖x‖² − 2x·y + ‖y‖² (half the arithmetic, but it cancels for clusters away from the
// centre).
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

template <class T>
struct Candidate {
  T value;  // squared distance
  std::uint32_t row;
};

// The `keep` nearest candidates of each query of a block, by distances in T.
template <class T>
class Search {
 public:
  Search(const Leaves<T>& points, std::size_t keep, bool within)
      : points_(points),
        block_(points),
        within_(within),
        values_(keep, neighbours::kQueryBlock),
        rows_(keep, neighbours::kQueryBlock),
        self_(1, neighbours::kQueryBlock),
        lists_{values_.data(), rows_.data(), keep, self_.data()} {}

  void run(const Leaves<T>& queries, std::span<const std::uint32_t> places) {
    block_.load(queries, places);
    clear(queries, places);
    T widest = std::numeric_limits<T>::infinity();
    const std::size_t nearest = block_.nearest_group();
    block_.list_group(nearest, widest);
    visit_listed(widest);
    for (std::size_t g = 0; g < points_.groups(); ++g)
      if (g != nearest && block_.group_gap(g) < widest) block_.list_group(g, widest);
    visit_listed(widest);
  }

  /// Candidates of query l, nearest first; those that were not found have infinite values.
  void candidates(std::size_t l, std::vector<Candidate<T>>& out) const {
    out.clear();
    for (std::size_t r = 0; r < lists_.keep; ++r)
      out.push_back({values_(r, l), static_cast<std::uint32_t>(rows_(r, l))});
  }

 private:
  // Unused lanes get lists that nothing can enter.
  void clear(const Leaves<T>& queries, std::span<const std::uint32_t> places) {
    for (std::size_t l = 0; l < neighbours::kQueryBlock; ++l) {
      const bool used = l < places.size();
      for (std::size_t r = 0; r < lists_.keep; ++r)
        values_(r, l) = used ? std::numeric_limits<T>::infinity() : T{-1};
      self_(0, l) = within_ && used ? queries.original(places[l]) : std::numeric_limits<std::uint32_t>::max();
    }
  }

  // `widest` is the largest limit of any query; it falls as neighbours are found.
  void visit_listed(T& widest) {
    const T* limits = values_.row(lists_.keep - 1);
    for (const auto& [leaf, gap, middle] : block_.take_listed()) {
      if (!(gap < widest)) continue;
      if (!neighbours::box_within(block_.queries(), points_.d(), points_.low(leaf), points_.high(leaf),
                                  limits))
        continue;
      const std::size_t first = leaf * kLeaf;
      if (neighbours::enter_points(block_.queries(), points_.d(), points_.point(first),
                                   points_.padded_size(leaf), points_.originals(first), lists_))
        widest = widest_limit(limits);
    }
  }

  static T widest_limit(const T* limits) {
    T most[8];
    std::copy_n(limits, 8, most);
    for (std::size_t l = 8; l < neighbours::kQueryBlock; l += 8)
      for (std::size_t j = 0; j < 8; ++j) most[j] = most[j] < limits[l + j] ? limits[l + j] : most[j];
    return *std::max_element(most, most + 8);
  }

  using Row = typename neighbours::NearestLists<T>::Row;
  const Leaves<T>& points_;
  Block<T> block_;
  bool within_;
  Matrix<T> values_;
  Matrix<Row> rows_, self_;
  neighbours::NearestLists<T> lists_;
};

struct Found {
  double square;
  std::uint32_t row;
  bool operator<(const Found& other) const {
    return square != other.square ? square < other.square : row < other.row;
  }
};

// One question: whose neighbours, among which points, how many.
struct Question {
  const Points &queries, &points;
  std::size_t k, first;  // ranks first … k are asked for
  bool within;
};

// Recomputes candidates in double, sorts them, and writes the k nearest. True if nothing that was left out
// (it lies at least `bound` away) can be nearer.
template <class T, class A, class B>
bool settle(View<const A> x, View<const B> y, std::size_t i, std::span<const Candidate<T>> candidates,
            double scale, double bound, std::vector<Found>& found, const Question& ask, Neighbours& out) {
  found.clear();
  for (const Candidate<T>& c : candidates)
    if (std::isfinite(c.value)) found.push_back({exact_square(x, i, y, c.row, scale), c.row});
  if (found.size() < ask.k) return false;
  std::sort(found.begin(), found.end());
  for (std::size_t j = ask.first - 1; j < ask.k; ++j) {
    out.distance(i, j + 1 - ask.first) = std::sqrt(found[j].square) / scale;
    out.index(i, j + 1 - ask.first) = found[j].row;
  }
  return std::sqrt(found[ask.k - 1].square) <= bound;
}

// How far away, at least, whatever is not among the candidates lies.
template <class T>
double bound_of(std::span<const Candidate<T>> candidates, bool everything, const Frame& frame,
                std::size_t d) {
  const double last = static_cast<double>(candidates.back().value);
  if (everything || std::is_same_v<T, double>) return std::numeric_limits<double>::infinity();
  return std::isfinite(last) ? std::sqrt(last) * (1 - float_slack(d)) - frame.rounding : 0;
}

// Answers the queries at `places` with distances in T; returns the places whose answers are not proved.
template <class T>
std::vector<std::uint32_t> pass(const Question& ask, const Frame& frame, const Leaves<T>& queries,
                                const Leaves<T>& points, std::span<const std::uint32_t> places,
                                Neighbours& out) {
  const std::size_t others = points.n() - (ask.within ? 1 : 0);
  const std::size_t keep = std::min(others, std::is_same_v<T, double> ? ask.k : ask.k + 1);
  const std::size_t blocks = (places.size() + neighbours::kQueryBlock - 1) / neighbours::kQueryBlock;
  std::vector<std::uint8_t> doubtful(places.size(), 0);
  parallel_for(blocks, worth_a_thread(points.n(), points.d()), [&](std::size_t begin, std::size_t end) {
    Search<T> search(points, keep, ask.within);
    std::vector<Candidate<T>> near;
    std::vector<Found> found;
    for (std::size_t b = begin; b < end; ++b) {
      const std::size_t first = b * neighbours::kQueryBlock,
                        size = std::min(places.size() - first, neighbours::kQueryBlock);
      search.run(queries, places.subspan(first, size));
      std::visit(
          [&](auto x, auto y) {
            for (std::size_t l = 0; l < size; ++l) {
              search.candidates(l, near);
              const double bound = bound_of<T>(near, keep == others, frame, points.d());
              doubtful[first + l] = !settle<T>(x, y, queries.original(places[first + l]), near, frame.scale,
                                               bound, found, ask, out);
            }
          },
          ask.queries.data, ask.points.data);
    }
  });
  std::vector<std::uint32_t> left;
  for (std::size_t i = 0; i < places.size(); ++i)
    if (doubtful[i] != 0) left.push_back(places[i]);
  return left;
}

template <class T>
std::vector<std::uint32_t> pass(const Question& ask, const Frame& frame,
                                std::span<const std::uint32_t> query_order,
                                std::span<const std::uint32_t> point_order,
                                std::span<const std::uint32_t> places, Neighbours& out) {
  const Leaves<T> points(ask.points, frame, point_order);
  if (ask.within) return pass<T>(ask, frame, points, points, places, out);
  return pass<T>(ask, frame, Leaves<T>(ask.queries, frame, query_order), points, places, out);
}

Neighbours answer(const Question& ask) {
  Frame frame(ask.queries, ask.points);
  const std::vector<std::uint32_t> point_order = kd_order(ask.points);
  const std::vector<std::uint32_t> query_order = ask.within ? point_order : kd_order(ask.queries);
  const std::size_t n = ask.queries.n(), ranks = ask.k - ask.first + 1;
  Neighbours out{Matrix<double>(n, ranks), Matrix<std::uint32_t>(n, ranks)};
  std::vector<std::uint32_t> places = all_places(n);
  places = pass<float>(ask, frame, query_order, point_order, places, out);
  if (places.empty()) return out;
  std::fill(frame.centre.begin(), frame.centre.end(), 0.0);  // times a power of two: no rounding at all
  pass<double>(ask, frame, query_order, point_order, places, out);
  return out;
}

void check(const Question& ask) {
  const std::size_t most = ask.points.n() - (ask.within && ask.points.n() > 0 ? 1 : 0);
  if (ask.queries.d() != ask.points.d() || ask.points.d() == 0)
    throw RequestError(Complaint{"neighbours",
                                 fmt::format("points of R^{} and R^{}", ask.queries.d(), ask.points.d()),
                                 "the same space"});
  if (ask.k < 1 || ask.k > most)
    throw RequestError(Complaint{"neighbours: k", fmt::format("{} with {} points", ask.k, ask.points.n()),
                                 fmt::format("1 to {}", most), "use a smaller k, or more points"});
  if (ask.first < 1 || ask.first > ask.k)
    throw RequestError(
        Complaint{"neighbours: first", fmt::format("{}", ask.first), fmt::format("1 to {}", ask.k)});
  if (ask.points.n() >= std::numeric_limits<std::uint32_t>::max())
    throw RequestError(
        Complaint{"neighbours", fmt::format("{} points", ask.points.n()), "fewer than 4294967295"});
}

}  // namespace
}  // namespace neighbours

Neighbours nearest_neighbours(const Points& queries, const Points& points, std::size_t k, std::size_t first) {
  const neighbours::Question ask{queries, points, k, first, false};
  neighbours::check(ask);
  return queries.n() == 0 ? Neighbours{} : neighbours::answer(ask);
}

Neighbours nearest_neighbours_within(const Points& points, std::size_t k, std::size_t first) {
  const neighbours::Question ask{points, points, k, first, true};
  neighbours::check(ask);
  return neighbours::answer(ask);
}

}  // namespace pushforward
