// SPDX-License-Identifier: Apache-2.0
//
// What both test files of training share: a small run, and what two runs must have in common.
#pragma once

#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "unit/models/run_files.hpp"

namespace pushforward::testing {

/// metrics.jsonl without what depends on the clock.
inline std::string metrics_of(const std::string& run) {
  std::istringstream lines(file_bytes(run + "/metrics.jsonl"));
  std::string out, line;
  while (std::getline(lines, line)) {
    auto json = nlohmann::ordered_json::parse(line);
    json.erase("seconds"), json.erase("samples_per_second");
    out += json.dump() + "\n";
  }
  return out;
}

inline void expect_same_run(const std::string& a, const std::string& b) {
  EXPECT_EQ(metrics_of(a), metrics_of(b));
  expect_same_files(a, b);
}

inline const Settings kSmall = {
    {"hidden", "8"},    {"latent", "2"},        {"batch", "16"},    {"epochs", "6"},
    {"ema", "0.9"},     {"validation", "0.2"},  {"log-every", "2"}, {"checkpoint-every", "3"},
    {"clip-norm", "5"}, {"schedule", "cosine"}, {"warmup", "4"},    {"weight-decay", "0.01"},
    {"threads", "1"},   {"patience", "50"}};

inline Dataset small_data() { return grey_data(83, 10); }  // 67 trained on: 4 batches of 16 and one of 3

inline std::string finished_run(const Folder& folder, const std::string& name,
                                const Settings& settings = kSmall, const std::string& model = "vae") {
  pushforward::Run run = make_run(model, settings, small_data(), folder / name);
  train(run, small_data(), nullptr);
  return folder / name;
}

}  // namespace pushforward::testing
