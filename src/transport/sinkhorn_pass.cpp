// SPDX-License-Identifier: Apache-2.0
//
// Blocks: four rows at a time where costs are cheap (d ≤ 8), sixteen where they are products worth keeping a
// panel in cache for; as many columns at a time as fit the cache (16 KB of a block's exponents, 512 KB of y).
// Rows are cut into contiguous pieces, as many as their number pays for; columns are summed per piece and
// then in the order of the pieces, so that the number of threads does not show in the bits. Column sums are
// float32 for 64 rows only, then double. A sample against itself needs half of the pairs: where j > i the
// same exponential counts for row i and, by the weights, for row j.
//
// Small problems keep their exponentials, with the potentials that these had: as long as no potential is far
// from there, a sweep is two multiply-adds a pair, e_ij 2^(F_i − F⁰_i) 2^(G_j − G⁰_j), in place of an
// exponential; one that has gone farther takes exponentials again. Beyond what caches hold a table's way
// from memory costs as much as exponentials do.
#include "transport/sinkhorn_pass.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "pushforward/threads.hpp"

namespace pushforward::entropic {
namespace {

constexpr std::size_t kThreadedPairs = 4'000'000, kMostPieces = 16;
constexpr std::size_t kLowDimension = 8, kMostRows = 16, kFlushRows = 64;
constexpr double kNothing = -1e30;  // log₂ of no weight

// How far a potential may be from the one that kept exponentials had. What counts in a sum is above 2^(−2·30)
// of it then, far above where float32 exponentials are clamped, and no product leaves the range of numbers.
template <class T>
constexpr double kFarthest = sizeof(T) == 4 ? 30 : 200;

double log2_weight(double w) { return w > 0 ? std::log2(w) : kNothing; }

}  // namespace

/// What a piece sums, and where its thread keeps a block's exponentials and products or costs.
template <class T>
struct Sweeper<T>::Buffers {
  T* e = nullptr;  // rows of exponentials: this thread's, or the sweeper's that are kept
  Matrix<T>* t = nullptr;
  Matrix<T> column, own_h{};
  const T* h = nullptr;  // what exponents of columns get: the sweeper's, or own_h
  std::vector<double> column_sums;
  std::array<double, kMostRows> used{}, sums{};  // the F_i that the exponents had, and Σ_j e_ij
  double error = 0, change = 0;

  Buffers(std::size_t cols, const T* of_columns) : column(1, cols), h(of_columns), column_sums(cols, 0) {}
  void use_this_thread(std::size_t rows, std::size_t cols) {
    thread_local Matrix<T> exponentials, terms;  // room only: grows to the largest block, then stays
    exponentials.resize(rows, cols), terms.resize(rows, cols);
    e = exponentials.data(), t = &terms;
  }
  void flush() {
    for (std::size_t j = 0; j < column_sums.size(); ++j)
      column_sums[j] += static_cast<double>(column.data()[j]);
    column.zero();
  }
};

/// What the sweep adds to exponents of column j, and the G_j that it amounts to after rounding to T.
template <class T>
struct Sweeper<T>::Columns {
  Matrix<T> h;
  std::vector<double> used;
};

template <class T>
Sweeper<T>::Sweeper(const Geometry& geometry, bool store, bool keep)
    : geometry_(geometry), x_(make_rows<T>(geometry.x)), y_(make_panels<T>(geometry.y)), keep_(keep) {
  const std::size_t d = geometry.d, panel_bytes = kPanel<T> * sizeof(T);
  block_rows_ = d <= kLowDimension ? kRows : kMostRows;
  block_panels_ =
      std::max<std::size_t>(1, std::min(4096 / panel_bytes, (std::size_t{512} << 10) / (panel_bytes * d)));
  if (!store) return;
  table_.resize(geometry.rows, geometry.cols);
  const std::size_t panels = geometry.cols / kPanel<T>;
  parallel_for(geometry.rows / kRows, kThreadedPairs / (kRows * geometry.cols) + 1,
               [&](std::size_t begin, std::size_t end) {
                 for (std::size_t q = begin * kRows; q < end * kRows; q += block_rows_)
                   for (std::size_t panel = 0; panel < panels; panel += block_panels_)
                     fill(q, std::min(block_rows_, end * kRows - q), panel,
                          std::min(block_panels_, panels - panel), table_.row(q) + panel * kPanel<T>);
               });
}

template <class T>
std::size_t Sweeper<T>::pieces() const {
  const std::size_t blocks = (geometry_.rows + block_rows_ - 1) / block_rows_;
  if (geometry_.n * geometry_.m < kThreadedPairs) return 1;
  return std::clamp<std::size_t>(blocks, 1, kMostPieces);
}

/// Calls body(piece, i, count) for every block of rows; `triangle` where row i has work from column i on
/// only.
template <class T>
template <class Body>
void Sweeper<T>::sweep(bool triangle, const Body& body) const {
  const std::size_t count = pieces(), blocks = (geometry_.rows + block_rows_ - 1) / block_rows_;
  const auto first = [&](std::size_t piece) {
    const double left = 1 - static_cast<double>(piece) / static_cast<double>(count);
    return triangle ? static_cast<std::size_t>(static_cast<double>(blocks) * (1 - std::sqrt(left)))
                    : blocks * piece / count;
  };
  parallel_tasks(count, [&](std::size_t piece) {
    for (std::size_t b = first(piece); b < first(piece + 1); ++b)
      body(piece, b * block_rows_, std::min(block_rows_, geometry_.rows - b * block_rows_));
  });
}

/// Whether kept exponentials are those of `kappa` and of potentials near enough; if so v_ has what potentials
/// of columns changed since.
template <class T>
bool Sweeper<T>::follows(double kappa, const std::vector<double>& f, const std::vector<double>& g) {
  if (kept_.empty() || kappa != kept_kappa_) return false;
  const auto near = [](double now, double then) { return std::abs(now - then) <= kFarthest<T>; };
  for (std::size_t i = 0; i < geometry_.rows; ++i)
    if (!near(f[i], kept_f_[i])) return false;
  for (std::size_t j = 0; j < geometry_.m; ++j)
    if (!near(g[j], kept_g_[j])) return false;
  for (std::size_t j = 0; j < geometry_.m; ++j) v_.data()[j] = static_cast<T>(std::exp2(g[j] - kept_g_[j]));
  return true;
}

/// Where a thread's last sweeper left its memory: fresh pages cost as much as a sweep or two.
template <class T>
Matrix<T>& Sweeper<T>::room() {
  thread_local Matrix<T> left;
  return left;
}
template <class T>
Sweeper<T>::~Sweeper() {
  if (kept_.size() > room().size()) kept_.swap(room());
}

/// Makes room for exponentials of these columns, which the next sweep leaves there.
template <class T>
void Sweeper<T>::keep(double kappa, const Columns& columns) {
  if (!keep_) return;
  if (kept_.empty()) kept_.swap(room());
  kept_.resize(geometry_.rows, geometry_.cols), v_.resize(1, geometry_.cols);
  std::fill_n(v_.data(), v_.size(), T{1});
  kept_kappa_ = kappa, kept_g_ = columns.used, kept_f_.resize(geometry_.rows);
}

/// Products or costs of rows i … i+count−1 with some panels; `out` has stride cols.
template <class T>
void Sweeper<T>::fill(std::size_t i, std::size_t count, std::size_t panel, std::size_t panels, T* out) const {
  const T* y = y_.data() + panel * geometry_.d * kPanel<T>;
  for (std::size_t r = 0; r < count; r += kRows) {
    T* to = out + r * geometry_.cols;
    if (geometry_.p == 2)
      products(x_.row(i + r), geometry_.d, y, panels, to, geometry_.cols);
    else
      distances(x_.row(i + r), geometry_.d, y, panels, geometry_.p, to, geometry_.cols);
  }
}

/// The same from a panel on to the last, in `buffers.t`, unless the table has them.
template <class T>
void Sweeper<T>::fill_terms(std::size_t i, std::size_t count, std::size_t first, Buffers& buffers) const {
  if (!table_.empty()) return;
  const std::size_t panels = geometry_.cols / kPanel<T>;
  for (std::size_t panel = first; panel < panels; panel += block_panels_)
    fill(i, count, panel, std::min(block_panels_, panels - panel), buffers.t->data() + panel * kPanel<T>);
}

/// e_ij of a block of rows, from a panel of columns on, and their sums; with `keep` the products or costs
/// stay in `buffers.t` or the table.
template <class T>
void Sweeper<T>::exponentials_of(std::size_t i, std::size_t count, const std::vector<double>& f, bool safe,
                                 bool keep, Buffers& buffers, std::size_t first) const {
  const std::size_t begin = first * kPanel<T>, cols = geometry_.cols - begin,
                    panels = geometry_.cols / kPanel<T>;
  const T scale = static_cast<T>(geometry_.p == 2 ? 2 * kappa_ : -kappa_);
  const bool whole = safe || keep || !table_.empty();
  const auto row = [&](std::size_t r) {
    return (table_.empty() ? buffers.t->row(r) : table_.row(i + r)) + begin;
  };
  const auto e = [&](std::size_t r) { return buffers.e + r * geometry_.cols; };
  const T* h = buffers.h + begin;
  if (whole) fill_terms(i, count, first, buffers);
  std::array<T, kMostRows> offset{};
  for (std::size_t r = 0; r < count; ++r) {
    const double norm = kappa_ * geometry_.x_norm[i + r];
    offset[r] = static_cast<T>(safe ? -largest(row(r), cols, scale, h) : f[i + r] - norm);
    buffers.used[r] = static_cast<double>(offset[r]) + norm;
  }
  if (whole) {
    for (std::size_t r = 0; r < count; ++r)
      buffers.sums[r] = exponentials(row(r), cols, scale, offset[r], h, e(r) + begin);
    return;
  }
  buffers.sums.fill(0);
  for (std::size_t panel = first; panel < panels; panel += block_panels_) {
    const std::size_t width = std::min(block_panels_, panels - panel), j = panel * kPanel<T>;
    fill(i, count, panel, width, buffers.e + j);
    for (std::size_t r = 0; r < count; ++r)
      buffers.sums[r] += exponentials(static_cast<const T*>(e(r) + j), width * kPanel<T>, scale, offset[r],
                                      buffers.h + j, e(r) + j);
  }
}

/// Of a block of rows Σ_j e_ij, and e_ij at the columns' `used`: kept ones, or exponentials, which are kept.
template <class T>
void Sweeper<T>::take_sums(std::size_t i, std::size_t count, const std::vector<double>& f, bool safe,
                           bool kept, Buffers& b) {
  b.use_this_thread(block_rows_, geometry_.cols);
  if (keep_) b.e = kept_.row(i);
  if (!kept) {
    exponentials_of(i, count, f, safe, false, b, 0);
    if (keep_) std::copy_n(b.used.begin(), count, kept_f_.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
  for (std::size_t r = 0; r < count; r += kRows)
    dot_rows(kept_.row(i + r), geometry_.cols, geometry_.cols, v_.data(), &b.sums[r]);
  std::copy_n(kept_f_.begin() + static_cast<std::ptrdiff_t>(i), count, b.used.begin());
}

template <class T>
typename Sweeper<T>::Columns Sweeper<T>::columns_of(double kappa, const std::vector<double>& g) const {
  Columns columns;
  columns.h.resize(1, geometry_.cols), columns.used.resize(geometry_.cols);
  for (std::size_t j = 0; j < geometry_.cols; ++j) {
    const double fixed = log2_weight(geometry_.b[j]) - kappa * geometry_.y_norm[j];
    columns.h.data()[j] = static_cast<T>(std::max(kNothing, g[j] + fixed));
    columns.used[j] = geometry_.b[j] > 0 ? static_cast<double>(columns.h.data()[j]) - fixed : g[j];
  }
  return columns;
}

template <class T>
Step Sweeper<T>::iterate(double kappa, Potentials& p, bool safe, double relaxation) {
  Columns columns = columns_of(kappa, p.g);
  const bool kept = !safe && follows(kappa, p.f, p.g);
  if (kept)
    columns.used = kept_g_;
  else
    keep(kappa, columns);
  h_.swap(columns.h), kappa_ = kappa;
  const auto n = static_cast<double>(geometry_.n);
  std::vector<Buffers> all;
  for (std::size_t k = 0; k < pieces(); ++k) all.emplace_back(geometry_.cols, h_.data());
  sweep(false, [&](std::size_t piece, std::size_t i, std::size_t count) {
    Buffers& b = all[piece];
    take_sums(i, count, p.f, safe, kept, b);
    std::array<T, kMostRows> weight{};
    for (std::size_t r = 0; r < count; ++r) {
      const double a = geometry_.a[i + r], before = p.f[i + r];
      const double best = b.used[r] - std::log2(b.sums[r]), extra = (relaxation - 1) * (best - before);
      p.f[i + r] = best + extra;
      if (relaxation != 1) b.change = std::max(b.change, std::abs(extra));
      if (a > 0) b.error += a * std::abs(std::exp2(before - b.used[r]) * b.sums[r] - 1);
      weight[r] =
          static_cast<T>(relaxation == 1 ? a * n / b.sums[r] : a * n * std::exp2(p.f[i + r] - b.used[r]));
    }
    for (std::size_t r = 0; r < count; r += kRows)
      add_rows(b.e + r * geometry_.cols, geometry_.cols, geometry_.cols, weight.data() + r, b.column.data());
    if ((i + count) % kFlushRows == 0) b.flush();
  });
  Step step;
  for (Buffers& b : all) {
    b.flush();
    step.error += b.error, step.change = std::max(step.change, b.change);
    if (&b != &all.front())
      for (std::size_t j = 0; j < geometry_.cols; ++j) all.front().column_sums[j] += b.column_sums[j];
  }
  for (double& sum : all.front().column_sums) sum /= n;
  step.change += update_columns(all.front().column_sums, columns, kappa, relaxation, p);
  return step;
}

/// G_j ← G_j + log₂(b_j / Σ_i P_ij); returns the largest change.
template <class T>
double Sweeper<T>::update_columns(const std::vector<double>& sums, const Columns& columns, double kappa,
                                  double relaxation, Potentials& p) const {
  constexpr double smallest = sizeof(T) == 4 ? 1e-30 : 1e-290;
  double change = 0;
  for (std::size_t j = 0; j < geometry_.m; ++j) {
    if (!(geometry_.b[j] > 0)) continue;
    const double before = p.g[j];
    const double best = sums[j] > smallest ? columns.used[j] + std::log2(geometry_.b[j] / sums[j])
                                           : exact_column(geometry_, j, kappa, p.f);
    p.g[j] = best + (relaxation - 1) * (best - before);
    change = std::max(change, std::abs(p.g[j] - before));
  }
  return change;
}

/// A block of rows from column i on: sums of rows into `sums`, and what their exponentials are for the rows
/// j > i + count − 1 into b.column.
template <class T>
void Sweeper<T>::add_triangle(std::size_t i, std::size_t count, const std::vector<double>& f, Buffers& b,
                              RowSums& sums) const {
  const std::size_t first = i / kPanel<T>, begin = first * kPanel<T>, cols = geometry_.cols - begin;
  const auto n = static_cast<double>(geometry_.n);
  b.use_this_thread(block_rows_, geometry_.cols);
  if (b.own_h.empty()) b.own_h = h_, b.h = b.own_h.data();
  std::fill(b.own_h.data() + begin, b.own_h.data() + i, static_cast<T>(kNothing));
  exponentials_of(i, count, f, false, false, b, first);
  std::array<T, kMostRows> weight{};
  for (std::size_t r = 0; r < count; ++r) {
    sums.used[i + r] = b.used[r], sums.value[i + r] = b.sums[r];
    weight[r] = static_cast<T>(geometry_.a[i + r] * n);
    std::fill_n(b.e + r * geometry_.cols + i, count, T{0});
  }
  for (std::size_t r = 0; r < count; r += kRows)
    add_rows(b.e + r * geometry_.cols + begin, geometry_.cols, cols, weight.data() + r,
             b.column.data() + begin);
  if ((i + count) % kFlushRows == 0) b.flush();
}

/// Σ_j e_ij of all rows, by half of the pairs where every point has weight.
template <class T>
typename Sweeper<T>::RowSums Sweeper<T>::self_sums(const std::vector<double>& f, const Columns& columns,
                                                   bool safe, bool kept) {
  const bool triangle =
      !safe && !keep_ &&
      std::all_of(geometry_.a.begin(), geometry_.a.begin() + static_cast<std::ptrdiff_t>(geometry_.n),
                  [](double a) { return a > 0; });
  RowSums sums{std::vector<double>(geometry_.rows), std::vector<double>(geometry_.rows)};
  std::vector<Buffers> all;
  for (std::size_t k = 0; k < pieces(); ++k) all.emplace_back(geometry_.cols, h_.data());
  sweep(triangle, [&](std::size_t piece, std::size_t i, std::size_t count) {
    Buffers& b = all[piece];
    if (triangle) return add_triangle(i, count, f, b, sums);
    take_sums(i, count, f, safe, kept, b);
    for (std::size_t r = 0; r < count; ++r) sums.used[i + r] = b.used[r], sums.value[i + r] = b.sums[r];
  });
  if (!triangle) return sums;
  // Column j's exponentials have its weight and F_j as rounded there: b_i e_ij / b_j is what row j wants.
  for (Buffers& b : all) {
    b.flush();
    for (std::size_t j = 0; j < geometry_.n; ++j)
      sums.value[j] += b.column_sums[j] / (geometry_.a[j] * static_cast<double>(geometry_.n)) *
                       std::exp2(sums.used[j] - columns.used[j]);
  }
  return sums;
}

template <class T>
Step Sweeper<T>::iterate_self(double kappa, std::vector<double>& f, bool safe, double share) {
  std::vector<double> g(f.begin(), f.begin() + static_cast<std::ptrdiff_t>(geometry_.n));
  g.resize(geometry_.cols, 0);
  Columns columns = columns_of(kappa, g);
  const bool kept = !safe && follows(kappa, f, g);
  if (!kept) keep(kappa, columns);
  h_.swap(columns.h), kappa_ = kappa;
  const RowSums sums = self_sums(f, columns, safe, kept);
  Step step;
  for (std::size_t i = 0; i < geometry_.n; ++i) {
    const double before = f[i], after = sums.used[i] - std::log2(sums.value[i]);
    if (geometry_.a[i] > 0) step.error += geometry_.a[i] * std::abs(std::exp2(before - after) - 1);
    f[i] = before + share * (after - before);
    step.change = std::max(step.change, std::abs(after - before));
  }
  return step;
}

/// Whether Σ_j P_ij y_j, of few features, tells the cost: then products are not needed.
template <class T>
bool Sweeper<T>::pulls_tell_cost() const {
  return geometry_.p == 2 && geometry_.d <= kLowDimension;
}

template <class T>
void Sweeper<T>::evaluate_rows(std::size_t i, std::size_t count, Buffers& b, Evaluation& result,
                               std::vector<double>& cost, double* gradient) const {
  const std::size_t cols = geometry_.cols, d = geometry_.d, panels = cols / kPanel<T>;
  const bool square = geometry_.p == 2, pulls_tell = pulls_tell_cost();
  std::array<double, kMostRows> slope_sum{};
  for (std::size_t r = 0; r < count; ++r) {
    T* e = b.e + r * cols;
    result.row_sums[i + r] = b.sums[r], slope_sum[r] = 2 * b.sums[r];
    cost[i + r] = square ? geometry_.x_norm[i + r] * b.sums[r] + dot(e, y_norm_.data(), cols) : 0;
    if (pulls_tell) continue;
    const T* t = table_.empty() ? b.t->row(r) : table_.row(i + r);
    cost[i + r] += (square ? -2 : 1) * dot(static_cast<const T*>(e), t, cols);
    if (gradient && !square) slope_sum[r] = slopes(t, cols, geometry_.p, e, e);
  }
  if (!gradient && !pulls_tell) return;
  std::array<double, kMostRows * kLowDimension> few{};
  double* pulled = gradient ? gradient + i * d : few.data();
  std::fill_n(pulled, count * d, 0.0);
  for (std::size_t r = 0; r < count; r += kRows)
    pull_back(b.e + r * cols, cols, y_.data(), d, panels, pulled + r * d);
  for (std::size_t r = 0; r < count; ++r)
    for (std::size_t k = 0; k < d; ++k) {
      double& out = pulled[r * d + k];
      const double a = geometry_.a[i + r], x = geometry_.x(i + r, k);
      if (pulls_tell) cost[i + r] -= 2 * x * out;
      out = a > 0 ? a * (slope_sum[r] * x - (square ? 2 : 1) * out) : 0;
    }
}

/// The plan's rows (over a_i) by kept exponentials, their sums, and products or costs where those are needed.
template <class T>
void Sweeper<T>::kept_plan(std::size_t i, std::size_t count, const std::vector<double>& f, Buffers& b) const {
  if (!pulls_tell_cost()) fill_terms(i, count, 0, b);
  for (std::size_t r = 0; r < count; ++r)
    b.sums[r] = scaled(kept_.row(i + r), geometry_.cols, static_cast<T>(std::exp2(f[i + r] - kept_f_[i + r])),
                       v_.data(), b.e + r * geometry_.cols);
}

template <class T>
Evaluation Sweeper<T>::evaluate(double kappa, const Potentials& p, double* gradient) {
  h_ = columns_of(kappa, p.g).h, kappa_ = kappa;
  const bool kept = follows(kappa, p.f, p.g);
  y_norm_.resize(1, geometry_.cols);
  std::transform(geometry_.y_norm.begin(), geometry_.y_norm.end(), y_norm_.data(),
                 [](double v) { return static_cast<T>(v); });
  Evaluation result{std::vector<double>(geometry_.rows), std::vector<double>(geometry_.cols, 0), 0};
  std::vector<double> cost(geometry_.rows);
  std::vector<Buffers> all;
  for (std::size_t k = 0; k < pieces(); ++k) all.emplace_back(geometry_.cols, h_.data());
  sweep(false, [&](std::size_t piece, std::size_t i, std::size_t count) {
    Buffers& b = all[piece];
    b.use_this_thread(block_rows_, geometry_.cols);
    if (kept)
      kept_plan(i, count, p.f, b);
    else
      exponentials_of(i, count, p.f, false, !pulls_tell_cost(), b, 0);
    std::array<T, kMostRows> weight{};
    for (std::size_t r = 0; r < count; ++r) weight[r] = static_cast<T>(geometry_.a[i + r]);
    for (std::size_t r = 0; r < count; r += kRows)
      add_rows(b.e + r * geometry_.cols, geometry_.cols, geometry_.cols, weight.data() + r, b.column.data());
    if ((i + count) % kFlushRows == 0) b.flush();
    evaluate_rows(i, count, b, result, cost, gradient);
  });
  for (Buffers& b : all) {
    b.flush();
    for (std::size_t j = 0; j < geometry_.cols; ++j) result.col_sums[j] += b.column_sums[j];
  }
  for (std::size_t i = 0; i < geometry_.n; ++i)
    if (geometry_.a[i] > 0) result.cost += geometry_.a[i] * cost[i];
  return result;
}

template class Sweeper<float>;
template class Sweeper<double>;

}  // namespace pushforward::entropic
