// SPDX-License-Identifier: Apache-2.0
//
// Extending a critic from anchors.
//
// A penalised critic's slopes are about 1, some above; a single steep pair makes the division by the largest
// slope harsh. Where anchors are dense (few dimensions) there is a better use of the same f: from its values
// at points that it was fitted to, the least and the greatest extension, min_a (f(a) + ‖x−a‖) and
// max_a (f(a) − ‖x−a‖), are 1-Lipschitz by construction, each a minimum or maximum of cones of slope 1
// [McShane, Bull. AMS 40, 1934; Whitney, Trans. AMS 36, 1934]. So is their mean, which errs less, for one
// lies above f and the other below where f itself is 1-Lipschitz. The held-out difference of means of such a
// function is a lower bound of W1 with nothing left to assume.
//
// In many dimensions the nearest anchor is far and the cones reach nowhere: the bound is loose, and the
// judged rows say so. Cost: points × anchors distances; anchors are as many as half a thousand million
// subtractions allow.
#include "critics/critic_extension.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kMostOperations = 500'000'000;
constexpr std::size_t kMostAnchors = 8000;  // of either sample

}  // namespace

Extension::Extension(const ValuedPoints& x, const ValuedPoints& y, std::size_t readings) {
  const std::size_t d = x.points.cols;
  const std::size_t most = std::clamp<std::size_t>(kMostOperations / (2 * d * readings), 1, kMostAnchors);
  const std::size_t n = std::min(most, x.points.rows), m = std::min(most, y.points.rows);
  anchors_.resize(n + m, d), f_.resize(n + m);
  add(x, 0, n), add(y, n, m);
}

void Extension::add(const ValuedPoints& sample, std::size_t first, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t row = i * sample.points.rows / count;
    std::copy_n(sample.points.row(row), sample.points.cols, anchors_.row(first + i));
    f_[first + i] = sample.values[row];
  }
}

std::vector<float> Extension::values(View<const float> points) const {
  std::vector<float> out(points.rows);
  const auto s = static_cast<float>(scale_);
  const std::size_t d = points.cols;
  parallel_for(points.rows, 1 + 100'000 / (size() * d), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      float least = std::numeric_limits<float>::infinity(), greatest = -least;
      for (std::size_t a = 0; a < size(); ++a) {
        const float* at = anchors_.row(a);
        float square = 0;
        for (std::size_t k = 0; k < d; ++k) square += (points(i, k) - at[k]) * (points(i, k) - at[k]);
        const float length = std::sqrt(square), f = s * f_[a];
        least = std::min(least, f + length), greatest = std::max(greatest, f - length);
      }
      out[i] = 0.5f * (least + greatest);
    }
  });
  return out;
}

}  // namespace pushforward
