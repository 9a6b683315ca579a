// SPDX-License-Identifier: Apache-2.0
#include "train/fast_precision.hpp"

#include <algorithm>
#include <ctime>

#include "pushforward/collective.hpp"
#include "pushforward/network.hpp"

namespace pushforward {
namespace {

// Operations of a step's forward pass below which the products are not what takes the time.
constexpr double kWorthIt = 1 << 28;
constexpr double kClearly = 1.2;  // so many times faster, lest noise decides
constexpr std::size_t kRows = 128, kUnits = 512;
constexpr int kRepeats = 5;

// Of the processor, and not of the clock on the wall: other programs take turns.
double processor_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

double product_seconds(Network& network, View<const float> x, Precision precision) {
  Trace trace;
  const Pass pass{false, {}, precision};
  network.forward(x, trace, pass);  // makes the kernel
  double least = 1e9;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const double begin = processor_seconds();
    for (int k = 0; k < 4; ++k) network.forward(x, trace, pass);
    least = std::min(least, processor_seconds() - begin);
  }
  return least;
}

bool bf16_is_faster() {
  Network network = dense_network({.width = kUnits}, {kUnits, kUnits}, kUnits, "linear", "linear", "zeros");
  Arena arena;
  arena.bind(network.parameters(), Draw{});
  Tensor x(kRows, kUnits);
  std::ranges::fill(x.span(), 1.0f);
  const View<const float> rows = std::as_const(x).view();
  return kClearly * product_seconds(network, rows, Precision::bf16) <
         product_seconds(network, rows, Precision::f32);
}

double step_operations(Run& run) {
  double sum = 0;
  for (const Fields& line : run.model->summary())
    for (const Field& field : line)
      if (field.key == "operations") sum += number_of(line, "operations");
  return sum * static_cast<double>(run.options.count("batch", 1));
}

}  // namespace

void settle_precision(Run& run) {
  if (!run.options.known("precision") || run.options.text("precision") != "auto") return;
  const bool measured = collective().size() == 1 && step_operations(run) >= kWorthIt;
  run.options.set("precision", measured && bf16_is_faster() ? "bf16" : "f32");
}

}  // namespace pushforward
