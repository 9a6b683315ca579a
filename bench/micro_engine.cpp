// SPDX-License-Identifier: Apache-2.0
//
// What a training step is made of: products (2048³ is the machine's rate), activations, losses, sweeps,
// noise, and the whole step of a 784-400-20 variational autoencoder at batch 128.
//
//   taskset -c 0 build/release/bench/pushforward_bench --benchmark_filter=Vae
//
// GF/s count multiplications and additions that the task needs: of the step, no gradient of the images.
// Times are processor seconds, which other work on the machine disturbs least.
#include <memory>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include "ops/activation.hpp"
#include "ops/product.hpp"
#include "pushforward/arena.hpp"
#include "pushforward/data.hpp"
#include "pushforward/losses.hpp"
#include "pushforward/network.hpp"
#include "pushforward/optimizer.hpp"
#include "pushforward/option_table.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

Tensor normal(std::size_t rows, std::size_t cols) {
  Tensor t(rows, cols);
  fill_normal(t.span(), Draw{});
  return t;
}

void count_operations(benchmark::State& state, double operations) {
  state.counters["GF/s"] =
      benchmark::Counter(operations * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

Precision precision_of(std::int64_t value) { return value == 0 ? Precision::f32 : Precision::bf16; }

// m, n, k, transposed A, transposed B, accumulate, precision.
void BM_Product(benchmark::State& state) {
  set_threads(1);
  const auto at = [&](std::size_t i) { return static_cast<std::size_t>(state.range(i)); };
  const std::size_t m = at(0), n = at(1), k = at(2);
  const Tensor a = at(3) ? normal(k, m) : normal(m, k), b = at(4) ? normal(n, k) : normal(k, n);
  Tensor c = normal(m, n);
  for (auto _ : state)
    multiply({.a = a,
              .b = b,
              .c = c,
              .transpose_a = at(3) != 0,
              .transpose_b = at(4) != 0,
              .accumulate = at(5) != 0,
              .precision = precision_of(state.range(6))});
  count_operations(state, 2.0 * static_cast<double>(m * n * k));
}
BENCHMARK(BM_Product)
    ->Args({2048, 2048, 2048, 0, 0, 0, 0})
    ->Args({2048, 2048, 2048, 0, 0, 0, 1})
    ->Args({128, 400, 784, 0, 1, 0, 0})
    ->Args({128, 784, 400, 0, 1, 0, 0})
    ->Args({128, 400, 784, 0, 0, 0, 0})
    ->Args({784, 400, 128, 1, 0, 1, 0})
    ->Args({400, 784, 128, 1, 0, 1, 0})
    ->Args({128, 400, 784, 0, 1, 0, 1})
    ->Args({784, 400, 128, 1, 0, 1, 1})
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMicrosecond);

void BM_Activation(benchmark::State& state) {
  set_threads(1);
  const Activation f = parse_activation(activation_names()[static_cast<std::size_t>(state.range(0))]);
  const Tensor a = normal(128, 400);
  Tensor y(128, 400);
  for (auto _ : state) activate(f, a.span(), y.span());
  state.SetLabel(activation_name(f));
}
BENCHMARK(BM_Activation)->DenseRange(1, 8)->Unit(benchmark::kMicrosecond);

void BM_ActivationBackward(benchmark::State& state) {
  set_threads(1);
  const Activation f = parse_activation(activation_names()[static_cast<std::size_t>(state.range(0))]);
  const Tensor dy = normal(128, 400), y = normal(128, 400);
  Tensor da(128, 400), db(1, 400);
  for (auto _ : state) activate_backward(f, dy, y, da, db.data());
  state.SetLabel(activation_name(f));
}
BENCHMARK(BM_ActivationBackward)->DenseRange(0, 8)->Unit(benchmark::kMicrosecond);

void BM_CrossEntropy(benchmark::State& state) {
  set_threads(1);
  const Tensor a = normal(128, 784);
  Tensor x(128, 784), gradient(128, 784);
  fill_uniform(x.span(), Draw{});
  for (auto _ : state) benchmark::DoNotOptimize(cross_entropy_logits(a, x, gradient, 1.0f / 128));
}
BENCHMARK(BM_CrossEntropy)->Unit(benchmark::kMicrosecond);

void BM_SquaredError(benchmark::State& state) {
  set_threads(1);
  const Tensor a = normal(128, 784), x = normal(128, 784);
  Tensor gradient(128, 784);
  for (auto _ : state) benchmark::DoNotOptimize(squared_error(a, x, gradient, 1.0f / 128));
}
BENCHMARK(BM_SquaredError)->Unit(benchmark::kMicrosecond);

void BM_Optimizer(benchmark::State& state) {
  set_threads(1);
  const std::size_t n = 652224;  // the parameters of the step below
  const std::string name = optimizers().names()[static_cast<std::size_t>(state.range(0))];
  Tensor values = normal(1, n), gradients = normal(1, n);
  auto optimizer = make_optimizer(Spec{name}, n, 0, {});
  std::uint64_t t = 0;
  for (auto _ : state) optimizer->step(values, gradients, 1e-3, 1, ++t);
  state.SetLabel(name);
}
BENCHMARK(BM_Optimizer)->DenseRange(0, 4)->Unit(benchmark::kMicrosecond);

void BM_NormalNoise(benchmark::State& state) {
  Tensor noise(128, 20);
  std::uint64_t step = 0;
  for (auto _ : state) fill_normal(noise.span(), Draw{}.at(++step));
}
BENCHMARK(BM_NormalNoise)->Unit(benchmark::kMicrosecond);

// A variational autoencoder as models build it: one arena, two networks, fused losses, Adam.
class VaeStep {
 public:
  explicit VaeStep(Precision precision)
      : encoder_(dense_network(image(), {400}, 40, "relu", "linear", "fan-in")),
        decoder_(dense_network({.width = 20}, {400}, 784, "relu", "linear", "fan-in")) {
    encoder_.name_parameters("encoder"), decoder_.name_parameters("decoder");
    std::vector<Parameter*> all = encoder_.parameters();
    for (Parameter* p : decoder_.parameters()) all.push_back(p);
    arena_.bind(all, Draw{});
    adam_ = make_optimizer({"adam"}, arena_.trained_size(), 0, {});
    pass_.precision = precision;
  }

  double run() {
    gather();
    const View<const float> code = encoder_.forward(x_, encoding_, pass_);
    fill_normal(noise_.span(), Draw{}.at(++step_));
    double loss = reparametrise(code, noise_, z_);
    const View<const float> logits = decoder_.forward(z_, decoding_, pass_);
    loss += cross_entropy_logits(logits, x_, d_logits_, kScale);
    decoder_.backward(decoding_, d_logits_, dz_, true, pass_);
    reparametrise_backward(code, noise_, dz_, kScale, d_code_);
    encoder_.backward(encoding_, d_code_, {}, true, pass_);
    adam_->step(arena_.values(), arena_.gradients(), 1e-3, 1, step_);
    return loss;
  }

  static double operations() {
    const double forward = 2.0 * 128 * (784 * 400 + 400 * 40 + 20 * 400 + 400 * 784);
    return 2 * forward + forward - 2.0 * 128 * 784 * 400;
  }

 private:
  static constexpr float kScale = 1.0f / 128;
  static RowShape image() { return {.height = 28, .width = 28, .channels = 1, .image = true}; }
  static Dataset noise_images() {
    Matrix<std::uint8_t> bytes(12000, 784);
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes.data()[i] = static_cast<std::uint8_t>(i * 2654435761u >> 24);
    return {.name = "noise", .shape = image(), .rows_data = std::move(bytes), .scale = 1.0 / 255};
  }
  void gather() {
    const std::size_t first = step_ * 128 % (order_.size() - 128);
    images_.gather(std::span(order_).subspan(first, 128), x_);
  }

  Network encoder_, decoder_;
  Arena arena_;
  std::unique_ptr<Optimizer> adam_;
  Pass pass_{.training = true};
  Trace encoding_, decoding_;
  Dataset images_ = noise_images();
  std::vector<std::uint32_t> order_ = permutation(12000, Draw{});
  Tensor x_{128, 784}, noise_{128, 20}, z_{128, 20}, d_logits_{128, 784}, dz_{128, 20}, d_code_{128, 40};
  std::uint64_t step_ = 0;
};

// Precision, threads.
void BM_VaeStep(benchmark::State& state) {
  set_threads(static_cast<int>(state.range(1)));
  VaeStep step(precision_of(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(step.run());
  count_operations(state, VaeStep::operations());
  set_threads(0);
}
BENCHMARK(BM_VaeStep)->Args({0, 1})->Args({1, 1})->MeasureProcessCPUTime()->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_VaeStep)
    ->Name("BM_VaeStepWallClock")
    ->Args({0, 1})
    ->Args({0, 2})
    ->Args({1, 2})
    ->UseRealTime()
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pushforward
