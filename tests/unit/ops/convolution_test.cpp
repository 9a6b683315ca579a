// SPDX-License-Identifier: Apache-2.0
//
// Convolutions of batches large enough to be cut among threads and into groups of columns, against the
// definition in double precision. (Layers of every geometry are tried by the conformance run, on small
// batches.)
#include "ops/convolution.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "conformance/numeric.hpp"
#include "ops/bfloat16.hpp"
#include "pushforward/error.hpp"
#include "support/threads.hpp"

namespace pushforward {
namespace {

using conformance::difference;
using conformance::filled;
using conformance::random_tensor;

RowShape image(std::size_t height, std::size_t width, std::size_t channels) {
  return {.height = height, .width = width, .channels = channels, .image = true};
}

// Calls at(image number, result number, weight row, weight column) for every product of one image.
template <class At>
void for_products(const Convolution& g, const At& at) {
  const std::size_t in = g.image.channels / g.groups, out = g.result.channels / g.groups;
  for (std::size_t p = 0; p < g.result.height; ++p)
    for (std::size_t q = 0; q < g.result.width; ++q)
      for (std::size_t i = 0; i < g.kernel.height; ++i)
        for (std::size_t j = 0; j < g.kernel.width; ++j) {
          const std::size_t row = p * g.stride.height + i * g.dilation.height - g.before.height;
          const std::size_t col = q * g.stride.width + j * g.dilation.width - g.before.width;
          if (row >= g.image.height || col >= g.image.width) continue;
          for (std::size_t o = 0; o < g.result.channels; ++o)
            for (std::size_t c = 0; c < in; ++c)
              at((row * g.image.width + col) * g.image.channels + o / out * in + c,
                 (p * g.result.width + q) * g.result.channels + o, o, (i * g.kernel.width + j) * in + c);
        }
}

struct Rig {
  // The sums of the definition, of the factors or (`rounded`) of what bfloat16 keeps of them.
  Rig(const Convolution& geometry, std::size_t images, bool rounded = false)
      : g(geometry),
        x(random_tensor(images, g.image.size(), Draw{1, 1, 0})),
        y(random_tensor(images, g.result.size(), Draw{1, 2, 0})),
        w(random_tensor(g.result.channels, g.filter(), Draw{1, 3, 0})),
        result(images, g.result.size()),
        pixels(images, g.image.size()),
        weight(w.rows(), w.cols()) {
    const auto wide = [=](float v) {
      if (rounded) round_to_bf16(std::span<const float>(&v, 1), &v);
      return static_cast<double>(v);
    };
    for (std::size_t b = 0; b < images; ++b)
      for_products(g, [&](std::size_t at, std::size_t to, std::size_t o, std::size_t k) {
        result(b, to) += wide(w(o, k)) * wide(x(b, at));
        pixels(b, at) += wide(w(o, k)) * wide(y(b, to));
        weight(o, k) += wide(x(b, at)) * wide(y(b, to));
      });
  }

  void check(Precision precision, double tolerance) const {
    Tensor to_y = filled(y.rows(), y.cols(), conformance::kPoison), to_x = filled(x.rows(), x.cols(), 7);
    Tensor to_w = filled(w.rows(), w.cols(), 2);
    convolve(g, x.view(), w.view(), to_y, {}, precision);
    convolve_transposed(g, y.view(), w.view(), to_x, {}, precision);
    convolve_weights(g, x.view(), y.view(), to_w, precision);
    for (float& v : to_w.span()) v -= 2;  // it adds
    EXPECT_LE(difference(to_y.span(), result.span()), tolerance);
    EXPECT_LE(difference(to_x.span(), pixels.span()), tolerance);
    EXPECT_LE(difference(to_w.span(), weight.span()), tolerance);
  }

  Convolution g;
  Tensor x, y, w;
  Matrix<double> result, pixels, weight;
};

Convolution halving(std::size_t size, std::size_t channels, std::size_t filters) {
  return {.image = image(size, size, channels),
          .result = image(size / 2, size / 2, filters),
          .kernel = {4, 4},
          .stride = {2, 2},
          .before = {1, 1}};
}

// A sum of n products of numbers around 1 in float32: n·6e-8 at worst, √n·6e-8 of its size as a rule; the
// weight's sums have thousands of terms.
TEST(ConvolutionOps, AgreeWithTheDefinitionOnEveryThreadCount) {
  const Rig many(halving(14, 16, 20), 37), few(halving(28, 1, 6), 61),
      pointwise({.image = image(9, 7, 12), .result = image(9, 7, 33)}, 25);
  for (const int count : {1, 2, 3}) {
    const testing::Threads set(count);
    for (const Rig* rig : {&many, &few, &pointwise}) rig->check(Precision::f32, 3e-6);
  }
}

// bfloat16 keeps 8 bits: a product is off by 2^-8 at most, sums of n by that over √n of their size.
TEST(ConvolutionOps, RunInBfloat16) {
  const testing::Threads set(2);
  Rig(halving(14, 16, 32), 19).check(Precision::bf16, 0.01);
  Rig(halving(28, 1, 16), 19).check(Precision::bf16, 0.01);
  Rig({.image = image(5, 5, 16), .result = image(5, 5, 16)}, 19).check(Precision::bf16, 0.01);
  // Where channels are many nothing but the factors is rounded.
  Rig(halving(14, 32, 48), 19, true).check(Precision::bf16, 3e-6);
  Rig({.image = image(5, 5, 32), .result = image(5, 5, 48)}, 19, true).check(Precision::bf16, 3e-6);
}

TEST(ConvolutionOps, EpilogueAddsABiasAndRectifies) {
  Tensor y(2, 3);
  const float values[] = {1, -2, 3, -4, 5, -6}, bias[] = {0.5f, 1, -4};
  std::copy_n(values, 6, y.data());
  finish(y, {.bias = bias, .rectify = true, .slope = 0.1f});
  const float wanted[] = {1.5f, -0.1f, -0.1f, -0.35f, 6, -1};
  for (std::size_t i = 0; i < 6; ++i) EXPECT_FLOAT_EQ(y.data()[i], wanted[i]);
}

TEST(ConvolutionOps, NanStaysNan) {
  Tensor y(1, 20);
  for (float& v : y.span()) v = conformance::kPoison;
  finish(y, {.rectify = true});
  for (const float v : y.span()) EXPECT_TRUE(std::isnan(v));
}

TEST(ConvolutionOps, RefuseOperandsThatDoNotFit) {
  const Convolution g = halving(8, 2, 3);
  Tensor x(4, 128), y(4, 48), w(3, 32), wrong(3, 31);
  EXPECT_THROW(convolve(g, x.view(), wrong.view(), y, {}, Precision::f32), RequestError);
  EXPECT_THROW(convolve(g, y.view(), w.view(), x, {}, Precision::f32), RequestError);
}

}  // namespace
}  // namespace pushforward
