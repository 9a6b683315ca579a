// SPDX-License-Identifier: Apache-2.0
//
// What a layer of 4×4 convolutions with stride 2 can do at best, direction by direction: the limits that a
// training step of the convolutional autoencoder and of DCGAN is measured against.
//
//   taskset -c 0 build/release/bench/pushforward_bench --benchmark_filter='Convolution|Product/2048'
//
// Arguments: image size, its channels, filters, direction (0 forward, 1 transposed, 2 weights), bfloat16.
#include <array>

#include <benchmark/benchmark.h>

#include "ops/convolution.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

Tensor numbers(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  Tensor t(rows, cols);
  fill_normal(t.span(), Draw{seed, stream_id("bench")});
  return t;
}

void BM_Convolution(benchmark::State& state) {
  set_threads(1);
  constexpr std::size_t batch = 128;
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(state.range(i)); };
  const RowShape image{.height = at(0), .width = at(0), .channels = at(1), .image = true};
  const RowShape result{.height = at(0) / 2, .width = at(0) / 2, .channels = at(2), .image = true};
  const Convolution g{.image = image, .result = result, .kernel = {4, 4}, .stride = {2, 2}, .before = {1, 1}};
  const Precision precision = at(4) ? Precision::bf16 : Precision::f32;
  Tensor x = numbers(batch, image.size(), 1), y = numbers(batch, result.size(), 2);
  Tensor w = numbers(at(2), g.filter(), 3), dw(at(2), g.filter());
  for (auto _ : state) {
    if (at(3) == 0) convolve(g, std::as_const(x).view(), std::as_const(w).view(), y, {}, precision);
    if (at(3) == 1)
      convolve_transposed(g, std::as_const(y).view(), std::as_const(w).view(), x, {}, precision);
    if (at(3) == 2) convolve_weights(g, std::as_const(x).view(), std::as_const(y).view(), dw, precision);
  }
  state.counters["GF/s"] = benchmark::Counter(1e-9 * g.operations() * static_cast<double>(batch),
                                              benchmark::Counter::kIsIterationInvariantRate);
}

void layers_of_both(benchmark::internal::Benchmark* bench) {
  for (const auto& [size, channels, filters] :
       {std::array{28, 1, 32}, std::array{14, 32, 64}, std::array{28, 1, 64}, std::array{14, 64, 128}})
    for (int direction = 0; direction < 3; ++direction)
      for (int bf16 = 0; bf16 < 2; ++bf16) bench->Args({size, channels, filters, direction, bf16});
}
BENCHMARK(BM_Convolution)->Apply(layers_of_both)->Unit(benchmark::kMillisecond)->MeasureProcessCPUTime();

}  // namespace
}  // namespace pushforward
