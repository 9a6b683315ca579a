// SPDX-License-Identifier: Apache-2.0
//
// Directions are taken some at a time: projected together, compared each by itself (on as many threads as
// there are), and their gradients added up row by row in the order of the directions, so that the result does
// not depend on threads.
#include "distances/projections.hpp"

#include <algorithm>
#include <cmath>

#include "distances/pool_scale.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "transport/sinkhorn_geometry.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kBlock = 32, kThreadedPoints = 20000;
constexpr std::size_t kPanelBytes = 24 << 10;  // half of a first-level cache

std::vector<double> pooled_mean(const Sample& x, const Sample& y) {
  std::vector<double> mean(x.d(), 0), sum(x.d());
  for (const Sample* s : {&x, &y}) {
    std::fill(sum.begin(), sum.end(), 0.0);
    std::visit(
        [&](auto view) {
          for (std::size_t i = 0; i < view.rows; ++i)
            for (std::size_t k = 0; k < view.cols; ++k) sum[k] += static_cast<double>(view(i, k));
        },
        s->points.data);
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += sum[k] / (2 * static_cast<double>(s->n()));
  }
  return mean;
}

/// A sample packed for products: centred, in panels, padded with zeros.
template <class T>
class Packed {
 public:
  Packed(const Sample& sample, const std::vector<double>& mean) : n_(sample.n()), weights_(sample.weights) {
    constexpr std::size_t width = entropic::kPanel<T>;
    const std::size_t d = sample.d(), panels = (n_ + width - 1) / width;
    panels_.resize(panels * d, width);
    std::vector<T> centred(d);
    std::fill(panels_.row((panels - 1) * d), panels_.data() + panels_.size(), T{0});
    std::visit(
        [&](auto view) {
          for (std::size_t panel = 0; panel < panels; ++panel) {
            const std::size_t first = panel * width, count = std::min(width, n_ - first);
            for (std::size_t c = 0; c < count; ++c) {
              const auto* row = view.row(first + c);
              for (std::size_t k = 0; k < d; ++k)
                centred[k] = static_cast<T>(static_cast<double>(row[k]) - mean[k]);
              T* column = panels_.row(panel * d) + c;
              for (std::size_t k = 0; k < d; ++k) column[k * width] = centred[k];
            }
          }
        },
        sample.points.data);
  }

  /// A row of padded() for each direction, four directions at a time; panels outermost, as they stay in
  /// cache.
  void project(const T* directions, std::size_t quads, std::size_t d, T* out) const {
    const std::size_t panels = padded() / entropic::kPanel<T>;
    const std::size_t block = std::max<std::size_t>(1, kPanelBytes / (entropic::kPanel<T> * d * sizeof(T)));
    for (std::size_t panel = 0; panel < panels; panel += block)
      for (std::size_t q = 0; q < quads; ++q)
        entropic::products(directions + 4 * q * d, d, panels_.row(panel * d), std::min(block, panels - panel),
                           out + 4 * q * padded() + panel * entropic::kPanel<T>, padded());
  }
  std::size_t n() const { return n_; }
  std::size_t padded() const {
    return (n_ + entropic::kPanel<T> - 1) / entropic::kPanel<T> * entropic::kPanel<T>;
  }
  LineSample<T> line(const T* projections) const { return {{projections, n_}, weights_}; }
  /// Σ_i g_i x_i.
  void pull_back(std::span<const double> g, std::vector<double>& out) const {
    constexpr std::size_t width = entropic::kPanel<T>;
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t k = 0; k < out.size(); ++k)
        out[k] += g[i] * static_cast<double>(panels_(i / width * out.size() + k, i % width));
  }

 private:
  std::size_t n_;
  std::span<const double> weights_;
  Matrix<T> panels_{};
};

template <class T>
class ProjectedAs final : public Projected {
 public:
  ProjectedAs(const Sample& x, const Sample& y) : ProjectedAs(x, y, pooled_mean(x, y)) {}

  std::vector<double> powers(View<const double> directions, double p,
                             const Gradient& gradient) const override {
    if (gradient.points.wanted()) std::fill_n(gradient.points.data, gradient.points.size(), 0.0);
    std::fill(gradient.weights.begin(), gradient.weights.end(), 0.0);
    std::vector<double> result(directions.rows);
    Block block(*this, gradient, kBlock * static_cast<std::size_t>(threads()));
    for (std::size_t l = 0; l < directions.rows; l += block.size()) {
      const std::size_t count = std::min(block.size(), directions.rows - l);
      block.measure(directions.slice(l, l + count), p, {result.data() + l, count});
      block.add_to(gradient, directions.slice(l, l + count));
    }
    return result;
  }

  std::vector<double> slope(std::span<const double> direction, double p) const override {
    const std::size_t d = direction.size();
    std::vector<T> quad(4 * d, T{0});
    std::transform(direction.begin(), direction.end(), quad.begin(),
                   [](double v) { return static_cast<T>(v); });
    Matrix<T> px(4, x_.padded()), py(4, y_.padded());
    x_.project(quad.data(), 1, d, px.data()), y_.project(quad.data(), 1, d, py.data());
    std::vector<double> gx(x_.n()), gy(y_.n()), out(d, 0);
    LineWorkspace<T> workspace;
    line_power(x_.line(px.data()), y_.line(py.data()), p, workspace, {gx, {}});
    line_power(y_.line(py.data()), x_.line(px.data()), p, workspace, {gy, {}});
    x_.pull_back(gx, out), y_.pull_back(gy, out);
    return out;
  }

 private:
  ProjectedAs(const Sample& x, const Sample& y, const std::vector<double>& mean) : x_(x, mean), y_(y, mean) {}

  /// Buffers for some directions, a multiple of four.
  class Block {
   public:
    Block(const ProjectedAs& owner, const Gradient& gradient, std::size_t size)
        : owner_(owner), workspaces_(size), points_(size), weights_(size) {
      px_.resize(size, owner.x_.padded()), py_.resize(size, owner.y_.padded());
      for (auto& g : points_) g.resize(gradient.points.wanted() ? owner.x_.n() : 0);
      for (auto& g : weights_) g.resize(gradient.weights.size());
    }
    std::size_t size() const { return workspaces_.size(); }
    void measure(View<const double> directions, double p, std::span<double> powers) {
      const std::size_t d = directions.cols, quads = (directions.rows + 3) / 4;
      quad_.assign(size() * d, T{0});
      std::transform(directions.data, directions.data + directions.size(), quad_.begin(),
                     [](double v) { return static_cast<T>(v); });
      const std::size_t grain = std::max<std::size_t>(1, kThreadedPoints / owner_.x_.n());
      parallel_for(quads, grain, [&](std::size_t begin, std::size_t end) {
        owner_.x_.project(quad_.data() + 4 * begin * d, end - begin, d, px_.row(4 * begin));
        owner_.y_.project(quad_.data() + 4 * begin * d, end - begin, d, py_.row(4 * begin));
        for (std::size_t r = 4 * begin; r < std::min(4 * end, directions.rows); ++r) powers[r] = along(r, p);
      });
    }
    void add_to(const Gradient& gradient, View<const double> directions) const {
      for (std::size_t r = 0; r < directions.rows; ++r)
        for (std::size_t i = 0; i < gradient.weights.size(); ++i) gradient.weights[i] += weights_[r][i];
      if (!gradient.points.wanted()) return;
      parallel_for(gradient.points.rows, kThreadedPoints, [&](std::size_t begin, std::size_t end) {
        for (std::size_t i = begin; i < end; ++i)
          for (std::size_t r = 0; r < directions.rows; ++r)
            for (std::size_t k = 0; k < directions.cols; ++k)
              gradient.points(i, k) += points_[r][i] * directions(r, k);
      });
    }

   private:
    double along(std::size_t r, double p) {
      const LineSample<T> x = owner_.x_.line(px_.row(r)), y = owner_.y_.line(py_.row(r));
      const bool plain = x.weights.empty() && y.weights.empty() && x.points.size() == y.points.size();
      if (!plain || !points_[r].empty() || !weights_[r].empty())
        return line_power(x, y, p, workspaces_[r], {points_[r], weights_[r]});
      return sorted_line_power(std::span<T>(px_.row(r), x.points.size()),
                               std::span<T>(py_.row(r), x.points.size()), p);
    }

    const ProjectedAs& owner_;
    Matrix<T> px_{}, py_{};
    std::vector<T> quad_{};
    std::vector<LineWorkspace<T>> workspaces_;
    std::vector<std::vector<double>> points_, weights_;
  };

  Packed<T> x_, y_;
};

}  // namespace

Matrix<double> random_directions(std::size_t count, std::size_t d, std::uint64_t seed) {
  Matrix<double> directions(count, d);
  for (std::size_t l = 0; l < count; ++l) {
    double* row = directions.row(l);
    fill_normal(std::span<double>(row, d), Draw{seed, stream_id("projections"), l});
    double norm = 0;
    for (std::size_t k = 0; k < d; ++k) norm += row[k] * row[k];
    for (std::size_t k = 0; k < d; ++k) row[k] = d == 1 ? 1 : row[k] / std::sqrt(norm);
  }
  return directions;
}

std::unique_ptr<Projected> make_projected(const Sample& x, const Sample& y) {
  const auto is_float = [](const Sample& s) {
    return std::holds_alternative<View<const float>>(s.points.data);
  };
  if (is_float(x) && is_float(y)) return std::make_unique<ProjectedAs<float>>(x, y);
  return std::make_unique<ProjectedAs<double>>(x, y);
}

Rounding projected_rounding(const Sample& x, const Sample& y) {
  constexpr double kUnits = 8;
  const PoolScale scale = pool_scale(x, y);
  return {kUnits * (scale.epsilon * scale.spread + 0x1p-52 * scale.largest)};
}

}  // namespace pushforward
