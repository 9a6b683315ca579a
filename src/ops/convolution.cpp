// SPDX-License-Identifier: Apache-2.0
//
// Which way a convolution runs, and the batch cut among threads.
//
// oneDNN's direct convolutions do 150–190 GF/s a direction on a Sapphire Rapids core for layers of 32 to 128
// channels (a 2048³ product there: 160). They starve where the image has few channels, because their vectors
// run along channels: the adjoint of a 4×4/2 layer to one channel does 11 GF/s. There the same sum is a
// product with all of a kernel's taps side by side, result × filter, and a sum of overlapping patches (fold):
// five times faster. The other directions of such layers are direct, and in float32 always: they are memory's
// work, and bfloat16 wants channels in pairs.
//
// In bfloat16 the direct forms do 400–780 GF/s forwards and 300 back, but the weight's gradient with a stride
// no more than in float32 (140): there columns and a product (330, with the columns' making 200).
//
// A 1×1 kernel with stride 1 is a matrix product over pixels as it stands.
//
// Threads take shares of the batch. A weight's gradient is summed share by share, in order, and its shares
// follow from sizes alone, so that the number of threads does not show in the bits: as many as have
// kSharePixels pixels each, beside whose products adding up a share costs little, but two at least.
#include "ops/convolution.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "core/subnormals.hpp"
#include "ops/columns.hpp"
#include "ops/direct_convolution.hpp"
#include "ops/product.hpp"
#include "pushforward/error.hpp"
#include "pushforward/threads.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ops/convolution.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "core/vector_math-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace pushforward {
namespace HWY_NAMESPACE {
namespace {

// max(v, 0) + slope·min(v, 0), v = y + bias, rows of `channels`; in this order of arguments NaN stays NaN.
void FinishRows(float* y, std::size_t rows, std::size_t channels, const float* bias, float slope) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  const auto s = hn::Set(d, slope), zero = hn::Zero(d);
  const auto value = [&](auto v) HWY_ATTR { return hn::MulAdd(s, hn::Min(zero, v), hn::Max(zero, v)); };
  for (std::size_t i = 0; i < rows; ++i, y += channels) {
    std::size_t j = 0;
    for (; j + lanes <= channels; j += lanes)
      hn::StoreU(value(hn::Add(hn::LoadU(d, y + j), hn::LoadU(d, bias + j))), d, y + j);
    if (j < channels)
      StoreFirst(value(hn::Add(LoadFirst(y + j, channels - j), LoadFirst(bias + j, channels - j))), y + j,
                 channels - j);
  }
}

void AddTo(float* sum, const float* more, std::size_t n) {
  const FloatTag d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    hn::StoreU(hn::Add(hn::LoadU(d, sum + i), hn::LoadU(d, more + i)), d, sum + i);
  for (; i < n; ++i) sum[i] += more[i];
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace pushforward
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pushforward {
namespace {
HWY_EXPORT(FinishRows);
HWY_EXPORT(AddTo);

constexpr std::size_t kFewChannels = 16;         // one vector
constexpr std::size_t kColumnBytes = 512 << 10;  // of columns at a time, a share of the second-level cache
constexpr double kWorthAThread = 2e6;            // multiplications and additions, some 15 µs
constexpr std::size_t kSharePixels = 4096, kMostShares = 16;  // of a weight's gradient

// Whether pixels are rows of a plain product.
bool pointwise(const Convolution& g) {
  return g.kernel.area() == 1 && g.stride.area() == 1 && g.groups == 1 && g.image.height == g.result.height &&
         g.image.width == g.result.width;
}

bool few_channels(const Convolution& g) { return g.groups == 1 && g.image.channels < kFewChannels; }

// Rows of images as rows of pixels.
template <class T>
View<T> pixels(View<T> images, const RowShape& shape) {
  return {images.data, images.rows * shape.height * shape.width, shape.channels};
}

std::size_t images_at_a_time(const Convolution& g) {
  const std::size_t bytes = g.result.height * g.result.width * g.filter() * sizeof(float);
  return std::max<std::size_t>(1, kColumnBytes / bytes);
}

// Calls body(first, end) for groups of images whose columns stay in cache.
template <class Body>
void in_groups(const Convolution& g, std::size_t images, const Body& body) {
  const std::size_t step = images_at_a_time(g);
  for (std::size_t i = 0; i < images; i += step) body(i, std::min(images, i + step));
}

View<float> columns_for(const Convolution& g, std::size_t images) {
  thread_local Tensor room;
  room.resize(images * g.result.height * g.result.width, g.filter());
  return room;
}

void convolve_share(const Convolution& g, View<const float> x, View<const float> w, View<float> y,
                    const Epilogue& after, Precision precision) {
  if (!pointwise(g)) return direct::convolve(g, x, w, y, after, few_channels(g) ? Precision::f32 : precision);
  multiply({.a = pixels(x, g.image),
            .b = w,
            .c = pixels(y, g.result),
            .transpose_b = true,
            .bias = after.bias,
            .rectify = after.rectify,
            .slope = after.slope,
            .precision = precision});
}

void transposed_share(const Convolution& g, View<const float> y, View<const float> w, View<float> x,
                      const Epilogue& after, Precision precision) {
  const auto product = [&](View<const float> from, View<float> to) {
    multiply({.a = from, .b = w, .c = to, .precision = precision});
  };
  if (pointwise(g)) {
    product(pixels(y, g.result), pixels(x, g.image));
  } else if (few_channels(g)) {
    in_groups(g, y.rows, [&](std::size_t i, std::size_t end) {
      const View<float> columns = columns_for(g, end - i);
      product(pixels(y.slice(i, end), g.result), columns);
      fold(g, columns, x.slice(i, end));
    });
  } else {
    direct::convolve_transposed(g, y, w, x, precision);
  }
  finish(pixels(x, g.image), after);
}

// Adds to dw, or writes it.
void weights_share(const Convolution& g, View<const float> x, View<const float> y, View<float> dw, bool add,
                   Precision precision) {
  const auto product = [&](View<const float> columns, View<const float> of) {
    multiply(
        {.a = of, .b = columns, .c = dw, .transpose_a = true, .accumulate = add, .precision = precision});
    add = true;
  };
  if (pointwise(g)) return product(pixels(x, g.image), pixels(y, g.result));
  if (few_channels(g)) precision = Precision::f32;
  if (precision == Precision::f32 || g.groups != 1) {
    if (!add) return direct::convolve_weights(g, x, y, dw, precision);
    thread_local Tensor room;
    room.resize(dw.rows, dw.cols);
    direct::convolve_weights(g, x, y, room, precision);
    HWY_DYNAMIC_DISPATCH(AddTo)(dw.data, room.data(), dw.size());
    return;
  }
  in_groups(g, x.rows, [&](std::size_t i, std::size_t end) {
    const View<float> columns = columns_for(g, end - i);
    unfold(g, x.slice(i, end), columns);
    product(columns, pixels(y.slice(i, end), g.result));
  });
}

// As many as are worth a thread each.
std::size_t worthwhile_shares(const Convolution& g, std::size_t images) {
  const double work = g.operations() * static_cast<double>(images);
  const auto worth = static_cast<std::size_t>(std::min(work / kWorthAThread, 1e6));
  return std::clamp<std::size_t>(worth, 1, std::max<std::size_t>(1, images));
}

std::size_t share_count(const Convolution& g, std::size_t images) {
  return std::min(worthwhile_shares(g, images), static_cast<std::size_t>(threads()));
}

std::size_t weight_share_count(const Convolution& g, std::size_t images) {
  const std::size_t pixels = images * g.result.height * g.result.width;
  return std::min(worthwhile_shares(g, images),
                  std::clamp<std::size_t>(pixels / kSharePixels, 2, kMostShares));
}

// Calls body(share, first, end) for every thread's share of the batch.
template <class Body>
void in_shares(std::size_t shares, std::size_t images, const Body& body) {
  const auto share = [&](std::size_t i) {
    const FlushSubnormals flush;  // on every thread
    body(i, images * i / shares, images * (i + 1) / shares);
  };
  shares == 1 ? share(0) : parallel_tasks(shares, share);
}

std::string text(View<const float> v) { return std::to_string(v.rows) + "×" + std::to_string(v.cols); }

void check(const Convolution& g, View<const float> x, View<const float> w, View<const float> y) {
  if (x.rows == y.rows && x.cols == g.image.size() && y.cols == g.result.size() &&
      w.rows == g.result.channels && w.cols == g.filter())
    return;
  throw RequestError(Complaint{"convolution",
                               "images " + text(x) + ", weight " + text(w) + ", results " + text(y),
                               "rows of " + g.image.text() + ", " + std::to_string(g.filter()) +
                                   " a filter, rows of " + g.result.text()});
}

}  // namespace

void finish(View<float> y, const Epilogue& after) {
  if (!after.bias && !after.rectify) return;
  thread_local std::vector<float> none;
  if (!after.bias && none.size() < y.cols) none.resize(y.cols);
  HWY_DYNAMIC_DISPATCH(FinishRows)
  (y.data, y.rows, y.cols, after.bias ? after.bias : none.data(), after.rectify ? after.slope : 1.0f);
}

void convolve(const Convolution& g, View<const float> x, View<const float> w, View<float> y,
              const Epilogue& after, Precision precision) {
  check(g, x, w, y);
  in_shares(share_count(g, x.rows), x.rows, [&](std::size_t, std::size_t i, std::size_t end) {
    convolve_share(g, x.slice(i, end), w, y.slice(i, end), after, precision);
  });
}

void convolve_transposed(const Convolution& g, View<const float> y, View<const float> w, View<float> x,
                         const Epilogue& after, Precision precision) {
  check(g, x, w, y);
  in_shares(share_count(g, y.rows), y.rows, [&](std::size_t, std::size_t i, std::size_t end) {
    transposed_share(g, y.slice(i, end), w, x.slice(i, end), after, precision);
  });
}

void convolve_weights(const Convolution& g, View<const float> x, View<const float> y, View<float> dw,
                      Precision precision) {
  check(g, x, dw, y);
  const std::size_t shares = weight_share_count(g, x.rows);
  if (shares == 1) return weights_share(g, x, y, dw, true, precision);
  thread_local Tensor room;
  Tensor& sums = room;  // the caller's, also within a helper's share
  sums.resize(shares, dw.size());
  in_shares(shares, x.rows, [&](std::size_t share, std::size_t i, std::size_t end) {
    const View<float> sum{sums.row(share), dw.rows, dw.cols};
    weights_share(g, x.slice(i, end), y.slice(i, end), sum, false, precision);
  });
  for (std::size_t share = 0; share < shares; ++share)
    HWY_DYNAMIC_DISPATCH(AddTo)(dw.data, sums.row(share), dw.size());
}

}  // namespace pushforward
#endif  // HWY_ONCE
