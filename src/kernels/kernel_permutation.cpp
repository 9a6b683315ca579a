// SPDX-License-Identifier: Apache-2.0
// The kernel matrix of a pool by upper tiles, and quadratic forms of sign vectors: see
// kernel_permutation.hpp.
#include "kernels/kernel_permutation.hpp"

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
constexpr std::size_t kMostRows = 8192, kFloatRows = 512;
constexpr double kKernelUnits = 16;  // of rounding in a kernel value: squares, their sum, the exponential
constexpr std::size_t kUneven =
    16;  // times as many rows in one sample: float32 sums would not do (rounding())
constexpr std::size_t kChunk = 5 * kPanel;  // rows that are summed in T: what float32 loses stays small
constexpr std::size_t kBatch = 64;
constexpr std::size_t kSigns = 8;  // sign vectors that kernels::sign_forms takes at once

// Where panel p begins: panels are 48 wide and 48 (p + 1) deep.
std::size_t panel_offset(std::size_t p) { return kPanel * kPanel * (p * (p + 1) / 2); }

// The upper tiles of the pool's kernel matrix minus `shift`, without its diagonal. The tile on the diagonal
// is halved, so that sᵀK̃s is twice the sum over panels.
template <class T>
struct KernelMatrix {
  std::size_t n = 0;
  double shift = 0;
  Matrix<T> tiles{};
  double terms = 0;                // Σ |K̃ − shift| over all pairs
  double unit = 0;                 // how exact values of K are, relative to themselves
  std::vector<double> row_sums{};  // of K̃ − shift
  std::vector<double> diagonal{};  // of K

  std::size_t count() const { return (n + kPanel - 1) / kPanel; }
  const T* panel(std::size_t p) const { return tiles.data() + panel_offset(p); }
};

// Kernel values of S-precision tiles, stored in T.
template <class S, class T>
class Builder {
 public:
  Builder(const kernels::PreparedKernel<S>& kernel, const kernels::Panels<S>& pool, KernelMatrix<T>& matrix)
      : kernel_(kernel), pool_(pool), matrix_(matrix) {}

  void run() {
    matrix_.n = pool_.n;
    matrix_.tiles.resize(1, panel_offset(matrix_.count()));
    matrix_.row_sums.assign(matrix_.count() * kPanel, 0);
    matrix_.shift = sampled_mean();
    // Columns of panel p belong to one thread; sums over rows go to a buffer a panel, added in order.
    std::vector<std::vector<double>> rows(matrix_.count());
    std::vector<double> terms(matrix_.count());
    parallel_for(matrix_.count(), 8, [&](std::size_t begin, std::size_t end) {
      for (std::size_t p = begin; p < end; ++p) terms[p] = build_panel(p, rows[p]);
    });
    for (const double sum : terms) matrix_.terms += 2 * sum;
    for (const std::vector<double>& sums : rows)
      for (std::size_t i = 0; i < sums.size(); ++i) matrix_.row_sums[i] += sums[i];
  }

 private:
  void values(std::size_t a, std::size_t p, S* out) const {
    kernels::Tile<S> tile;
    tile.rows = pool_.panel(a), tile.columns = pool_.panel(p), tile.d = pool_.d;
    tile.row_norms = &pool_.norms[a * kPanel], tile.column_norms = &pool_.norms[p * kPanel];
    kernels::tile_values(kernel_.tile, tile, out);
  }

  std::size_t rows_in(std::size_t p) const { return std::min(kPanel, pool_.n - p * kPanel); }

  // The mean over the tiles of the first panel's rows and of the diagonal: near enough to the mean of all.
  double sampled_mean() const {
    double sum = 0, pairs = 0;
    alignas(64) S tile[kPanel * kPanel];
    for (std::size_t p = 0; p < matrix_.count(); ++p)
      for (const std::size_t a : {std::size_t{0}, p}) {
        values(a, p, tile);
        for (std::size_t j = 0; j < rows_in(a); ++j)
          for (std::size_t i = 0; i < rows_in(p); ++i)
            if (a != p || i != j) sum += static_cast<double>(tile[j * kPanel + i]), pairs += 1;
      }
    return pairs > 0 ? sum / pairs : 0;
  }

  // Adds row sums to `sums`; returns the sum of absolute values, those of the diagonal's tile halved.
  double build_panel(std::size_t p, std::vector<double>& sums) {
    sums.assign((p + 1) * kPanel, 0);
    double terms = 0;
    alignas(64) S tile[kPanel * kPanel];
    for (std::size_t a = 0; a <= p; ++a) {
      values(a, p, tile);
      T* out = matrix_.tiles.data() + panel_offset(p) + a * kPanel * kPanel;
      store(tile, rows_in(a), rows_in(p), a == p, out);
      add_sums(out, a, p, sums);
      for (std::size_t e = 0; e < kPanel * kPanel; ++e) terms += std::abs(static_cast<double>(out[e]));
    }
    return terms;
  }

  void store(const S* tile, std::size_t rows, std::size_t columns, bool diagonal, T* out) const {
    const double half = diagonal ? 0.5 : 1;
    for (std::size_t j = 0; j < kPanel; ++j)
      for (std::size_t i = 0; i < kPanel; ++i) {
        const double value = (static_cast<double>(tile[j * kPanel + i]) - matrix_.shift) * half;
        out[j * kPanel + i] = static_cast<T>(value);
      }
    for (std::size_t j = 0; j < kPanel; ++j) {
      const std::size_t kept = j < rows ? columns : 0;
      std::fill(out + j * kPanel + kept, out + (j + 1) * kPanel, T{0});
      if (diagonal) out[j * kPanel + j] = 0;
    }
  }

  // The halved tile on the diagonal holds each of its pairs twice, so rows and columns together count it
  // right.
  static void add_sums(const T* tile, std::size_t a, std::size_t p, std::vector<double>& sums) {
    double columns[kPanel] = {};
    for (std::size_t j = 0; j < kPanel; ++j) {
      double row = 0;
      for (std::size_t i = 0; i < kPanel; ++i) {
        const auto value = static_cast<double>(tile[j * kPanel + i]);
        columns[i] += value;
        row += value;
      }
      sums[a * kPanel + j] += row;
    }
    for (std::size_t i = 0; i < kPanel; ++i) sums[p * kPanel + i] += columns[i];
  }

  const kernels::PreparedKernel<S>& kernel_;
  const kernels::Panels<S>& pool_;
  KernelMatrix<T>& matrix_;
};

template <class T>
class KernelPermutation final : public PermutedStatistic {
 public:
  KernelPermutation(KernelMatrix<T> matrix, std::size_t n, const KernelStatistic& statistic)
      : matrix_(std::move(matrix)), n_(n), statistic_(statistic) {
    for (std::size_t i = 0; i < matrix_.n; ++i) all_ += matrix_.row_sums[i], self_ += matrix_.diagonal[i];
  }

  void measure(View<const std::uint32_t> orders, std::span<double> values) const override {
    for (std::size_t b = 0; b < orders.rows; b += kBatch) {
      const std::size_t end = std::min(orders.rows, b + kBatch);
      measure_batch(orders.slice(b, end), values.subspan(b, end - b));
    }
  }

 private:
  // The sign vectors of a batch stay in the second-level cache.
  void measure_batch(View<const std::uint32_t> orders, std::span<double> values) const {
    const std::size_t groups = (orders.rows + kSigns - 1) / kSigns, depth = matrix_.count() * kPanel;
    Matrix<T> signs(groups, depth * kSigns);
    Matrix<double> forms(groups, kSigns);
    for (std::size_t b = 0; b < orders.rows; ++b) {
      T* to = signs.row(b / kSigns) + b % kSigns;
      for (std::size_t i = 0; i < matrix_.n; ++i) to[orders(b, i) * kSigns] = i < n_ ? T{1} : T{-1};
    }
    // Panels outside: one stays in the cache while all sign vectors pass.
    for (std::size_t p = 0; p < matrix_.count(); ++p)
      for (std::size_t g = 0; g < groups; ++g)
        for (std::size_t k = 0; k <= p * kPanel; k += kChunk)
          kernels::sign_forms(matrix_.panel(p) + k * kPanel, std::min(kChunk, (p + 1) * kPanel - k),
                              signs.row(g) + k * kSigns, p * kPanel - k, forms.row(g));
    for (std::size_t b = 0; b < orders.rows; ++b)
      values[b] = estimate(2 * forms(b / kSigns, b % kSigns), {orders.row(b), n_});
  }

 public:
  // S_xx, S_yy and 2·S_xy are a quarter of T, 2L and Q each, and enter with their weights. Terms of one sign
  // lose half a unit of a partial sum that grows to Σ|K̃|: a quarter of their number, in T within a chunk of Q
  // and in double beyond and for T and L. Kernel values are themselves off by `unit`.
  Rounding rounding() const override {
    constexpr double kOthers = 8;
    const auto n = static_cast<double>(n_), m = static_cast<double>(matrix_.n - n_), pool = n + m;
    const double within_x = statistic_.biased ? n * n : n * (n - 1),
                 within_y = statistic_.biased ? m * m : m * (m - 1);
    const double weight = (1 / within_x + 1 / within_y + 2 / (n * m)) / 4;
    const double kernel = std::abs(matrix_.shift) + matrix_.terms / (pool * (pool - 1)) + self_ / pool;
    const double chunk = (kChunk / 4.0 + kOthers) * static_cast<double>(std::numeric_limits<T>::epsilon());
    const double beyond = 3 * (pool / 4 + kOthers) * std::numeric_limits<double>::epsilon();
    return {(chunk + beyond) * weight * matrix_.terms + 4 * matrix_.unit * kernel, statistic_.root};
  }

 private:
  double estimate(double form, std::span<const std::uint32_t> x_rows) const {
    double x_sums = 0, x_self = 0;  // over the rows labelled x
    for (const std::uint32_t i : x_rows) x_sums += matrix_.row_sums[i], x_self += matrix_.diagonal[i];
    const auto n = static_cast<double>(n_), m = static_cast<double>(matrix_.n - n_);
    const double linear = 2 * x_sums - all_;
    const double xx = (all_ + 2 * linear + form) / 4, yy = (all_ - 2 * linear + form) / 4,
                 xy = (all_ - form) / 4;
    double value = xx / (n * (n - 1)) + yy / (m * (m - 1)) - 2 * xy / (n * m);
    // The V-statistic has the diagonal, and n(n−1)/n² of the shift in place of all of it.
    if (statistic_.biased)
      value = (xx + x_self) / (n * n) + (yy + self_ - x_self) / (m * m) - 2 * xy / (n * m) -
              matrix_.shift * (1 / n + 1 / m);
    if (statistic_.biased && value < 0) value = 0;  // by rounding
    return statistic_.root ? std::copysign(std::sqrt(std::abs(value)), value) : value;
  }

  KernelMatrix<T> matrix_;
  std::size_t n_;
  KernelStatistic statistic_;
  double all_ = 0, self_ = 0;
};

std::vector<double> diagonal_of(const Kernel& kernel, const Points& pool) {
  std::vector<double> values(pool.n()), row(pool.d());
  for (std::size_t i = 0; i < pool.n(); ++i) {
    for (std::size_t k = 0; k < row.size(); ++k) row[k] = pool.at(i, k);
    values[i] = kernel_value(kernel, row, row);
  }
  return values;
}

template <class S, class T>
std::unique_ptr<PermutedStatistic> make(const Kernel& kernel, const Sample& x, const Sample& y,
                                        const kernels::Spread& spread, const KernelStatistic& statistic) {
  const Matrix<S> pool = pool_of<S>(x.points, y.points);
  const Sample sample{Points(pool.view())};
  const kernels::PreparedKernel<S> prepared = kernels::prepare_kernel<S>(kernel, spread, x.d());
  const kernels::Panels<S> panels = kernels::pack(sample, prepared);
  KernelMatrix<T> matrix;
  Builder<S, T>(prepared, panels, matrix).run();
  matrix.diagonal = diagonal_of(kernel, sample.points);
  matrix.unit = kKernelUnits * static_cast<double>(std::numeric_limits<S>::epsilon());
  return std::make_unique<KernelPermutation<T>>(std::move(matrix), x.n(), statistic);
}

}  // namespace

std::unique_ptr<PermutedStatistic> kernel_permutation(const Kernel& kernel, const Sample& x, const Sample& y,
                                                      const KernelStatistic& statistic) {
  const std::size_t rows = x.n() + y.n();
  if (rows > kMostRows || !x.weights.empty() || !y.weights.empty()) return nullptr;
  const kernels::Spread spread = kernels::spread_of(x.points, y.points);
  if (rows <= kFloatRows || rows > kUneven * std::min(x.n(), y.n()))
    return make<double, double>(kernel, x, y, spread, statistic);
  if (kernels::float_tiles_suffice(kernel, x, y, spread))
    return make<float, float>(kernel, x, y, spread, statistic);
  return make<double, float>(kernel, x, y, spread, statistic);
}

}  // namespace pushforward
