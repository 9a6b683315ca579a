// SPDX-License-Identifier: Apache-2.0
//
// Sums of a kernel over all pairs of two samples, tile by tile.
//
// The pairs form three matrices: XX and YY, symmetric, of which the upper tiles suffice, and XY. A *unit* of
// work is a block of columns (points that lie along vector lanes): for it, rows stream by. Column sums, and
// the gradient of the block's points, are the unit's own; sums over rows belong to other units' points and go
// to a buffer of the *lane*, added up at the end in the order of lanes. Units are dealt to lanes in turn, so
// that the triangle of XX is shared out evenly; there are as many lanes as the size of the samples pays for,
// and threads take them as they come: the bits do not depend on their number.
//
// With a gradient every tile of XX is needed, because each of a block's points is pulled by all others; the
// sums still come from the upper tiles, in the same order, so that the value does not depend on the gradient.
//
// Memory: the packed copy of the points, and a thread's O(n + m) sums and one block's gradient; a lane that
// ends before those before it keeps its own.
#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "kernels/kernel_panels.hpp"
#include "kernels/kernel_sums_at.hpp"
#include "kernels/kernel_tiles.hpp"
#include "pushforward/kernel.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace kernels {
namespace {

constexpr std::size_t kMostLanes = 16;

// Panels in a block of columns: half a megabyte stays in the second-level cache while rows stream by, and
// there are enough blocks for threads to share.
template <class T>
std::size_t block_panels(std::size_t panels, std::size_t d) {
  constexpr std::size_t kBytes = 512 << 10;
  const std::size_t fit = kBytes / (kPanel * d * sizeof(T));
  return std::clamp<std::size_t>(std::min(fit, panels / 8), 1, 8);
}

// Sums over rows.
struct RowSums {
  std::vector<double> xx, yy, yx;
  RowSums(std::size_t n, std::size_t m) : xx(n), yy(m), yx(m) {}
  void zero() {
    for (std::vector<double>* sums : {&xx, &yy, &yx}) std::fill(sums->begin(), sums->end(), 0.0);
  }
  void add(const RowSums& other) {
    for (std::size_t i = 0; i < xx.size(); ++i) xx[i] += other.xx[i];
    for (std::size_t j = 0; j < yy.size(); ++j) yy[j] += other.yy[j], yx[j] += other.yx[j];
  }
};

// What a thread keeps while it does a lane.
template <class T>
struct Lane {
  std::unique_ptr<TileScratch<T>> scratch = std::make_unique<TileScratch<T>>();
  RowSums rows;
  Matrix<T> pull{};              // gradient of a block: panels × 48 d
  std::vector<double> weight{};  // sums of W of a block
};

// The lanes' sums, added up in the order of lanes as they end. What has been added is lent out again: memory
// that is new for each of sixteen lanes is sixteen times the page faults, 3 % of the sums over 2 × 5000
// points.
template <class T>
class Lanes {
 public:
  Lanes(std::size_t count, std::size_t n, std::size_t m) : ended_(count), total_(n, m) {}

  std::unique_ptr<Lane<T>> take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty())
      return std::make_unique<Lane<T>>(Lane<T>{.rows = RowSums(total_.xx.size(), total_.yy.size())});
    std::unique_ptr<Lane<T>> lane = std::move(free_.back());
    free_.pop_back();
    lane->rows.zero();
    return lane;
  }
  void give_back(std::size_t index, std::unique_ptr<Lane<T>> lane) {
    const std::lock_guard lock(mutex_);
    ended_[index] = std::move(lane);
    for (; next_ < ended_.size() && ended_[next_]; ++next_) {
      total_.add(ended_[next_]->rows);
      free_.push_back(std::move(ended_[next_]));
    }
  }
  const RowSums& total() const { return total_; }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane<T>>> ended_, free_;  // the ended wait for those before them
  std::size_t next_ = 0;
  RowSums total_;
};

template <class T>
class Summation {
 public:
  Summation(const PreparedKernel<T>& kernel, const Panels<T>& x, const Panels<T>& y,
            const KernelGradient& gradient)
      : kernel_(kernel), x_(x), y_(y), gradient_(gradient) {
    xx_.assign(x.count() * kPanel, 0), xy_.assign(x.count() * kPanel, 0), yy_.assign(y.count() * kPanel, 0);
    largest_ = std::max(std::abs(gradient.within), std::abs(gradient.across));
    if (!(largest_ > 0)) largest_ = 1;
  }

  KernelSums run() {
    const std::size_t x_block = block_panels<T>(x_.count(), x_.d),
                      y_block = block_panels<T>(y_.count(), y_.d);
    const std::size_t x_units = (x_.count() + x_block - 1) / x_block,
                      y_units = (y_.count() + y_block - 1) / y_block;
    const std::size_t lanes = worth_threads() ? std::min(kMostLanes, x_units + y_units) : 1;
    Lanes<T> summed(lanes, xx_.size(), yy_.size());
    parallel_tasks(lanes, [&](std::size_t l) {
      std::unique_ptr<Lane<T>> lane = summed.take();
      for (std::size_t unit = l; unit < x_units + y_units; unit += lanes)
        if (unit < x_units)
          x_columns(unit * x_block, std::min(x_.count(), (unit + 1) * x_block), *lane);
        else
          y_columns((unit - x_units) * y_block, std::min(y_.count(), (unit - x_units + 1) * y_block), *lane);
      summed.give_back(l, std::move(lane));
    });
    return collect(summed.total());
  }

  // Of pairs between the samples alone, to the points x.
  std::vector<double> across() {
    const std::size_t block = block_panels<T>(x_.count(), x_.d), units = (x_.count() + block - 1) / block;
    const auto sum = [&](std::size_t unit) {
      const auto scratch = std::make_unique<TileScratch<T>>();
      for (std::size_t a = 0; a < y_.count(); ++a)
        for (std::size_t p = unit * block; p < std::min(x_.count(), (unit + 1) * block); ++p) {
          Tile<T> t = tile(y_, a, x_, p);
          t.column_sums = &xy_[p * kPanel], t.want_rows = false;
          do_tile(kernel_.tile, t, *scratch);
        }
    };
    if (worth_threads())
      parallel_tasks(units, sum);
    else
      for (std::size_t unit = 0; unit < units; ++unit) sum(unit);
    xy_.resize(x_.n);
    return std::move(xy_);
  }

 private:
  bool worth_threads() const {
    const auto n = static_cast<double>(x_.n + y_.n);
    return n * n * static_cast<double>(x_.d + 16) > 2e7;
  }

  // A tile of rows a of one sample and columns p of another.
  Tile<T> tile(const Panels<T>& rows, std::size_t a, const Panels<T>& columns, std::size_t p) const {
    Tile<T> t;
    t.rows = rows.panel(a), t.columns = columns.panel(p), t.d = rows.d;
    t.row_norms = &rows.norms[a * kPanel], t.column_norms = &columns.norms[p * kPanel];
    t.row_weights = &rows.weights[a * kPanel], t.column_weights = &columns.weights[p * kPanel];
    t.masked = rows.weighted || columns.weighted || rows.edge(a) || columns.edge(p);
    return t;
  }

  void flush(const Panels<T>& rows, std::size_t a, std::vector<double>& sums, Lane<T>& lane) const {
    flush_rows(*lane.scratch, &sums[a * kPanel], std::min(kPanel, rows.n - a * kPanel));
  }

  // Symmetric sums of columns begin … end−1 with the rows above them; with a gradient, with all rows.
  void within(const Panels<T>& sample, std::size_t begin, std::size_t end, std::vector<double>& column_sums,
              std::vector<double>& row_sums, bool pull, Lane<T>& lane) {
    for (std::size_t a = 0; a < (pull ? sample.count() : end); ++a) {
      for (std::size_t p = begin; p < end; ++p) {
        if (a > p && !pull) continue;
        Tile<T> t = tile(sample, a, sample, p);
        t.diagonal = a == p, t.want_rows = a < p;
        if (a <= p) t.column_sums = &column_sums[p * kPanel];
        if (pull) add_pull(t, p - begin, gradient_.within, lane);
        do_tile(kernel_.tile, t, *lane.scratch);
      }
      if (a + 1 < end) flush(sample, a, row_sums, lane);
    }
  }

  void x_columns(std::size_t begin, std::size_t end, Lane<T>& lane) {
    const bool pull = gradient_.points.wanted();
    if (pull) {
      lane.pull.resize(end - begin, kPanel * x_.d), lane.pull.zero();
      lane.weight.assign((end - begin) * kPanel, 0);
    }
    within(x_, begin, end, xx_, lane.rows.xx, pull, lane);
    for (std::size_t a = 0; a < y_.count(); ++a) {
      for (std::size_t p = begin; p < end; ++p) {
        Tile<T> t = tile(y_, a, x_, p);
        t.column_sums = &xy_[p * kPanel];
        if (pull) add_pull(t, p - begin, gradient_.across, lane);
        do_tile(kernel_.tile, t, *lane.scratch);
      }
      flush(y_, a, lane.rows.yx, lane);
    }
    if (pull) write_gradient(begin, end, lane);
  }

  void y_columns(std::size_t begin, std::size_t end, Lane<T>& lane) {
    within(y_, begin, end, yy_, lane.rows.yy, false, lane);
  }

  void add_pull(Tile<T>& t, std::size_t block_panel, double factor, Lane<T>& lane) const {
    t.gradient = lane.pull.row(block_panel);
    t.gradient_scale = static_cast<T>(factor / largest_);
    t.derivative_sums = &lane.weight[block_panel * kPanel];
  }

  // Σ W (x − z) = x ΣW − Σ W z in the dot form; the difference forms have summed it as it stands.
  void write_gradient(std::size_t begin, std::size_t end, const Lane<T>& lane) const {
    const bool subtract = kernel_.tile.form == PairForm::dot && kernel_.tile.norms;
    const double factor = largest_ * kernel_.derivative / kernel_.stretch;
    for (std::size_t i = begin * kPanel; i < std::min(end * kPanel, x_.n); ++i) {
      const std::size_t p = i / kPanel, lane_index = i % kPanel;
      const T* pulled = lane.pull.row(p - begin) + lane_index;
      const T* point = x_.panel(p) + lane_index;
      const double weight = lane.weight[i - begin * kPanel];
      for (std::size_t k = 0; k < x_.d; ++k) {
        const auto sum = static_cast<double>(pulled[k * kPanel]);
        const double own = weight * static_cast<double>(point[k * kPanel]);
        gradient_.points(i, k) = factor * (subtract ? own - sum : sum);
      }
    }
  }

  KernelSums collect(const RowSums& rows) {
    KernelSums sums{std::move(xx_), std::move(yy_), std::move(xy_), rows.yx};
    for (std::size_t i = 0; i < sums.xx.size(); ++i) sums.xx[i] += rows.xx[i];
    for (std::size_t j = 0; j < sums.yy.size(); ++j) sums.yy[j] += rows.yy[j];
    sums.xx.resize(x_.n), sums.xy.resize(x_.n), sums.yy.resize(y_.n), sums.yx.resize(y_.n);
    return sums;
  }

  const PreparedKernel<T>& kernel_;
  const Panels<T>&x_, &y_;
  const KernelGradient& gradient_;
  double largest_ = 1;
  std::vector<double> xx_, yy_, xy_;  // sums over columns
};

template <class T>
KernelSums sum_pairs(const Kernel& kernel, const Spread& spread, const Sample& x, const Sample& y,
                     const KernelGradient& gradient) {
  const PreparedKernel<T> prepared = prepare_kernel<T>(kernel, spread, x.d());
  const Panels<T> x_panels = pack(x, prepared), y_panels = pack(y, prepared);
  return Summation<T>(prepared, x_panels, y_panels, gradient).run();
}

}  // namespace
}  // namespace kernels

KernelSums kernel_sums(const Kernel& kernel, const Sample& x, const Sample& y,
                       const KernelGradient& gradient) {
  const kernels::Spread spread = kernels::spread_of(x.points, y.points);
  if (kernels::float_tiles_suffice(kernel, x, y, spread))
    return kernels::sum_pairs<float>(kernel, spread, x, y, gradient);
  return kernels::sum_pairs<double>(kernel, spread, x, y, gradient);
}

// Centred on the sample: places far from it cost those near it no digits. How far they are still decides how
// small the kernel may become.
std::vector<double> kernel_sums_at(const Kernel& kernel, const Points& at, const Sample& y) {
  kernels::Spread spread = kernels::spread_of(y.points, y.points);
  const kernels::Spread all = kernels::spread_of(at, y.points);
  double between = 0;
  for (std::size_t k = 0; k < spread.centre.size(); ++k)
    between += (all.centre[k] - spread.centre[k]) * (all.centre[k] - spread.centre[k]);
  const double farthest = std::sqrt(all.largest_square) + std::sqrt(between);
  spread.largest_square = std::max(spread.largest_square, farthest * farthest);
  const kernels::PreparedKernel<double> prepared = kernels::prepare_kernel<double>(kernel, spread, y.d());
  const kernels::Panels<double> places = kernels::pack({at}, prepared), sample = kernels::pack(y, prepared);
  return kernels::Summation<double>(prepared, places, sample, {}).across();
}

}  // namespace pushforward
