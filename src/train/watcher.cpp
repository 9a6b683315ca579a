// SPDX-License-Identifier: Apache-2.0
// Rows are gathered at the first measurement and kept.
#include "train/watcher.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace pushforward {
namespace {

constexpr std::size_t kRows = 500;

}  // namespace

void Watcher::measure(Model& model, const Dataset& data, const Dataset& inputs, std::size_t first,
                      Step step) {
  if (rows_.empty()) rows_ = data.spaced(first, kRows);
  if (inputs_.empty() && inputs.rows() > 0) inputs_ = inputs.spaced(first, kRows);
  if (!inputs_.empty()) step.inputs = std::as_const(inputs_).view();
  auto* monitored = as<Monitored>(model);
  last_ = monitored != nullptr ? monitored->monitor(rows_, step) : Losses{};
  at_ = step.step;
}

double Watcher::value(std::string_view name) const {
  for (std::size_t i = 0; last_ && i < last_->count; ++i)
    if (last_->parts[i].name == name) return last_->parts[i].value;
  return std::numeric_limits<double>::quiet_NaN();
}

std::string Watcher::warning(const Model& model, const Losses& seen, std::uint64_t step) {
  const auto* monitored = as<Monitored>(model);
  std::string text = monitored != nullptr ? monitored->warning(seen) : "";
  if (text.empty() || std::ranges::find(said_, text) != said_.end()) return {};
  said_.push_back(text);
  return fmt::format("step {}: {}", step, text);
}

}  // namespace pushforward
