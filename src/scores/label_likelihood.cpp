// SPDX-License-Identifier: Apache-2.0
//
// On logits, where no logarithm of 0 can come up: ln D = −softplus(−v), ln(1−D) = −softplus(v).
#include "pushforward/label_likelihood.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace pushforward {
namespace {

constexpr std::size_t kBins = 10;  // of the expected calibration error [Guo et al., ICML 2017]

double softplus(double v) { return std::max(v, 0.0) + std::log1p(std::exp(-std::abs(v))); }

struct Bin {
  double count = 0, d = 0, ones = 0;
};

double calibration_error(const std::array<Bin, kBins>& bins, double n) {
  double error = 0;
  for (const Bin& bin : bins)
    if (bin.count > 0) error += std::abs(bin.d - bin.ones) / n;
  return error;
}

}  // namespace

Fields label_likelihood(std::span<const double> logits, const std::vector<bool>& ones) {
  std::array<Bin, kBins> bins{};
  double ln[2] = {0, 0}, count[2] = {0, 0}, right = 0, sum_d = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double v = logits[i], d = 1 / (1 + std::exp(-v));
    const std::size_t y = ones[i] ? 1 : 0;
    ln[y] -= softplus(y == 1 ? -v : v), ++count[y];
    right += (v > 0) == ones[i] ? 1 : 0, sum_d += d;
    Bin& bin = bins[std::min(kBins - 1, static_cast<std::size_t>(d * kBins))];
    ++bin.count, bin.d += d, bin.ones += static_cast<double>(y);
  }
  const auto n = static_cast<double>(logits.size());
  Fields fields = {{"points", logits.size()},
                   {"of_x", static_cast<std::size_t>(count[1])},
                   {"log_likelihood", ln[0] + ln[1]},
                   {"cross_entropy", -(ln[0] + ln[1]) / n},
                   {"accuracy", right / n},
                   {"calibration_error", calibration_error(bins, n)},
                   {"mean_d", sum_d / n}};
  if (count[0] > 0 && count[1] > 0)
    fields.emplace_back("jsd", std::numbers::ln2 + 0.5 * (ln[0] / count[0] + ln[1] / count[1]));
  return fields;
}

}  // namespace pushforward
