// SPDX-License-Identifier: Apache-2.0
#include "pushforward/history.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "unit/models/run_files.hpp"

namespace pushforward {
namespace {

using namespace pushforward::testing;

TEST(Histories, StandByEpochAndStep) {
  const Folder folder;
  std::ofstream(folder / "metrics.jsonl")
      << R"({"step": 2, "stage": "layer 1", "loss": 9, "monitor_w1": 5, "rate": 1})"
      << "\n"
      << R"({"epoch": 1, "step": 2, "stage": "layer 1", "loss": 8, "monitor_w1": 5})"
      << "\n"
      << R"({"epoch": 2, "step": 4, "stage": "fine-tuning", "loss": 6, "kl": 2, "monitor_w1": 3})"
      << "\n"
      << R"({"epoch": 3, "step": 6, "stage": "fine-tuning", "loss": 5, "kl": 1, "seconds": 3})"
      << "\n"
      << R"({"epoch": 4, "st)"
      << "\n";
  const History history = read_history(folder.path);
  const auto curve = [](const std::vector<Series>& curves, const std::string& name) {
    const Series* found = find_series(curves, name);
    return found ? std::pair(found->x, found->y) : std::pair(std::vector<double>{}, std::vector<double>{});
  };
  using Points = std::vector<double>;
  ASSERT_EQ(history.epochs.size(), 3u);  // no rate, no seconds
  EXPECT_EQ(curve(history.epochs, "loss, layer 1"), std::pair(Points{1}, Points{8}));
  EXPECT_EQ(curve(history.epochs, "loss"), std::pair(Points{2, 3}, Points{6, 5}));
  EXPECT_EQ(curve(history.epochs, "kl"), std::pair(Points{2, 3}, Points{2, 1}));
  ASSERT_EQ(history.monitored.size(), 1u);
  EXPECT_EQ(curve(history.monitored, "w1"), std::pair(Points{2, 4}, Points{5, 3}));
}

}  // namespace
}  // namespace pushforward
