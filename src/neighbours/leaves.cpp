// SPDX-License-Identifier: Apache-2.0
// The frame, the order and the boxes; the idea is in the header.
#include "neighbours/leaves.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "neighbours/neighbour_kernels.hpp"
#include "pushforward/error.hpp"

namespace pushforward::neighbours {
namespace {

// Sorts `order` so that every group is a cell of a k-d tree, in it every block of queries, and in that every
// leaf.
template <class T>
class Ordering {
 public:
  Ordering(View<const T> points, std::vector<std::uint32_t>& order)
      : points_(points), order_(order), keys_(order.size()) {}

  void split(std::size_t begin, std::size_t end) {
    const std::size_t size = end - begin;
    if (size <= kLeaf) return;
    const std::size_t unit = size > kGroup * kLeaf            ? kGroup * kLeaf
                             : size > neighbours::kQueryBlock ? neighbours::kQueryBlock
                                                              : kLeaf;
    const std::size_t units = (size + unit - 1) / unit, middle = begin + units / 2 * unit;
    const std::size_t widest = widest_column(begin, end);
    for (std::size_t i = begin; i < end; ++i) keys_[i] = {points_(order_[i], widest), order_[i]};
    const auto at = [&](std::size_t i) { return keys_.begin() + static_cast<std::ptrdiff_t>(i); };
    std::nth_element(at(begin), at(middle), at(end));
    for (std::size_t i = begin; i < end; ++i) order_[i] = keys_[i].second;
    split(begin, middle), split(middle, end);
  }

 private:
  std::size_t widest_column(std::size_t begin, std::size_t end) {
    const std::size_t d = points_.cols;
    low_.assign(points_.row(order_[begin]), points_.row(order_[begin]) + d);
    high_ = low_;
    for (std::size_t i = begin + 1; i < end; ++i) {
      const T* row = points_.row(order_[i]);
      for (std::size_t k = 0; k < d; ++k)
        low_[k] = std::min(low_[k], row[k]), high_[k] = std::max(high_[k], row[k]);
    }
    std::size_t best = 0;
    for (std::size_t k = 1; k < d; ++k)
      if (high_[k] - low_[k] > high_[best] - low_[best]) best = k;
    return best;
  }

  View<const T> points_;
  std::vector<std::uint32_t>& order_;
  std::vector<std::pair<T, std::uint32_t>> keys_;
  std::vector<T> low_{}, high_{};
};

// Largest |x − centre| of each coordinate.
void widen(std::vector<double>& reach, const Points& points, std::span<const double> centre) {
  std::visit(
      [&](auto view) {
        for (std::size_t i = 0; i < view.rows; ++i)
          for (std::size_t k = 0; k < view.cols; ++k)
            reach[k] = std::max(reach[k], std::abs(static_cast<double>(view(i, k)) - centre[k]));
      },
      points.data);
}

}  // namespace

Frame::Frame(const Points& a, const Points& b) : centre(a.d(), 0.0) {
  std::visit(
      [&](auto view) {
        const double share = 1 / static_cast<double>(view.rows);
        for (std::size_t i = 0; i < view.rows; ++i)
          for (std::size_t k = 0; k < view.cols; ++k) centre[k] += static_cast<double>(view(i, k)) * share;
      },
      b.data);
  std::vector<double> reach(a.d(), 0.0);
  widen(reach, a, centre), widen(reach, b, centre);
  const double most = *std::max_element(reach.begin(), reach.end());
  if (!std::isfinite(most))
    throw RequestError(Complaint{"neighbours",
                                 "coordinates that lie further apart than 1e308 or are not numbers",
                                 "finite differences", "divide the data by a power of ten"});
  if (most > 0) scale = std::ldexp(1.0, std::clamp(-std::ilogb(most) - 1, -1021, 1021));
  double squares = 0;
  for (double r : reach) squares += r * scale * (r * scale);
  constexpr double unit = 0x1p-24;  // half an ulp of float32
  rounding = 2.02 * unit * std::sqrt(squares) + 1e-37;
}

std::vector<std::uint32_t> kd_order(const Points& points) {
  std::vector<std::uint32_t> order(points.n());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
  std::visit([&](auto view) { Ordering(view, order).split(0, order.size()); }, points.data);
  return order;
}

template <class T>
void Boxes<T>::make(std::size_t count, std::size_t d) {
  constexpr T far = std::numeric_limits<T>::max() / 4;
  for (Matrix<T>* bounds : {&low, &high, &middle}) {
    bounds->resize(d, (count + kGroup - 1) / kGroup * kGroup);
    std::fill_n(bounds->data(), bounds->size(), far);
  }
}

template <class T>
void Boxes<T>::set(std::size_t b, const T* lows, const T* highs) {
  for (std::size_t k = 0; k < low.rows(); ++k)
    low(k, b) = lows[k], high(k, b) = highs[k], middle(k, b) = lows[k] / 2 + highs[k] / 2;
}

template <class T>
Leaves<T>::Leaves(const Points& points, const Frame& frame, std::span<const std::uint32_t> order)
    : order_(order), d_(points.d()), rows_(order.size() + neighbours::kPointGroup - 1, d_) {
  std::visit(
      [&](auto view) {
        for (std::size_t i = 0; i < n(); ++i)
          for (std::size_t k = 0; k < d_; ++k)
            rows_(i, k) =
                static_cast<T>((static_cast<double>(view(order_[i], k)) - frame.centre[k]) * frame.scale);
      },
      points.data);
  std::fill(rows_.row(n()), rows_.data() + rows_.size(), std::numeric_limits<T>::quiet_NaN());
  make_boxes(), make_group_boxes();
}

template <class T>
void Leaves<T>::make_boxes() {
  boxes_.make(count(), d_);
  low_.resize(count(), d_), high_.resize(count(), d_);
  for (std::size_t b = 0; b < count(); ++b) {
    T *low = low_.row(b), *high = high_.row(b);
    std::copy_n(point(b * kLeaf), d_, low), std::copy_n(point(b * kLeaf), d_, high);
    for (std::size_t i = b * kLeaf + 1; i < std::min(n(), (b + 1) * kLeaf); ++i)
      for (std::size_t k = 0; k < d_; ++k)
        low[k] = std::min(low[k], point(i)[k]), high[k] = std::max(high[k], point(i)[k]);
    boxes_.set(b, low, high);
  }
}

template <class T>
void Leaves<T>::make_group_boxes() {
  group_boxes_.make(groups(), d_);
  std::vector<T> lows(d_), highs(d_);
  for (std::size_t g = 0; g < groups(); ++g) {
    std::copy_n(low(g * kGroup), d_, lows.data()), std::copy_n(high(g * kGroup), d_, highs.data());
    for (std::size_t b = g * kGroup + 1; b < std::min(count(), (g + 1) * kGroup); ++b)
      for (std::size_t k = 0; k < d_; ++k)
        lows[k] = std::min(lows[k], low(b)[k]), highs[k] = std::max(highs[k], high(b)[k]);
    group_boxes_.set(g, lows.data(), highs.data());
  }
}

template <class T>
std::size_t Leaves<T>::padded_size(std::size_t b) const {
  const std::size_t size = std::min(n() - b * kLeaf, kLeaf);
  return (size + neighbours::kPointGroup - 1) / neighbours::kPointGroup * neighbours::kPointGroup;
}

template struct Boxes<float>;
template struct Boxes<double>;
template class Leaves<float>;
template class Leaves<double>;

}  // namespace pushforward::neighbours
