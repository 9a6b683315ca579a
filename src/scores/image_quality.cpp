// SPDX-License-Identifier: Apache-2.0
// Five maps are smoothed (x, y, x², y², xy), along rows and then along columns, in double precision.
#include "pushforward/image_quality.hpp"

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kWindow = 11;
constexpr double kDeviation = 1.5, kC1 = 0.01 * 0.01, kC2 = 0.03 * 0.03;

void check_alike(const char* where, View<const float> images, View<const float> clean) {
  if (images.rows != clean.rows || images.cols != clean.cols)
    throw RequestError(Complaint{where, fmt::format("{} rows of {}", images.rows, images.cols),
                                 fmt::format("{} rows of {}, as the clean ones", clean.rows, clean.cols)});
}

std::array<double, kWindow> window_weights() {
  std::array<double, kWindow> weights{};
  double sum = 0;
  for (std::size_t i = 0; i < kWindow; ++i) {
    constexpr double kMiddle = (kWindow - 1) / 2.0;
    const double at = (static_cast<double>(i) - kMiddle) / kDeviation;
    sum += weights[i] = std::exp(-at * at / 2);
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

// Weighted means over all windows inside a map of height × width: (height−10) × (width−10) of them.
class Smoother {
 public:
  Smoother(std::size_t height, std::size_t width) : height_(height), rows_(height, width - kWindow + 1) {}

  void operator()(const Matrix<double>& map, Matrix<double>& means) {
    for (std::size_t i = 0; i < height_; ++i)
      for (std::size_t j = 0; j < rows_.cols(); ++j) {
        double sum = 0;
        for (std::size_t k = 0; k < kWindow; ++k) sum += weights_[k] * map(i, j + k);
        rows_(i, j) = sum;
      }
    means.resize(height_ - kWindow + 1, rows_.cols());
    for (std::size_t i = 0; i < means.rows(); ++i)
      for (std::size_t j = 0; j < means.cols(); ++j) {
        double sum = 0;
        for (std::size_t k = 0; k < kWindow; ++k) sum += weights_[k] * rows_(i + k, j);
        means(i, j) = sum;
      }
  }

 private:
  const std::array<double, kWindow> weights_ = window_weights();
  std::size_t height_;
  Matrix<double> rows_;
};

// The SSIM of one channel of one image.
class Comparison {
 public:
  explicit Comparison(RowShape shape) : shape_(shape), smooth_(shape.height, shape.width) {
    for (Matrix<double>& map : maps_) map.resize(shape.height, shape.width);
  }

  double operator()(const float* image, const float* clean, std::size_t channel) {
    for (std::size_t p = 0; p < shape_.height * shape_.width; ++p) {
      const auto x = static_cast<double>(image[p * shape_.channels + channel]);
      const auto y = static_cast<double>(clean[p * shape_.channels + channel]);
      maps_[0].data()[p] = x, maps_[1].data()[p] = y;
      maps_[2].data()[p] = x * x, maps_[3].data()[p] = y * y, maps_[4].data()[p] = x * y;
    }
    for (std::size_t m = 0; m < 5; ++m) smooth_(maps_[m], means_[m]);
    double sum = 0;
    for (std::size_t w = 0; w < means_[0].size(); ++w) sum += window(w);
    return sum / static_cast<double>(means_[0].size());
  }

 private:
  double window(std::size_t w) const {
    const double x = means_[0].data()[w], y = means_[1].data()[w];
    const double variance_x = means_[2].data()[w] - x * x, variance_y = means_[3].data()[w] - y * y;
    const double covariance = means_[4].data()[w] - x * y;
    return (2 * x * y + kC1) * (2 * covariance + kC2) /
           ((x * x + y * y + kC1) * (variance_x + variance_y + kC2));
  }

  RowShape shape_;
  Smoother smooth_;
  std::array<Matrix<double>, 5> maps_, means_;
};

}  // namespace

std::vector<double> psnr(View<const float> images, View<const float> clean) {
  check_alike("psnr", images, clean);
  std::vector<double> out;
  for (std::size_t i = 0; i < images.rows; ++i) {
    double sum = 0;
    for (std::size_t j = 0; j < images.cols; ++j) {
      const double difference = static_cast<double>(images(i, j)) - static_cast<double>(clean(i, j));
      sum += difference * difference;
    }
    out.push_back(sum > 0 ? 10 * std::log10(static_cast<double>(images.cols) / sum) : HUGE_VAL);
  }
  return out;
}

bool has_ssim(RowShape shape) { return shape.image && shape.height >= kWindow && shape.width >= kWindow; }

std::vector<double> ssim(View<const float> images, View<const float> clean, RowShape shape) {
  check_alike("ssim", images, clean);
  if (!has_ssim(shape) || shape.size() != images.cols)
    throw RequestError(Complaint{"ssim", fmt::format("rows of {} as {}", images.cols, shape.text()),
                                 fmt::format("images of {0}x{0} pixels or more", kWindow)});
  Comparison compare(shape);
  std::vector<double> out;
  for (std::size_t i = 0; i < images.rows; ++i) {
    double sum = 0;
    for (std::size_t c = 0; c < shape.channels; ++c) sum += compare(images.row(i), clean.row(i), c);
    out.push_back(sum / static_cast<double>(shape.channels));
  }
  return out;
}

}  // namespace pushforward
