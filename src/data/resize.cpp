// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "core/whole_number.hpp"
#include "data/parts.hpp"
#include "data/pictures.hpp"
#include "pushforward/error.hpp"

namespace pushforward::data {
namespace {

// A stretch of a source axis, in pixels.
struct Window {
  double begin = 0, length = 0;
};

// Weights of the source pixels (from `first`) that make one target pixel.
struct Tap {
  std::size_t first = 0;
  std::vector<double> weights{};
};

std::vector<Tap> triangle_taps(std::size_t source, Window window, std::size_t target) {
  const double ratio = window.length / static_cast<double>(target), reach = std::max(1.0, ratio);
  std::vector<Tap> taps(target);
  for (std::size_t t = 0; t < target; ++t) {
    const double center = window.begin + (static_cast<double>(t) + 0.5) * ratio;
    const double low = std::max(0.0, std::floor(center - reach));
    const double high = std::min(static_cast<double>(source), std::ceil(center + reach));
    taps[t].first = static_cast<std::size_t>(low);
    double sum = 0;
    for (double s = low; s < high; ++s) {
      taps[t].weights.push_back(std::max(0.0, 1 - std::abs(s + 0.5 - center) / reach));
      sum += taps[t].weights.back();
    }
    for (double& weight : taps[t].weights) weight /= sum;
  }
  return taps;
}

template <class T>
Matrix<double> across_rows(const io::Raster<T>& image, const std::vector<Tap>& taps) {
  const std::size_t channels = image.channels;
  Matrix<double> out(image.height, taps.size() * channels);
  for (std::size_t y = 0; y < image.height; ++y)
    for (std::size_t x = 0; x < taps.size(); ++x) {
      const T* from = image.pixels.data() + (y * image.width + taps[x].first) * channels;
      double* to = out.row(y) + x * channels;
      for (std::size_t k = 0; k < taps[x].weights.size(); ++k)
        for (std::size_t c = 0; c < channels; ++c) to[c] += taps[x].weights[k] * *from++;
    }
  return out;
}

template <class T>
io::Raster<T> resampled(const io::Raster<T>& image, Window down, Window across, io::Size size) {
  const Matrix<double> half = across_rows(image, triangle_taps(image.width, across, size.width));
  const std::vector<Tap> taps = triangle_taps(image.height, down, size.height);
  io::Raster<T> out(size.height, size.width, image.channels);
  std::vector<double> sums(half.cols());
  for (std::size_t y = 0; y < size.height; ++y) {
    std::ranges::fill(sums, 0.0);
    for (std::size_t k = 0; k < taps[y].weights.size(); ++k)
      for (std::size_t i = 0; i < sums.size(); ++i)
        sums[i] += taps[y].weights[k] * half(taps[y].first + k, i);
    std::ranges::transform(sums, out.pixels.begin() + static_cast<std::ptrdiff_t>(y * sums.size()),
                           [](double sum) { return static_cast<T>(std::lround(sum)); });
  }
  return out;
}

// The middle of an axis of `source` pixels.
Window middle(double source, double length) { return {(source - length) / 2, length}; }

template <class T>
io::Raster<T> padded(const io::Raster<T>& image, io::Size size) {
  io::Raster<T> out(size.height, size.width, image.channels);
  const std::size_t top = (size.height - image.height) / 2, left = (size.width - image.width) / 2;
  const std::size_t row = image.width * image.channels;
  for (std::size_t y = 0; y < image.height; ++y)
    std::copy_n(image.pixels.data() + y * row, row, &out.at(top + y, left));
  return out;
}

std::size_t rounded(double value, std::size_t most) {
  return std::clamp<std::size_t>(static_cast<std::size_t>(std::lround(value)), 1, most);
}

}  // namespace

template <class T>
io::Raster<T> resized(const io::Raster<T>& image, io::Size size, Fit fit) {
  const auto h = static_cast<double>(image.height), w = static_cast<double>(image.width);
  const double down = h / static_cast<double>(size.height), across = w / static_cast<double>(size.width);
  if (down == 1 && across == 1) return image;
  if (fit == Fit::crop) {  // source pixels for a target pixel, the same both ways
    const double ratio = std::min(down, across);
    return resampled(image, middle(h, ratio * static_cast<double>(size.height)),
                     middle(w, ratio * static_cast<double>(size.width)), size);
  }
  if (fit == Fit::stretch) return resampled(image, {0, h}, {0, w}, size);
  const double ratio = std::max(down, across);
  const io::Size inner = {rounded(h / ratio, size.height), rounded(w / ratio, size.width)};
  return padded(resampled(image, {0, h}, {0, w}, inner), size);
}

template io::Image resized(const io::Image&, io::Size, Fit);
template io::DeepImage resized(const io::DeepImage&, io::Size, Fit);

Fit parse_fit(std::string_view word) {
  const std::vector<std::string> words = {"crop", "pad", "stretch"};
  return static_cast<Fit>(find_word("--fit", word, words));
}

std::optional<io::Size> parse_size(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::vector<std::string> parts = split(text, 'x');
  constexpr long long kMost = 1 << 14;
  long long size[2] = {0, 0};
  if (parts.size() == 2)
    for (std::size_t i = 0; i < 2; ++i)
      size[i] = static_cast<long long>(whole_number(parts[i], "--resize", {1, kMost}));
  if (size[0] < 1 || size[1] < 1 || size[0] > kMost || size[1] > kMost)
    throw RequestError(Complaint{"--resize", io::in_quotes(text),
                                 fmt::format("HxW, each from 1 to {}", kMost), "for example 64x64"});
  return io::Size{static_cast<std::size_t>(size[0]), static_cast<std::size_t>(size[1])};
}

}  // namespace pushforward::data
