// SPDX-License-Identifier: Apache-2.0
//
// Kernel sums of two samples (the work of MMD² and its gradient) and quadratic forms of a permutation test.
//
//   taskset -c 0 build/release/bench/pushforward_bench --benchmark_filter='KernelSums|SignForms|Product/2048'
//
// GF/s count the products that the pairs need, n²/2 + nm + m²/2 of d multiply-adds (with the gradient n² + nm
// more, for the pull on the n points), so that they compare with BM_Product/2048, the machine's rate.
#include <cmath>

#include <benchmark/benchmark.h>

#include "kernels/kernel_tiles.hpp"
#include "pushforward/kernel.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

Matrix<float> cloud(std::size_t n, std::size_t d, std::uint64_t seed) {
  Matrix<float> points(n, d);
  fill_normal(points.span(), Draw{seed, stream_id("bench")});
  return points;
}

// n, d, gradient; five bandwidths in ratio √2.
void BM_KernelSums(benchmark::State& state) {
  set_threads(1);
  const auto n = static_cast<std::size_t>(state.range(0)), d = static_cast<std::size_t>(state.range(1));
  const bool gradient = state.range(2) != 0;
  const Matrix<float> x = cloud(n, d, 1), y = cloud(n, d, 2);
  Kernel kernel;
  for (int b = 0; b < 5; ++b)
    kernel.bandwidths.push_back(std::sqrt(static_cast<double>(d) * std::ldexp(0.25, b)));
  Matrix<double> points;
  if (gradient) points.resize(n, d);
  for (auto _ : state)
    benchmark::DoNotOptimize(kernel_sums(kernel, {Points(x.view())}, {Points(y.view())},
                                         {gradient ? points.view() : View<double>{}, 1, -1}));
  const double pairs = static_cast<double>(n) * static_cast<double>(n) * (gradient ? 4 : 2);
  state.counters["GF/s"] = benchmark::Counter(2e-9 * pairs * static_cast<double>(d),
                                              benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_KernelSums)
    ->ArgsProduct({{5000}, {2, 64, 784}, {0, 1}})
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime();

// Eight sign vectors against a panel of `depth` rows.
void BM_SignForms(benchmark::State& state) {
  const auto depth = static_cast<std::size_t>(state.range(0));
  const Matrix<float> panel = cloud(depth, kernels::kPanel, 1), signs = cloud(depth, 8, 2);
  double sums[8] = {};
  for (auto _ : state) kernels::sign_forms(panel.data(), depth, signs.data(), 0, sums);
  benchmark::DoNotOptimize(sums[0]);
  state.counters["GF/s"] = benchmark::Counter(2e-9 * 8 * 48 * static_cast<double>(depth),
                                              benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(BM_SignForms)->Arg(1008)->Arg(2016);

}  // namespace
}  // namespace pushforward
