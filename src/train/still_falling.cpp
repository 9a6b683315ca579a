// SPDX-License-Identifier: Apache-2.0
#include "train/still_falling.hpp"

#include <algorithm>
#include <cmath>

namespace pushforward {
namespace {

constexpr double kSure = 3, kWorthIt = 0.02;

struct Line {
  double slope = 0, error = 0;  // a block, and the slope's standard error
};

Line fitted(const std::vector<double>& y) {
  const auto n = static_cast<double>(y.size());
  double mean = 0, cross = 0, square = 0, left = 0;
  for (const double v : y) mean += v / n;
  const auto x = [&](std::size_t i) { return static_cast<double>(i) - (n - 1) / 2; };
  for (std::size_t i = 0; i < y.size(); ++i) cross += x(i) * (y[i] - mean), square += x(i) * x(i);
  const double slope = cross / square;
  for (std::size_t i = 0; i < y.size(); ++i) left += std::pow(y[i] - mean - slope * x(i), 2);
  return {slope, std::sqrt(left / (n - 2) / square)};
}

}  // namespace

void LateEstimate::see(std::uint64_t step, std::uint64_t total_steps, double estimate) {
  if (step > total_steps - total_steps / 10) sum_ += estimate, count_ += 1;
}

void LossBlocks::see(std::uint64_t step, std::uint64_t total_steps, double loss, std::string_view stage) {
  if (blocks_.empty() || stage != stage_) {
    blocks_.assign(kBlocks, {});
    begin_ = step - 1, stage_ = stage;
  }
  if (step <= begin_ || step > total_steps) return;
  Block& block = blocks_[(step - 1 - begin_) * kBlocks / (total_steps - begin_)];
  block.sum += loss, block.count += 1;
}

bool LossBlocks::still_falls() const {
  if (blocks_.empty()) return false;
  std::vector<double> means, second;
  for (const Block& block : blocks_) {
    if (!(block.count > 0) || !std::isfinite(block.sum)) return false;  // too few steps to tell
    means.push_back(block.sum / block.count);
  }
  second.assign(means.begin() + kBlocks / 2, means.end());
  const Line line = fitted(second);
  const double gained = means.front() - means.back();
  return line.slope < -kSure * line.error && -line.slope * kBlocks > kWorthIt * gained && gained > 0;
}

}  // namespace pushforward
