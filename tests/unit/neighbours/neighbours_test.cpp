// SPDX-License-Identifier: Apache-2.0
// The neighbour search against every pair in double precision, on the data that break such searches.
#include <algorithm>
#include <cmath>
#include <functional>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include "neighbours/neighbour_kernels.hpp"
#include "pushforward/error.hpp"
#include "pushforward/neighbours.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

const Draw kDraw{7, stream_id("neighbours test"), 0};

Matrix<double> normal(std::size_t n, std::size_t d, std::uint64_t step, double scale = 1, double shift = 0) {
  Matrix<double> points(n, d);
  fill_normal(points.span(), kDraw.at(step), shift, scale);
  return points;
}

double square(const Points& x, std::size_t i, const Points& y, std::size_t j) {
  double sum = 0;
  for (std::size_t k = 0; k < x.d(); ++k) sum += (x.at(i, k) - y.at(j, k)) * (x.at(i, k) - y.at(j, k));
  return sum;
}

// All distances of query i in ascending order, the slow way.
std::vector<double> all_distances(const Points& x, std::size_t i, const Points& y, bool within) {
  std::vector<double> all;
  for (std::size_t j = 0; j < y.n(); ++j)
    if (!within || i != j) all.push_back(std::sqrt(square(x, i, y, j)));
  std::sort(all.begin(), all.end());
  return all;
}

void expect_exact(const Points& x, const Points& y, std::size_t k, bool within, const std::string& what) {
  const Neighbours found = within ? nearest_neighbours_within(x, k) : nearest_neighbours(x, y, k);
  for (std::size_t i = 0; i < x.n(); ++i) {
    const std::vector<double> wanted = all_distances(x, i, y, within);
    for (std::size_t j = 0; j < k; ++j) {
      ASSERT_NEAR(found.distance(i, j), wanted[j], 1e-14 * wanted[j])
          << what << ", query " << i << ", neighbour " << j;
      ASSERT_NEAR(found.distance(i, j), std::sqrt(square(x, i, y, found.index(i, j))), 1e-14 * wanted[j])
          << what;
      ASSERT_FALSE(within && found.index(i, j) == i) << what;
      ASSERT_FALSE(j > 0 && found.index(i, j) == found.index(i, j - 1)) << what;
    }
  }
}

struct Data {
  const char* name;
  std::function<Matrix<double>(std::size_t n, std::size_t d, std::uint64_t step)> make;
};

Matrix<double> grid(std::size_t n, std::size_t d, std::uint64_t step) {
  Matrix<double> points = normal(n, d, step, 1.5);
  for (double& v : points.span()) v = std::round(v);
  return points;
}

// Two tight clusters, far apart and far from zero: float32 sees each as one point.
Matrix<double> clusters(std::size_t n, std::size_t d, std::uint64_t step) {
  Matrix<double> points = normal(n, d, step, 1e-3);
  for (std::size_t i = 0; i < n; ++i) points(i, 0) += i % 2 == 0 ? 1e6 : -3e6;
  return points;
}

Matrix<double> heavy(std::size_t n, std::size_t d, std::uint64_t step) {
  Matrix<double> points = normal(n, d, step);
  for (double& v : points.span()) v = std::sinh(4 * v);
  return points;
}

const Data kData[] = {
    {"normal", [](auto n, auto d, auto s) { return normal(n, d, s); }},
    {"grid", grid},
    {"clusters", clusters},
    {"heavy tails", heavy},
    {"all the same", [](auto n, auto d, auto) { return normal(n, d, 0, 0, 2.5); }},
    {"huge", [](auto n, auto d, auto s) { return normal(n, d, s, 1e150); }},
    {"tiny", [](auto n, auto d, auto s) { return normal(n, d, s, 1e-150); }},
    {"offset", [](auto n, auto d, auto s) { return normal(n, d, s, 1, 1e9); }},
};

TEST(Neighbours, AgreeWithEveryPair) {
  std::uint64_t step = 1;
  for (const Data& data : kData)
    for (const std::size_t d : {1u, 2u, 8u, 19u})
      for (const std::size_t n : {2u, 33u, 130u}) {
        const Matrix<double> x = data.make(n, d, ++step), y = data.make(n + 31, d, ++step);
        for (const std::size_t k : {std::size_t{1}, std::size_t{5}, std::min<std::size_t>(n - 1, 40)}) {
          if (k >= n) continue;
          const std::string what = fmt::format("{}, n={}, d={}, k={}", data.name, n, d, k);
          expect_exact(x.view(), x.view(), k, true, what);
          expect_exact(x.view(), y.view(), k, false, what + " across");
        }
      }
}

TEST(Neighbours, SkippingLeavesLosesNothing) {
  const Matrix<double> x = normal(900, 2, 900), y = normal(1100, 2, 901, 2);
  expect_exact(x.view(), y.view(), 3, false, "many leaves");
  expect_exact(y.view(), y.view(), 3, true, "many leaves within");
}

TEST(Neighbours, Float32InputIsMeasuredInDouble) {
  Matrix<float> x(150, 3), y(90, 3);
  fill_normal(x.span(), kDraw.at(50), 100, 1), fill_normal(y.span(), kDraw.at(51), 100, 1);
  expect_exact(View<const float>(x), View<const float>(y), 4, false, "float32");
  const Matrix<double> z = normal(70, 3, 52, 1, 100);
  expect_exact(View<const float>(x), z.view(), 4, false, "float32 against float64");
}

TEST(Neighbours, DoNotDependOnThreads) {
  const Matrix<double> x = grid(3000, 12, 60);  // enough work for three threads
  const int before = threads();
  set_threads(1);
  const Neighbours one = nearest_neighbours_within(x.view(), 6);
  set_threads(3);
  const Neighbours three = nearest_neighbours_within(x.view(), 6);
  set_threads(before);
  EXPECT_TRUE(std::equal(one.index.span().begin(), one.index.span().end(), three.index.span().begin()));
  EXPECT_TRUE(
      std::equal(one.distance.span().begin(), one.distance.span().end(), three.distance.span().begin()));
}

// float32 only proposes, so neither the width of vectors nor fused multiply-adds show in an answer.
TEST(Neighbours, DoNotDependOnTheProcessor) {
  const Matrix<double> x = normal(300, 5, 61), y = heavy(300, 5, 62);
  const Neighbours best = nearest_neighbours(x.view(), y.view(), 4);
  const std::vector<std::int64_t> targets = hwy::SupportedAndGeneratedTargets();
  for (const std::int64_t target : targets) {
    hwy::SetSupportedTargetsForTest(target);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    const Neighbours other = nearest_neighbours(x.view(), y.view(), 4);
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
    EXPECT_TRUE(std::equal(best.index.span().begin(), best.index.span().end(), other.index.span().begin()));
    EXPECT_TRUE(
        std::equal(best.distance.span().begin(), best.distance.span().end(), other.distance.span().begin()));
  }
  EXPECT_GT(targets.size(), 0u);
}

TEST(Neighbours, OneRankAlone) {
  const Matrix<double> x = normal(80, 2, 63);
  const Neighbours all = nearest_neighbours_within(x.view(), 7),
                   last = nearest_neighbours_within(x.view(), 7, 7);
  ASSERT_EQ(last.distance.cols(), 1u);
  for (std::size_t i = 0; i < x.rows(); ++i) {
    EXPECT_EQ(last.distance(i, 0), all.distance(i, 6));
    EXPECT_EQ(last.index(i, 0), all.index(i, 6));
  }
}

TEST(Neighbours, RefusesAnImpossibleK) {
  const Matrix<double> x = normal(4, 2, 70);
  EXPECT_THROW(nearest_neighbours_within(x.view(), 4), RequestError);
  EXPECT_THROW(nearest_neighbours(x.view(), x.view(), 5), RequestError);
  EXPECT_THROW(nearest_neighbours(x.view(), x.view(), 0), RequestError);
  EXPECT_NO_THROW(nearest_neighbours(x.view(), x.view(), 4));
}

// Radii are distances to neighbours, so that boundaries are hit exactly.
TEST(Balls, AreCountedExactly) {
  std::uint64_t step = 100;
  for (const Data& data : kData)
    for (const std::size_t d : {1u, 3u, 20u}) {
      const Matrix<double> centres = data.make(90, d, ++step), others = data.make(130, d, ++step);
      const Neighbours own = nearest_neighbours_within(centres.view(), 4);
      std::vector<double> radii;
      for (std::size_t i = 0; i < centres.rows(); ++i) radii.push_back(own.distance(i, 3));
      for (const Matrix<double>* queries : {&centres, &others}) {
        const std::vector<std::uint32_t> counts = count_balls(queries->view(), centres.view(), radii);
        for (std::size_t q = 0; q < queries->rows(); ++q) {
          std::uint32_t wanted = 0;
          for (std::size_t j = 0; j < centres.rows(); ++j)
            wanted += std::sqrt(square(queries->view(), q, centres.view(), j)) <= radii[j] ? 1 : 0;
          ASSERT_EQ(counts[q], wanted) << data.name << ", d=" << d << ", query " << q;
        }
      }
    }
}

// The kernels against their plain twins.
template <class T>
struct KernelInput {
  Matrix<T> queries, points;

  explicit KernelInput(std::size_t d) : queries(d, neighbours::kQueryBlock), points(12, d) {
    fill_normal(queries.span(), kDraw.at(200 + d)), fill_normal(points.span(), kDraw.at(300 + d));
    std::fill_n(points.row(11), d, std::numeric_limits<T>::quiet_NaN());  // padding
  }
  double square(std::size_t l, std::size_t p) const {
    double sum = 0;
    for (std::size_t k = 0; k < points.cols(); ++k)
      sum += std::pow(double{queries(k, l)} - double{points(p, k)}, 2);
    return sum;
  }
};

template <class T>
void expect_lists(std::size_t d, std::size_t keep) {
  const KernelInput<T> in(d);
  using Row = typename neighbours::NearestLists<T>::Row;
  Matrix<T> values(keep, neighbours::kQueryBlock);
  Matrix<Row> rows(keep, neighbours::kQueryBlock), self(1, neighbours::kQueryBlock);
  std::fill_n(values.data(), values.size(), std::numeric_limits<T>::infinity());
  for (std::size_t l = 0; l < neighbours::kQueryBlock; ++l) self(0, l) = static_cast<Row>(100 + l % 20);
  std::vector<std::uint32_t> names;
  for (std::uint32_t p = 0; p < 12; ++p) names.push_back(100 + p);
  const neighbours::NearestLists<T> lists{values.data(), rows.data(), keep, self.data()};
  for (std::size_t p = 0; p < 12; p += 4)  // in parts, as a search does
    neighbours::enter_points(in.queries.data(), d, in.points.row(p), 4, &names[p], lists);
  for (std::size_t l = 0; l < neighbours::kQueryBlock; ++l) {
    std::vector<std::pair<double, std::size_t>> wanted;
    for (std::size_t p = 0; p < 11; ++p)
      if (100 + p != self(0, l)) wanted.emplace_back(in.square(l, p), 100 + p);
    std::sort(wanted.begin(), wanted.end());
    for (std::size_t r = 0; r < std::min(keep, wanted.size()); ++r) {
      ASSERT_NEAR(double{values(r, l)}, wanted[r].first, 1e-6 * wanted[r].first)
          << "query " << l << ", rank " << r;
      ASSERT_EQ(rows(r, l), wanted[r].second) << "query " << l << ", rank " << r;
    }
    for (std::size_t r = wanted.size(); r < keep; ++r) ASSERT_TRUE(std::isinf(values(r, l)));
  }
}

TEST(NeighbourKernels, ListsHoldTheNearest) {
  for (const std::size_t d : {1u, 3u, 8u, 65u})
    for (const std::size_t keep : {1u, 2u, 5u}) expect_lists<float>(d, keep), expect_lists<double>(d, keep);
}

TEST(NeighbourKernels, ScanFindsWhatThePlainLoopFinds) {
  for (const std::size_t d : {1u, 3u, 8u, 65u}) {
    const KernelInput<float> in(d);
    std::vector<float> limits(12);
    fill_uniform(limits, kDraw.at(400 + d), 0, static_cast<float>(3 * d));
    std::vector<neighbours::Hit> hits(12 * neighbours::kQueryBlock);
    hits.resize(
        neighbours::scan_by_point(in.queries.data(), d, in.points.data(), 12, limits.data(), hits.data()));
    std::size_t wanted = 0;
    for (std::size_t l = 0; l < neighbours::kQueryBlock; ++l)
      for (std::size_t p = 0; p < 11; ++p) {
        if (!(in.square(l, p) <= double{limits[p]})) continue;
        ++wanted;
        const auto hit = std::find_if(hits.begin(), hits.end(),
                                      [&](const neighbours::Hit& h) { return h.lane == l && h.point == p; });
        ASSERT_NE(hit, hits.end()) << "query " << l << ", point " << p;
        EXPECT_NEAR(double{hit->value}, in.square(l, p), 1e-6 * in.square(l, p));
      }
    EXPECT_EQ(hits.size(), wanted);
    EXPECT_GT(wanted, 0u);
  }
}

TEST(NeighbourKernels, BoxesAreNoFurtherThanTheirPoints) {
  const std::size_t d = 5, count = 16;
  Matrix<double> low(d, count), high(d, count);
  fill_normal(low.span(), kDraw.at(500));
  for (std::size_t e = 0; e < low.size(); ++e) high.data()[e] = low.data()[e] + 0.5;
  const std::vector<double> own_low(d, -0.25), own_high(d, 0.25);
  std::vector<double> out(count);
  neighbours::box_distances(low.data(), high.data(), d, count, count, own_low.data(), own_high.data(),
                            out.data());
  for (std::size_t b = 0; b < count; ++b) {
    double sum = 0;
    for (std::size_t k = 0; k < d; ++k)
      sum += std::pow(std::max({0.0, low(k, b) - 0.25, -0.25 - high(k, b)}), 2);
    EXPECT_NEAR(out[b], sum, 1e-12);
  }
}

}  // namespace
}  // namespace pushforward
