// SPDX-License-Identifier: Apache-2.0
// Networks, the arena and initialisers: gradients through a chain, tied weights, layout, moments.
#include "pushforward/network.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "pushforward/arena.hpp"
#include "pushforward/error.hpp"
#include "pushforward/layers.hpp"
#include "pushforward/losses.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

Tensor normal(std::size_t rows, std::size_t cols, std::string_view name) {
  Tensor t(rows, cols);
  fill_normal(t.span(), Draw{}.on(name));
  return t;
}

// L = ⟨w, f(x)⟩ by the float network, in double.
double loss(const Network& network, const Tensor& x, const Tensor& w) {
  Trace trace;
  const View<const float> y = network.forward(x, trace, Pass{});
  double sum = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    sum += static_cast<double>(y.data[i]) * static_cast<double>(w.data()[i]);
  return sum;
}

// dL/dv by a central difference wide enough for float32.
double slope(float& v, const std::function<double()>& f) {
  const float here = v, h = 1e-2f;
  v = here + h;
  const double above = f();
  v = here - h;
  const double below = f();
  v = here;
  return (above - below) / (2 * static_cast<double>(h));
}

TEST(Network, BackpropagatesThroughAChain) {
  Network network = dense_network({.width = 6}, {9, 5}, 4, "tanh", "sigmoid", "lecun");
  network.name_parameters("net");
  Arena arena;
  arena.bind(network.parameters(), Draw{.seed = 3});
  Tensor x = normal(8, 6, "x"), dx(8, 6);
  const Tensor w = normal(8, 4, "w");
  Trace trace;
  network.forward(x, trace, Pass{});
  network.backward(trace, w, dx, true, Pass{});
  const auto f = [&] { return loss(network, x, w); };
  // The difference's own error is h²/6·f‴ and rounding 1e-6/h: a few 1e-4.
  for (const std::size_t i : {0u, 11u, 47u})
    EXPECT_NEAR(static_cast<double>(dx.data()[i]), slope(x.data()[i], f), 2e-3);
  for (Parameter* p : network.parameters())
    EXPECT_NEAR(static_cast<double>(p->gradient.data[1]), slope(p->value.data[1], f), 2e-3) << p->name;
  EXPECT_EQ(network.parameters()[2]->name, "net.1.weight");
}

TEST(Network, TiedLayersAddBothGradientsToOneWeight) {
  Network network(RowShape{.width = 7});
  network.add(parse_spec("dense:units=3,activation=tanh"));
  network.add(make_tied_dense(*network.layer(0).parameters()[0], {Activation::Kind::sigmoid}));
  network.name_parameters("ae");
  ASSERT_EQ(network.parameters().size(), 3u);  // weight, bias, bias
  EXPECT_EQ(network.outputs(), 7u);
  Arena arena;
  arena.bind(network.parameters(), Draw{.seed = 4});
  const Tensor x = normal(5, 7, "x"), w = normal(5, 7, "w");
  Trace trace;
  network.forward(x, trace, Pass{});
  network.backward(trace, w, {}, true, Pass{});
  for (Parameter* p : network.parameters())
    for (std::size_t i = 0; i < p->size(); ++i)
      EXPECT_NEAR(static_cast<double>(p->gradient.data[i]),
                  slope(p->value.data[i], [&] { return loss(network, x, w); }), 2e-3)
          << p->name;
}

TEST(Network, AnotherBatchSizeAllocatesNothingOfTheOldOne) {
  Network network = dense_network({.width = 6}, {9}, 4, "relu", "linear", "he");
  Arena arena;
  arena.bind(network.parameters(), Draw{});
  const Tensor big = normal(16, 6, "big"), small = normal(3, 6, "small");
  Trace trace;
  network.forward(big, trace, Pass{});
  const float* memory = trace.outputs[0].data();
  network.forward(small, trace, Pass{});
  EXPECT_EQ(trace.output().rows, 3u);
  network.forward(big, trace, Pass{});
  EXPECT_EQ(trace.outputs[0].data(), memory);
}

TEST(Network, RefusesAnInputOfAnotherWidth) {
  Network network = dense_network({.width = 6}, {}, 4, "relu", "linear", "he");
  Trace trace;
  EXPECT_THROW(network.forward(normal(2, 5, "x"), trace, Pass{}), RequestError);
}

TEST(Network, WithoutLayersIsTheIdentity) {
  Network network(RowShape{.width = 3});
  const Tensor x = normal(2, 3, "x"), dy = normal(2, 3, "dy");
  Tensor dx(2, 3);
  Trace trace;
  EXPECT_EQ(network.forward(x, trace, Pass{}).data, x.data());
  network.backward(trace, dy, dx, true, Pass{});
  EXPECT_TRUE(std::equal(dx.span().begin(), dx.span().end(), dy.span().begin()));
}

TEST(Network, Bf16IsCloseToF32) {
  Network network = dense_network({.width = 50}, {40}, 10, "tanh", "linear", "lecun");
  Arena arena;
  arena.bind(network.parameters(), Draw{});
  const Tensor x = normal(20, 50, "x");
  Trace a, b;
  const auto y = network.forward(x, a, Pass{}), z = network.forward(x, b, Pass{.precision = Precision::bf16});
  double worst = 0;
  for (std::size_t i = 0; i < y.size(); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(y.data[i] - z.data[i])));
  EXPECT_LT(worst, 0.05);  // 2^-8 a factor, averaged over 40 terms of size 1/√40
  EXPECT_GT(worst, 0);     // it did run in another arithmetic
}

TEST(Arena, TrainedFirstOnCacheLinesAndPaddingZero) {
  Parameter a{.name = "a", .rows = 3, .cols = 5, .initial = ConstantInitial{2}};
  Parameter kept{.name = "kept", .rows = 1, .cols = 2, .initial = ConstantInitial{7}, .trained = false};
  Parameter b{.name = "b", .rows = 1, .cols = 1, .initial = ConstantInitial{3}};
  Arena arena;
  arena.bind({&a, &kept, &b}, Draw{});
  EXPECT_EQ(arena.trained_size(), 32u);
  EXPECT_EQ(arena.values().size(), 48u);
  EXPECT_EQ(arena.offset(a), 0u);
  EXPECT_EQ(arena.offset(b), 16u);
  EXPECT_EQ(arena.offset(kept), 32u);
  EXPECT_FALSE(kept.gradient.wanted());
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(b.value.data) % kAlignment, 0u);
  double sum = 0;
  for (const float v : arena.values().span()) sum += static_cast<double>(v);
  EXPECT_EQ(sum, 15 * 2 + 3 + 2 * 7);
  EXPECT_THROW(arena.offset(Parameter{.name = "stranger"}), RequestError);
}

struct Moments {
  double mean = 0, variance = 0, largest = 0;
};

Moments moments_of(const char* spec, std::size_t rows, std::size_t cols) {
  Parameter p{.name = "w",
              .rows = rows,
              .cols = cols,
              .initial = read_initial(spec),
              .fan_in = cols,
              .fan_out = rows};
  Arena arena;
  arena.bind({&p}, Draw{.seed = 9});
  Moments m;
  const auto n = static_cast<double>(p.size());
  for (const float v : p.value.span()) m.mean += static_cast<double>(v) / n;
  for (const float v : p.value.span()) {
    m.variance += (static_cast<double>(v) - m.mean) * (static_cast<double>(v) - m.mean) / n;
    m.largest = std::max(m.largest, std::abs(static_cast<double>(v)));
  }
  return m;
}

TEST(Initial, HasTheMomentsOfItsRule) {
  const std::size_t out = 100, in = 200;
  const std::pair<const char*, double> rules[] = {{"he", 2.0 / 200},       {"lecun", 1.0 / 200},
                                                  {"xavier", 2.0 / 300},   {"fan-in", 1.0 / 600},
                                                  {"normal:sd=0.5", 0.25}, {"uniform:a=0.3", 0.09 / 3}};
  for (const auto& [spec, variance] : rules) {
    const Moments m = moments_of(spec, out, in);
    const double n = 100 * 200;
    // Five standard errors: of a mean √(v/n), of a normal's variance v√(2/n), which bounds a uniform's.
    EXPECT_NEAR(m.mean, 0, 5 * std::sqrt(variance / n)) << spec;
    EXPECT_NEAR(m.variance, variance, 5 * variance * std::sqrt(2 / n)) << spec;
  }
  EXPECT_LE(moments_of("xavier", out, in).largest, std::sqrt(6.0 / 300) + 1e-6);
  EXPECT_EQ(moments_of("zeros", 3, 4).largest, 0);
  EXPECT_THROW(moments_of("hee", 3, 4), RequestError);
}

TEST(Initial, OrthogonalRowsOrColumnsAndIdentity) {
  for (const auto& [rows, cols] : {std::pair<std::size_t, std::size_t>{4, 9}, {9, 4}, {5, 5}}) {
    Parameter p{.name = "w", .rows = rows, .cols = cols, .initial = OrthogonalInitial{}};
    Arena arena;
    arena.bind({&p}, Draw{.seed = 2});
    const bool wide = rows < cols;
    for (std::size_t i = 0; i < std::min(rows, cols); ++i)
      for (std::size_t j = 0; j < std::min(rows, cols); ++j) {
        double dot = 0;
        for (std::size_t k = 0; k < std::max(rows, cols); ++k)
          dot += static_cast<double>(wide ? p.value(i, k) : p.value(k, i)) *
                 static_cast<double>(wide ? p.value(j, k) : p.value(k, j));
        EXPECT_NEAR(dot, i == j ? 1 : 0, 1e-6);
      }
  }
  Parameter p{.name = "w", .rows = 2, .cols = 3, .initial = IdentityInitial{}};
  Arena arena;
  arena.bind({&p}, Draw{});
  EXPECT_EQ(p.value(1, 1), 1);
  EXPECT_EQ(p.value(1, 2), 0);
}

TEST(Initial, AddingAParameterLeavesTheOthersAlone) {
  Parameter a{.name = "a", .rows = 2, .cols = 2, .initial = NormalInitial{}}, b = a, c = a;
  b.name = "b";
  Arena one, two;
  one.bind({&a}, Draw{.seed = 5});
  two.bind({&b, &c}, Draw{.seed = 5});
  EXPECT_EQ(a.value(1, 1), c.value(1, 1));
  EXPECT_NE(b.value(1, 1), c.value(1, 1));
}

}  // namespace
}  // namespace pushforward
