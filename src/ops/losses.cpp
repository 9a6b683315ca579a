// SPDX-License-Identifier: Apache-2.0
//
// Losses over a batch: rows are shared among threads, each row's sum is kept, and the total adds them in the
// order of rows, so that it does not depend on the number of threads.
//
// Sources: the reparametrisation and its closed-form divergence, Kingma & Welling, "Auto-encoding variational
// Bayes", ICLR 2014, appendix B; the learned variance, Rybkin, Daniilidis & Levine, "Simple and effective VAE
// training with calibrated decoders", ICML 2021.
#include "pushforward/losses.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <fmt/format.h>

#include "ops/loss_kernels.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kGrain = 16384;  // elements that are worth a thread
const double kLogTwoPi = std::log(2 * std::numbers::pi);

std::size_t row_grain(std::size_t cols) {
  return std::max<std::size_t>(1, kGrain / std::max<std::size_t>(1, cols));
}

// A thread's room for row sums when the caller wants none: grows to the largest batch, then stays.
std::span<double> room(std::span<double> wanted, std::size_t rows) {
  if (!wanted.empty()) return wanted;
  thread_local Matrix<double> scratch;
  scratch.resize(1, rows);
  return scratch.span();
}

// Fills row sums by body(row), in parallel, and adds them in order.
template <class Body>
double sum_rows(std::size_t count, std::size_t cols, std::span<double> rows, const Body& body) {
  const std::span<double> sums = room(rows, count);
  parallel_for(count, row_grain(cols), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) sums[i] = body(i);
  });
  return std::accumulate(sums.begin(), sums.begin() + static_cast<std::ptrdiff_t>(count), 0.0);
}

void check(const char* loss, const char* what, View<const float> got, std::size_t rows, std::size_t cols) {
  if (got.rows != rows || got.cols != cols)
    throw RequestError(Complaint{loss, fmt::format("{} of {}×{}", what, got.rows, got.cols),
                                 fmt::format("{}×{}", rows, cols)});
}

void check_rows(const char* loss, std::span<double> rows, std::size_t wanted) {
  if (!rows.empty() && rows.size() != wanted)
    throw RequestError(
        Complaint{loss, fmt::format("room for {} rows", rows.size()), fmt::format("{}", wanted)});
}

float* row_of(View<float> v, std::size_t i) { return v.wanted() ? v.row(i) : nullptr; }

}  // namespace

double squared_error(View<const float> y, View<const float> x, View<float> gradient, float scale,
                     std::span<double> rows) {
  check("squared error", "targets", x, y.rows, y.cols);
  check_rows("squared error", rows, y.rows);
  return sum_rows(y.rows, y.cols, rows, [&](std::size_t i) {
    return vectors::squared_error(y.row(i), x.row(i), row_of(gradient, i), scale, y.cols);
  });
}

double cross_entropy_logits(View<const float> logits, View<const float> x, View<float> gradient, float scale,
                            std::span<double> rows) {
  check("cross-entropy", "targets", x, logits.rows, logits.cols);
  check_rows("cross-entropy", rows, logits.rows);
  return sum_rows(logits.rows, logits.cols, rows, [&](std::size_t i) {
    return vectors::cross_entropy(logits.row(i), x.row(i), row_of(gradient, i), scale, logits.cols);
  });
}

double gaussian_nll(View<const float> mean, View<const float> x, double log_variance, View<float> gradient,
                    double* d_log_variance, float scale, std::span<double> rows) {
  check("Gaussian likelihood", "targets", x, mean.rows, mean.cols);
  check_rows("Gaussian likelihood", rows, mean.rows);
  const double precision = std::exp(-log_variance);
  const double constant = 0.5 * static_cast<double>(mean.cols) * (log_variance + kLogTwoPi);
  const auto factor = static_cast<float>(static_cast<double>(scale) * precision);
  const double total = sum_rows(mean.rows, mean.cols, rows, [&](std::size_t i) {
    const double squares = vectors::gaussian(mean.row(i), x.row(i), row_of(gradient, i), factor, mean.cols);
    return 0.5 * precision * squares + constant;
  });
  if (d_log_variance) {
    // d/d ln v of ½r²/v + ½ln(2πv) is ½ − ½r²/v; the squares' part of the total is what the constants leave.
    const double squares = total - constant * static_cast<double>(mean.rows);
    *d_log_variance += static_cast<double>(scale) * (0.5 * static_cast<double>(mean.size()) - squares);
  }
  return total;
}

double gaussian_nll_head(View<const float> head, View<const float> x, double floor, View<float> gradient,
                         float scale, std::span<double> rows) {
  check("Gaussian likelihood", "means and log-variances", head, x.rows, 2 * x.cols);
  check_rows("Gaussian likelihood", rows, x.rows);
  const std::size_t d = x.cols;
  const double constant = 0.5 * static_cast<double>(d) * kLogTwoPi;
  return sum_rows(x.rows, d, rows, [&](std::size_t i) {
    const float* means = head.row(i);
    float* to = row_of(gradient, i);
    return constant + vectors::gaussian_head(means, means + d, x.row(i), static_cast<float>(floor), to,
                                             to ? to + d : nullptr, scale, d);
  });
}

double reparametrise(View<const float> code, View<const float> draws, View<float> z, std::span<double> rows) {
  const std::size_t latents = code.cols / 2, count = code.rows;
  check("reparametrisation", "draws", draws, z.rows, latents);
  check("reparametrisation", "latents", z, count ? z.rows / count * count : 0, latents);
  check_rows("reparametrisation", rows, count);
  return sum_rows(count, latents, rows, [&](std::size_t b) {
    const float *mean = code.row(b), *v = mean + latents;
    for (std::size_t i = b; i < z.rows; i += count)
      vectors::reparametrise(mean, v, draws.row(i), z.row(i), latents);
    return vectors::latent_divergence(mean, v, latents);
  });
}

void reparametrise_backward(View<const float> code, View<const float> draws, View<const float> dz,
                            float kl_scale, View<float> dcode) {
  const std::size_t latents = code.cols / 2, count = code.rows;
  check("reparametrisation", "draws", draws, dz.rows, latents);
  check("reparametrisation", "a gradient of the code", dcode, count, code.cols);
  parallel_for(count, row_grain(latents), [&](std::size_t begin, std::size_t end) {
    for (std::size_t b = begin; b < end; ++b) {
      const float *mean = code.row(b), *v = mean + latents;
      float *d_mean = dcode.row(b), *d_v = d_mean + latents;
      vectors::latent_divergence_gradient(mean, v, kl_scale, d_mean, d_v, latents);
      for (std::size_t i = b; i < dz.rows; i += count)
        vectors::reparametrise_gradient(v, draws.row(i), dz.row(i), d_mean, d_v, latents);
    }
  });
}

}  // namespace pushforward
