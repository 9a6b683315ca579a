// SPDX-License-Identifier: Apache-2.0
// Stripes of a pool's kernel matrices against sign vectors: see kernel_collection.hpp.
#include "kernels/kernel_collection.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/kernel_panels.hpp"
#include "kernels/kernel_tiles.hpp"
#include "kernels/pool.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

using kernels::kPanel;
constexpr std::size_t kTile = kPanel * kPanel;
constexpr std::size_t kFloatRows = 512;  // of a pool; below, double costs nothing that matters
constexpr std::size_t kStripe = 5;   // tiles whose products are summed in T: what float32 loses stays small
constexpr std::size_t kSigns = 8;    // sign vectors that kernels::sign_forms takes at once
constexpr double kKernelUnits = 16;  // of rounding in a kernel value: squares, their sum, the exponential
constexpr std::size_t kUneven = 16;  // times as many rows in one sample: float32 sums would not do
constexpr std::size_t kSampledTiles = 64;  // off the diagonal, for the mean that is taken off

// Kernels of one family: distances are shared. Kernel b of the tile (ascending rates) is member[b] of the
// collection.
template <class S>
struct Family {
  kernels::PreparedKernel<S> prepared{};
  kernels::Panels<S> pool{};
  std::vector<std::size_t> member{};

  void values(std::size_t a, std::size_t p, S* out) const {
    kernels::Tile<S> tile;
    tile.rows = pool.panel(a), tile.columns = pool.panel(p), tile.d = pool.d;
    tile.row_norms = &pool.norms[a * kPanel], tile.column_norms = &pool.norms[p * kPanel];
    kernels::tile_exponentials(prepared.tile, tile, out);
  }
};

// What is known of a kernel's matrix as a whole.
struct Whole {
  double shift = 0;                // about the mean of K̃, taken off
  double sum = 0;                  // T, of K̃ − shift
  double squares = 0, terms = 0;   // Σ K̃², Σ |K̃ − shift|
  std::vector<double> row_sums{};  // R, of K̃ − shift
};

// S computes kernel values, T holds and multiplies them.
template <class S, class T>
class Streamed final : public KernelCollection {
 public:
  Streamed(std::vector<Family<S>> families, std::size_t size, std::size_t n)
      : families_(std::move(families)), whole_(size), rows_(families_.front().pool.n), n_(n) {
    for (const Family<S>& family : families_) take_means(family);
    take_sums();
  }

  std::size_t size() const override { return whole_.size(); }
  double sum_of_squares(std::size_t kernel) const override { return whole_[kernel].squares; }

  // As KernelPermutation::rounding, of the U-statistic.
  double rounding(std::size_t kernel) const override {
    constexpr double kOthers = 8;
    const Whole& whole = whole_[kernel];
    const auto n = static_cast<double>(n_), m = static_cast<double>(rows_ - n_), pool = n + m;
    const double weight = (1 / (n * (n - 1)) + 1 / (m * (m - 1)) + 2 / (n * m)) / 4;
    const double chunk =
        (kStripe * kPanel / 4.0 + kOthers) * static_cast<double>(std::numeric_limits<T>::epsilon());
    const double beyond = 3 * (pool / 4 + kOthers) * std::numeric_limits<double>::epsilon();
    const double unit = kKernelUnits * static_cast<double>(std::numeric_limits<S>::epsilon());
    const double value = std::abs(whole.shift) + whole.terms / (pool * (pool - 1));
    return (chunk + beyond) * weight * whole.terms + 4 * unit * value;
  }

  void unbiased(View<const std::uint32_t> orders, View<double> values) const override {
    const std::size_t groups = (orders.rows + kSigns - 1) / kSigns;
    Matrix<T> signs(groups, count() * kPanel * kSigns);
    for (std::size_t b = 0; b < orders.rows; ++b) {
      T* to = signs.row(b / kSigns) + b % kSigns;
      for (std::size_t i = 0; i < rows_; ++i) to[orders(b, i) * kSigns] = i < n_ ? T{1} : T{-1};
    }
    Matrix<double> forms(size(), groups * kSigns);
    add_forms(signs, forms);
    for (std::size_t b = 0; b < orders.rows; ++b)
      for (std::size_t k = 0; k < size(); ++k)
        values(b, k) = estimate(whole_[k], 2 * forms(k, b), {orders.row(b), n_});
  }

 private:
  std::size_t count() const { return (rows_ + kPanel - 1) / kPanel; }
  std::size_t rows_in(std::size_t p) const { return std::min(kPanel, rows_ - p * kPanel); }

  // Over tiles on the diagonal and some off it, near enough to the mean of all.
  void take_means(const Family<S>& family) {
    const std::size_t step = std::max<std::size_t>(1, count() / kSampledTiles);
    std::vector<S> tile(family.member.size() * kTile);
    std::vector<double> sums(family.member.size());
    double pairs = 0;
    for (std::size_t p = 0; p < count(); p += step)
      for (const std::size_t a : {std::size_t{0}, p}) {
        family.values(a, p, tile.data());
        for (std::size_t j = 0; j < rows_in(a); ++j)
          for (std::size_t i = 0; i < rows_in(p); ++i) {
            if (a == p && i == j) continue;
            pairs += 1;
            for (std::size_t b = 0; b < sums.size(); ++b)
              sums[b] += static_cast<double>(tile[b * kTile + j * kPanel + i]);
          }
      }
    for (std::size_t b = 0; b < sums.size(); ++b)
      whole_[family.member[b]].shift = pairs > 0 ? sums[b] / pairs : 0;
  }

  // A tile as it is multiplied: less the shift, nothing for padding and for the diagonal, whose tile is
  // halved.
  void settle(const S* tile, std::size_t a, std::size_t p, double shift, T* out) const {
    const double half = a == p ? 0.5 : 1;
    const std::size_t rows = rows_in(a), columns = rows_in(p);
    for (std::size_t j = 0; j < kPanel; ++j) {
      const std::size_t kept = j < rows ? columns : 0;
      for (std::size_t i = 0; i < kept; ++i)
        out[j * kPanel + i] = static_cast<T>((static_cast<double>(tile[j * kPanel + i]) - shift) * half);
      std::fill(out + j * kPanel + kept, out + (j + 1) * kPanel, T{0});
      if (a == p) out[j * kPanel + j] = 0;
    }
  }

  // Calls work(kernel, panel of the stripe's first row, tiles, values) for every stripe of columns p.
  template <class Work>
  void for_stripes(std::size_t p, const Work& work) const {
    Matrix<T> stripe;
    Matrix<S> tile;
    for (const Family<S>& family : families_) {
      const std::size_t members = family.member.size();
      stripe.resize(members * kStripe, kTile), tile.resize(members, kTile);
      for (std::size_t first = 0; first <= p; first += kStripe) {
        const std::size_t tiles = std::min(kStripe, p + 1 - first);
        for (std::size_t t = 0; t < tiles; ++t) {
          family.values(first + t, p, tile.data());
          for (std::size_t b = 0; b < members; ++b)
            settle(tile.row(b), first + t, p, whole_[family.member[b]].shift, stripe.row(b * kStripe + t));
        }
        for (std::size_t b = 0; b < members; ++b)
          work(family.member[b], first, tiles, stripe.row(b * kStripe));
      }
    }
  }

  // Panels of columns are dealt in turn to lanes, which are added in order; their number follows from the
  // size of the samples alone, so that the number of threads does not show in the bits.
  template <class Work>
  void for_lanes(std::size_t lanes, const Work& work) const {
    parallel_tasks(lanes, [&](std::size_t lane) {
      for (std::size_t p = lane; p < count(); p += lanes) work(lane, p);
    });
  }

  std::size_t lanes() const {
    constexpr std::size_t kWorthThreads = 500, kMost = 8;
    return rows_ < kWorthThreads ? 1 : std::min(kMost, count());
  }

  void take_sums() {
    for (Whole& whole : whole_) whole.row_sums.assign(count() * kPanel, 0);
    std::vector<std::vector<Whole>> of_lane(lanes(), whole_);
    for_lanes(of_lane.size(), [&](std::size_t lane, std::size_t p) {
      for_stripes(p, [&](std::size_t kernel, std::size_t first, std::size_t tiles, const T* values) {
        for (std::size_t t = 0; t < tiles; ++t)
          add_tile(values + t * kTile, first + t, p, of_lane[lane][kernel]);
      });
    });
    for (const std::vector<Whole>& lane : of_lane)
      for (std::size_t k = 0; k < size(); ++k) add(lane[k], whole_[k]);
    const double pairs = static_cast<double>(rows_) * static_cast<double>(rows_ - 1);
    for (Whole& whole : whole_)
      whole.squares += 2 * whole.shift * whole.sum + whole.shift * whole.shift * pairs;
  }

  static void add(const Whole& part, Whole& to) {
    to.squares += part.squares, to.terms += part.terms, to.sum += part.sum;
    for (std::size_t i = 0; i < to.row_sums.size(); ++i) to.row_sums[i] += part.row_sums[i];
  }

  // A halved tile holds each of its pairs twice, so that rows and columns together count it right. Zeros of
  // padding and the diagonal add nothing; K̃² = (K̃ − shift)² + 2 shift (K̃ − shift) + shift² is completed in
  // take_sums.
  static void add_tile(const T* tile, std::size_t a, std::size_t p, Whole& to) {
    const double twice = a == p ? 2 : 1;
    double columns[kPanel] = {}, sum = 0, squares = 0, terms = 0;
    for (std::size_t j = 0; j < kPanel; ++j) {
      double row = 0;
      for (std::size_t i = 0; i < kPanel; ++i) {
        const auto value = static_cast<double>(tile[j * kPanel + i]);
        columns[i] += value, row += value, squares += value * value, terms += std::abs(value);
      }
      to.row_sums[a * kPanel + j] += row, sum += row;
    }
    for (std::size_t i = 0; i < kPanel; ++i) to.row_sums[p * kPanel + i] += columns[i];
    to.sum += 2 * sum, to.terms += 2 * terms, to.squares += 2 * twice * squares;
  }

  void add_forms(const Matrix<T>& signs, Matrix<double>& forms) const {
    std::vector<Matrix<double>> of_lane(lanes());
    for (Matrix<double>& lane : of_lane) lane.resize(forms.rows(), forms.cols()), lane.zero();
    for_lanes(of_lane.size(), [&](std::size_t lane, std::size_t p) {
      for_stripes(p, [&](std::size_t kernel, std::size_t first, std::size_t tiles, const T* values) {
        for (std::size_t g = 0; g < signs.rows(); ++g)
          kernels::sign_forms(values, tiles * kPanel, signs.row(g) + first * kPanel * kSigns,
                              (p - first) * kPanel, of_lane[lane].row(kernel) + g * kSigns);
      });
    });
    forms.zero();
    for (const Matrix<double>& lane : of_lane)
      for (std::size_t e = 0; e < forms.size(); ++e) forms.data()[e] += lane.data()[e];
  }

  double estimate(const Whole& whole, double form, std::span<const std::uint32_t> x_rows) const {
    double x_sums = 0;
    for (const std::uint32_t i : x_rows) x_sums += whole.row_sums[i];
    const auto n = static_cast<double>(n_), m = static_cast<double>(rows_ - n_);
    const double linear = 2 * x_sums - whole.sum;
    const double xx = (whole.sum + 2 * linear + form) / 4, yy = (whole.sum - 2 * linear + form) / 4,
                 xy = (whole.sum - form) / 4;
    return xx / (n * (n - 1)) + yy / (m * (m - 1)) - 2 * xy / (n * m);
  }

  std::vector<Family<S>> families_;
  std::vector<Whole> whole_;
  std::size_t rows_, n_;
};

// Members by descending bandwidth, which is ascending rates.
template <class S>
Family<S> family_of(KernelFamily which, const std::vector<CollectedKernel>& all, const Matrix<S>& pool,
                    const kernels::Spread& spread) {
  Family<S> family;
  for (std::size_t k = 0; k < all.size(); ++k)
    if (all[k].family == which) family.member.push_back(k);
  if (family.member.empty()) return family;
  std::stable_sort(family.member.begin(), family.member.end(),
                   [&](std::size_t a, std::size_t b) { return all[a].bandwidth > all[b].bandwidth; });
  Kernel kernel{which, {}, 1};
  for (const std::size_t k : family.member) kernel.bandwidths.push_back(all[k].bandwidth);
  family.prepared = kernels::prepare_kernel<S>(kernel, spread, pool.cols());
  family.pool = kernels::pack(Sample{Points(pool.view())}, family.prepared);
  return family;
}

template <class S, class T>
std::unique_ptr<KernelCollection> make(const std::vector<CollectedKernel>& all, const Sample& x,
                                       const Sample& y, const kernels::Spread& spread) {
  const Matrix<S> pool = pool_of<S>(x.points, y.points);
  std::vector<Family<S>> families;
  for (const KernelFamily which : {KernelFamily::gaussian, KernelFamily::laplacian})
    if (Family<S> family = family_of(which, all, pool, spread); !family.member.empty())
      families.push_back(std::move(family));
  return std::make_unique<Streamed<S, T>>(std::move(families), all.size(), x.n());
}

bool all_suit_float(const std::vector<CollectedKernel>& all, const Sample& x, const Sample& y,
                    const kernels::Spread& spread) {
  return std::all_of(all.begin(), all.end(), [&](const CollectedKernel& one) {
    return kernels::float_tiles_suffice({one.family, {one.bandwidth}, 1}, x, y, spread);
  });
}

}  // namespace

std::unique_ptr<KernelCollection> collect_kernels(const std::vector<CollectedKernel>& all, const Sample& x,
                                                  const Sample& y) {
  const std::size_t rows = x.n() + y.n();
  const kernels::Spread spread = kernels::spread_of(x.points, y.points);
  if (rows <= kFloatRows || rows > kUneven * std::min(x.n(), y.n()))
    return make<double, double>(all, x, y, spread);
  if (all_suit_float(all, x, y, spread)) return make<float, float>(all, x, y, spread);
  return make<double, float>(all, x, y, spread);
}

}  // namespace pushforward
