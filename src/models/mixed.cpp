// SPDX-License-Identifier: Apache-2.0
#include "models/mixed.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pushforward/random.hpp"

namespace pushforward {
namespace {

using Kind = TableBlock::Kind;
constexpr float kTemperature = 0.5f;  // τ of the gradient; the draw itself has none

float sigmoid(float a) { return 1 / (1 + std::exp(-a)); }
double softplus(double a) { return std::max(a, 0.0) + std::log1p(std::exp(-std::abs(a))); }

// p = softmax(a); returns ln Σ exp(a).
double softmax(const float* a, std::size_t k, float* p) {
  const float top = *std::max_element(a, a + k);
  float sum = 0;
  for (std::size_t i = 0; i < k; ++i) sum += p[i] = std::exp(a[i] - top);
  for (std::size_t i = 0; i < k; ++i) p[i] /= sum;
  return static_cast<double>(top) + std::log(static_cast<double>(sum));
}

// One row of a loss; `g` is null where no gradient is wanted.
struct RowLoss {
  std::span<const TableBlock> blocks;
  std::span<const double> log_variance;
  float scale;
  std::vector<float> room;

  // Whether block b's first number is missing in this row.
  bool missing(std::size_t b, const float* x) const {
    return b + 1 < blocks.size() && blocks[b + 1].kind == Kind::missing && x[blocks[b + 1].begin] > 0.5f;
  }

  double numbers(const TableBlock& block, bool gone, std::size_t first, const float* y, const float* x,
                 float* g, float* squares) const {
    double sum = 0;
    for (std::size_t j = 0; j < block.size; ++j) {
      const bool absent = gone && j + 1 == block.size;
      const std::size_t at = block.begin + j;
      const double d = absent ? 0 : static_cast<double>(y[at]) - static_cast<double>(x[at]);
      const bool learned = !log_variance.empty();
      const double precision = learned ? std::exp(-log_variance[first + j]) : 2;
      if (g) g[at] = scale * static_cast<float>(d * precision);
      if (squares) squares[first + j] = absent ? -1.0f : static_cast<float>(d * d * precision);
      if (absent) continue;
      sum += 0.5 * d * d * precision;
      if (learned) sum += 0.5 * (std::log(2 * std::numbers::pi) + log_variance[first + j]);
    }
    return sum;
  }

  double logit(std::size_t at, bool gone, const float* y, const float* x, float* g) const {
    if (g) g[at] = gone ? 0 : scale * (sigmoid(y[at]) - x[at]);
    if (gone) return 0;
    return softplus(static_cast<double>(y[at])) - static_cast<double>(x[at]) * static_cast<double>(y[at]);
  }

  double category(const TableBlock& block, const float* y, const float* x, float* g) {
    const float *a = y + block.begin, *t = x + block.begin;
    const double top = softmax(a, block.size, room.data());
    double dot = 0, mass = 0;
    for (std::size_t k = 0; k < block.size; ++k) {
      if (g) g[block.begin + k] = scale * (room[k] - t[k]);
      dot += static_cast<double>(a[k]) * static_cast<double>(t[k]), mass += static_cast<double>(t[k]);
    }
    return mass * top - dot;
  }

  double operator()(const float* y, const float* x, float* g, float* squares) {
    double sum = 0;
    std::size_t number = 0;
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      const TableBlock& block = blocks[b];
      if (block.kind == Kind::numbers) {
        sum += numbers(block, missing(b, x), number, y, x, g, squares);
        number += block.size;
      } else if (block.kind == Kind::category) {
        sum += category(block, y, x, g);
      } else {
        sum += logit(block.begin, block.kind == Kind::truth && missing(b, x), y, x, g);
      }
    }
    return sum;
  }
};

std::size_t widest(std::span<const TableBlock> blocks) {
  std::size_t most = 1;
  for (const TableBlock& block : blocks) most = std::max(most, block.size);
  return most;
}

std::size_t count_numbers(std::span<const TableBlock> blocks) {
  std::size_t count = 0;
  for (const TableBlock& block : blocks) count += block.kind == Kind::numbers ? block.size : 0;
  return count;
}

void choose(float* out, std::size_t size, std::size_t chosen) {
  std::fill_n(out, size, 0.0f);
  out[chosen] = 1;
}

float gumbel(float u) { return -std::log(-std::log(std::clamp(u, 1e-7f, 1 - 1e-7f))); }

}  // namespace

std::vector<TableBlock> blocks_of(const DataOptions& options) {
  return parse_blocks(options.blocks, "--blocks");
}

bool all_numbers(std::span<const TableBlock> blocks) {
  return std::all_of(blocks.begin(), blocks.end(),
                     [](const TableBlock& b) { return b.kind == Kind::numbers; });
}

double mixed_nll(std::span<const TableBlock> blocks, View<const float> y, View<const float> x,
                 std::span<const double> log_variance, View<float> gradient, float scale,
                 std::span<double> rows, Tensor* squares) {
  RowLoss row{blocks, log_variance, scale, std::vector<float>(widest(blocks))};
  if (squares) squares->resize(y.rows, count_numbers(blocks));
  double sum = 0;
  for (std::size_t i = 0; i < y.rows; ++i) {
    const double nll = row(y.row(i), x.row(i), gradient.wanted() ? gradient.row(i) : nullptr,
                           squares ? squares->row(i) : nullptr);
    if (!rows.empty()) rows[i] = nll;
    sum += nll;
  }
  return sum;
}

void mixed_means(std::span<const TableBlock> blocks, View<const float> y, View<float> x) {
  for (std::size_t i = 0; i < x.rows; ++i)
    for (const TableBlock& block : blocks) {
      const float* from = y.row(i) + block.begin;
      float* to = x.row(i) + block.begin;
      if (block.kind == Kind::numbers)
        std::copy_n(from, block.size, to);
      else if (block.kind == Kind::category)
        softmax(from, block.size, to);
      else
        *to = sigmoid(*from);
    }
}

OnnxRows mixed_means(OnnxGraph& graph, std::span<const TableBlock> blocks, const OnnxRows& y) {
  std::vector<std::string> parts;
  for (const TableBlock& block : blocks) {
    const OnnxRows part = graph.columns(y, block.begin, block.begin + block.size);
    if (block.kind == Kind::numbers)
      parts.push_back(part.name);
    else if (block.kind == Kind::category)
      parts.push_back(graph.each("Softmax", part, {{"axis", std::int64_t{1}}}).name);
    else
      parts.push_back(graph.each("Sigmoid", part).name);
  }
  return graph.of_rows(graph.add("Concat", std::move(parts), {{"axis", std::int64_t{1}}}), y.shape.size());
}

void draw_categories(std::span<const TableBlock> blocks, View<float> x, const Draw& draw) {
  Tensor uniform(x.rows, blocks.size());
  fill_uniform(uniform.span(), draw);
  for (std::size_t i = 0; i < x.rows; ++i)
    for (std::size_t b = 0; b < blocks.size(); ++b) {
      float* p = x.row(i) + blocks[b].begin;
      float u = uniform(i, b);
      if (blocks[b].kind == Kind::truth || blocks[b].kind == Kind::missing) *p = u < *p ? 1.0f : 0.0f;
      if (blocks[b].kind != Kind::category) continue;
      std::size_t k = 0;
      while (k + 1 < blocks[b].size && u >= p[k]) u -= p[k++];
      choose(p, blocks[b].size, k);
    }
}

std::vector<float> mixed_bias(std::span<const TableBlock> blocks, std::span<const double> means) {
  std::vector<float> bias(means.size());
  for (const TableBlock& block : blocks)
    for (std::size_t j = block.begin; j < block.begin + block.size; ++j) {
      const double p = std::clamp(means[j], 1e-4, 1 - 1e-4);
      bias[j] = static_cast<float>(block.kind == Kind::numbers    ? means[j]
                                   : block.kind == Kind::category ? std::log(p)
                                                                  : std::log(p / (1 - p)));
    }
  return bias;
}

View<const float> TableHead::forward(View<const float> y, const Draw& draw) {
  soft_.resize(y.rows, y.cols), out_.resize(y.rows, y.cols);
  fill_uniform(soft_.span(), draw);
  for (std::size_t i = 0; i < y.rows; ++i)
    for (const TableBlock& block : blocks_) {
      float *soft = soft_.row(i) + block.begin, *out = out_.row(i) + block.begin;
      const float* a = y.row(i) + block.begin;
      if (block.kind == Kind::numbers) {
        std::copy_n(a, block.size, out);
      } else if (block.kind == Kind::category) {
        for (std::size_t k = 0; k < block.size; ++k) soft[k] = (a[k] + gumbel(soft[k])) / kTemperature;
        choose(out, block.size, static_cast<std::size_t>(std::max_element(soft, soft + block.size) - soft));
        softmax(soft, block.size, soft);
      } else {  // of two: the difference of their Gumbels is logistic
        const float u = std::clamp(*soft, 1e-7f, 1 - 1e-7f), noisy = *a + std::log(u / (1 - u));
        *out = noisy > 0 ? 1.0f : 0.0f;
        *soft = sigmoid(noisy / kTemperature);
      }
    }
  return std::as_const(out_).view();
}

void TableHead::backward(View<float> gradient) const {
  for (std::size_t i = 0; i < gradient.rows; ++i)
    for (const TableBlock& block : blocks_) {
      if (block.kind == Kind::numbers) continue;
      const float* p = soft_.row(i) + block.begin;
      float* g = gradient.row(i) + block.begin;
      if (block.kind != Kind::category) {
        *g *= *p * (1 - *p) / kTemperature;
        continue;
      }
      float dot = 0;
      for (std::size_t k = 0; k < block.size; ++k) dot += g[k] * p[k];
      for (std::size_t k = 0; k < block.size; ++k) g[k] = p[k] * (g[k] - dot) / kTemperature;
    }
}

}  // namespace pushforward
