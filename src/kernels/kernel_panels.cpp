// SPDX-License-Identifier: Apache-2.0
// Packing points, and putting a kernel into a tile's terms: see kernel_panels.hpp.
#include "kernels/kernel_panels.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pushforward/threads.hpp"

namespace pushforward::kernels {
namespace {

// ---- Where the data lie -------------------------------------------------------------------------

template <class Work>
void for_each_row(const Points& points, const Work& work) {
  std::visit(
      [&](auto view) {
        for (std::size_t i = 0; i < view.rows; ++i) work(view.row(i));
      },
      points.data);
}

// ---- Kernels as functions of a tile's u ---------------------------------------------------------

// What multiplies r² (‖·‖₁ for the Laplacian) of bandwidth σ inside the kernel.
double rate_of(const Kernel& kernel, double sigma) {
  switch (kernel.family) {
    case KernelFamily::gaussian:
      return 1 / (2 * sigma * sigma);
    case KernelFamily::laplacian:
      return 1 / sigma;
    case KernelFamily::imq:
      return 1 / (sigma * sigma);
    case KernelFamily::rq:
      return 1 / (2 * kernel.shape * sigma * sigma);
    case KernelFamily::polynomial:
    case KernelFamily::energy:
      break;
  }
  return 1;
}

PairKernel pair_kernel(KernelFamily family) {
  switch (family) {
    case KernelFamily::imq:
      return PairKernel::imq;
    case KernelFamily::rq:
      return PairKernel::rq;
    case KernelFamily::energy:
      return PairKernel::energy;
    case KernelFamily::polynomial:
      return PairKernel::polynomial;
    case KernelFamily::gaussian:
    case KernelFamily::laplacian:
      break;
  }
  return PairKernel::exponential;
}

// How often to square from one rate to the next, when all steps are powers of two and few; else empty.
std::vector<int> squarings_of(const std::vector<double>& rates) {
  constexpr int kMost = 8;  // each squaring doubles the relative rounding error
  std::vector<int> steps(1, 0);
  int total = 0;
  for (std::size_t b = 1; b < rates.size(); ++b) {
    const double step = std::log2(rates[b] / rates[b - 1]);
    const double whole = std::round(step);
    total += static_cast<int>(std::min(whole, 1000.0));
    if (std::abs(step - whole) > 1e-12 || total > kMost) return {};
    steps.push_back(static_cast<int>(whole));
  }
  return steps;
}

template <class T>
void set_rates(TileKernel<T>& tile, std::vector<double> rates, double reach) {
  const std::vector<int> steps = squarings_of(rates);
  const bool exponential = tile.kernel == PairKernel::exponential;
  if (exponential && rates.size() > 1 && !steps.empty()) {
    tile.kernel = PairKernel::chain;
    tile.squarings = steps;
    for (std::size_t b = 1; b < rates.size(); ++b) rates[b] = std::ldexp(rates[b - 1], steps[b]);
    tile.floors = reach * rates.back() > (sizeof(T) == 4 ? 120 : 700);
  }
  for (const double rate : rates) tile.rate.push_back(static_cast<T>(rate));
}

// The largest h that the dot form may have, h being the mean of ‖x − centre‖² times the largest rate: it
// leaves an absolute error of about 2·10⁻⁶ (float32) or 10⁻¹¹ in the exponent. Pictures of digits (a mean
// square of 50) under a Gaussian with σ² = 2, as GMMNs are trained, have h = 19: the difference form, twice
// the work, would be a third of such a training's time.
template <class T>
constexpr double dot_form_limit() {
  return sizeof(T) == 4 ? 32 : 1e5;
}

PairForm form_of(const Kernel& kernel, std::size_t d, bool dot_is_exact_enough) {
  if (kernel.family == KernelFamily::laplacian) return PairForm::absolute;
  if (kernel.family == KernelFamily::polynomial) return PairForm::dot;
  if (kernel.family == KernelFamily::energy || d <= 4 || !dot_is_exact_enough) return PairForm::squared;
  return PairForm::dot;
}

double derivative_of(const Kernel& kernel, double rate, std::size_t d) {
  switch (kernel.family) {
    case KernelFamily::gaussian:
      return -2 * rate;
    case KernelFamily::laplacian:
      return -rate;
    case KernelFamily::imq:
      return -rate;
    case KernelFamily::rq:
      return -2 * kernel.shape * rate;
    case KernelFamily::energy:
      return -1;
    case KernelFamily::polynomial:
      return 3 / static_cast<double>(d);
  }
  return 0;
}

std::vector<double> ascending_rates(const Kernel& kernel) {
  std::vector<double> rates;
  for (const double sigma : kernel.bandwidths) rates.push_back(rate_of(kernel, sigma));
  if (!kernel.has_bandwidth()) rates = {kernel.family == KernelFamily::energy ? 1.0 : 0.0};
  std::sort(rates.begin(), rates.end());
  return rates;
}

// ---- Packing ------------------------------------------------------------------------------------

// Half squared norms of the packed points, as they are after rounding.
template <class T>
void norms_of_panel(const T* panel, std::size_t d, T* norms) {
  double squares[kPanel] = {};
  for (std::size_t k = 0; k < d; ++k)
    for (std::size_t i = 0; i < kPanel; ++i) {
      const auto value = static_cast<double>(panel[k * kPanel + i]);
      squares[i] += value * value;
    }
  for (std::size_t i = 0; i < kPanel; ++i) norms[i] = static_cast<T>(squares[i] / 2);
}

// A transposition, in strips of features so that what is written stays in the first-level cache.
template <class T, class S>
void pack_panel(View<const S> points, std::size_t p, const PreparedKernel<T>& kernel, Panels<T>& out) {
  constexpr std::size_t kStrip = 64;
  T* to = out.values.row(p);
  const std::size_t rows = std::min(kPanel, out.n - p * kPanel);
  if (rows < kPanel) std::fill_n(to, kPanel * out.d, T{0});
  const double* shift = kernel.shift.empty() ? nullptr : kernel.shift.data();
  for (std::size_t k0 = 0; k0 < out.d; k0 += kStrip) {
    const std::size_t k1 = std::min(out.d, k0 + kStrip);
    for (std::size_t i = 0; i < rows; ++i) {
      const S* from = points.row(p * kPanel + i);
      if (shift == nullptr)
        for (std::size_t k = k0; k < k1; ++k) to[k * kPanel + i] = static_cast<T>(from[k]);
      else
        for (std::size_t k = k0; k < k1; ++k)
          to[k * kPanel + i] = static_cast<T>((static_cast<double>(from[k]) - shift[k]) * kernel.stretch);
    }
  }
  if (kernel.tile.norms) norms_of_panel(to, out.d, &out.norms[p * kPanel]);
}

// Σ (row − centre)², in eight chains of additions.
template <class S>
double square_from(const S* row, const std::vector<double>& centre) {
  constexpr std::size_t kChains = 8;
  double sums[kChains] = {};
  const std::size_t d = centre.size(), whole = d - d % kChains;
  for (std::size_t k = 0; k < whole; k += kChains)
    for (std::size_t c = 0; c < kChains; ++c) {
      const double apart = static_cast<double>(row[k + c]) - centre[k + c];
      sums[c] += apart * apart;
    }
  for (std::size_t k = whole; k < d; ++k) {
    const double apart = static_cast<double>(row[k]) - centre[k];
    sums[k - whole] += apart * apart;
  }
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

}  // namespace

Spread spread_of(const Points& x, const Points& y) {
  Spread spread;
  const auto total = static_cast<double>(x.n() + y.n());
  spread.centre.assign(x.d(), 0);
  const auto add = [&](const auto* row) {
    for (std::size_t k = 0; k < spread.centre.size(); ++k) spread.centre[k] += static_cast<double>(row[k]);
  };
  for_each_row(x, add), for_each_row(y, add);
  for (double& value : spread.centre) value /= total;
  const auto measure = [&](const auto* row) {
    const double square = square_from(row, spread.centre);
    spread.mean_square += square / total;
    spread.largest_square = std::max(spread.largest_square, square);
  };
  for_each_row(x, measure), for_each_row(y, measure);
  return spread;
}

template <class T>
PreparedKernel<T> prepare_kernel(const Kernel& kernel, const Spread& spread, std::size_t d) {
  std::vector<double> rates = ascending_rates(kernel);
  const double smallest = rates.front(), largest = rates.back();
  const bool exponential =
      kernel.family == KernelFamily::gaussian || kernel.family == KernelFamily::laplacian;
  const double base = sizeof(T) == 4 && exponential ? std::numbers::log2e : 1;  // of the tile's exponential
  PreparedKernel<T> prepared;
  prepared.derivative = derivative_of(kernel, smallest, d);
  TileKernel<T>& tile = prepared.tile;
  tile.kernel = pair_kernel(kernel.family);
  tile.form = form_of(kernel, d, spread.mean_square * largest * base <= dot_form_limit<T>());
  tile.norms = tile.form == PairForm::dot && kernel.family != KernelFamily::polynomial;
  tile.shape = static_cast<T>(kernel.shape);
  const double scale =
      kernel.family == KernelFamily::polynomial ? 1 / static_cast<double>(d) : smallest * base;
  tile.scale = static_cast<T>(scale);
  const double span = 2 * std::sqrt(spread.largest_square);
  const double reach =
      scale * (tile.form == PairForm::absolute ? span * std::sqrt(static_cast<double>(d)) : span * span);
  if (kernel.has_bandwidth()) {
    for (double& rate : rates) rate /= smallest;
    set_rates(tile, std::move(rates), reach);
  }
  if (tile.norms) prepared.shift = spread.centre, prepared.stretch = std::sqrt(2 * scale);
  return prepared;
}

bool float_tiles_suffice(const Kernel& kernel, const Sample& x, const Sample& y, const Spread& spread) {
  constexpr std::size_t kSmall = 1024;  // below, double precision costs nothing that matters
  if (!std::holds_alternative<View<const float>>(x.points.data) ||
      !std::holds_alternative<View<const float>>(y.points.data) || !x.weights.empty() || !y.weights.empty() ||
      x.n() + y.n() <= kSmall)
    return false;
  // Logarithms in float32 lean to one side, and the polynomial kernel does not see differences.
  if (kernel.family == KernelFamily::rq || kernel.family == KernelFamily::polynomial) return false;
  const std::vector<double> rates = ascending_rates(kernel);
  // Within float32's range, with room: squares up to 10³⁰, rates and squares not below 10⁻³⁰.
  return 4 * spread.largest_square < 1e30 && rates.back() < 1e30 && rates.front() > 1e-30 &&
         4 * spread.largest_square * rates.back() < 1e30;
}

template <class T>
Panels<T> pack(const Sample& sample, const PreparedKernel<T>& kernel) {
  Panels<T> out;
  out.n = sample.n(), out.d = sample.d();
  out.values.resize(out.count(), kPanel * out.d);
  out.norms.assign(out.count() * kPanel, T{0});
  out.weights.assign(out.count() * kPanel, T{0});
  out.weighted = !sample.weights.empty();
  for (std::size_t i = 0; i < out.n; ++i)
    out.weights[i] = out.weighted ? static_cast<T>(sample.weights[i]) : T{1};
  const std::size_t grain = std::max<std::size_t>(1, 100000 / (kPanel * out.d));
  std::visit(
      [&](auto view) {
        parallel_for(out.count(), grain, [&](std::size_t begin, std::size_t end) {
          for (std::size_t p = begin; p < end; ++p) pack_panel(view, p, kernel, out);
        });
      },
      sample.points.data);
  return out;
}

template PreparedKernel<float> prepare_kernel(const Kernel&, const Spread&, std::size_t);
template PreparedKernel<double> prepare_kernel(const Kernel&, const Spread&, std::size_t);
template Panels<float> pack(const Sample&, const PreparedKernel<float>&);
template Panels<double> pack(const Sample&, const PreparedKernel<double>&);

}  // namespace pushforward::kernels
