// SPDX-License-Identifier: Apache-2.0
// Runs that are stopped and go on, and two run directories compared byte by byte.
#pragma once

#include <vector>

#include "support/own_folder.hpp"
#include "unit/models/support.hpp"

namespace pushforward::testing {

/// The files whose bytes do not depend on the clock.
inline void expect_same_files(const std::string& a, const std::string& b) {
  for (const char* file : {"/model.safetensors", "/checkpoint.safetensors", "/config.toml"})
    EXPECT_TRUE(file_bytes(a + file) == file_bytes(b + file)) << file;
}

/// Stops a training after this step; 0 = never.
inline OnProgress stop_after(std::uint64_t step) {
  return [step](const Progress& p) { return p.step == step ? Continue::stop : Continue::yes; };
}

/// A training that is stopped after each of these steps ends in the same bytes as one left alone.
inline void expect_resumes_alike(const std::string& model, const Settings& settings, const Dataset& data,
                                 const std::vector<std::uint64_t>& stops) {
  const Folder folder;
  Run whole = make_run(model, settings, data, folder / "whole");
  train(whole, data, nullptr);
  make_run(model, settings, data, folder / "part");
  for (const std::uint64_t stop : stops) {
    Run part = resume_run(folder / "part");
    EXPECT_EQ(train(part, data, nullptr, stop_after(stop)).stopped, Stopped::interrupted);
  }
  Run last = resume_run(folder / "part");
  train(last, data, nullptr);
  expect_same_files(folder / "whole", folder / "part");
}

/// What a training warns of.
inline std::vector<std::string> warnings_of(Run& run, const Dataset& data) {
  std::vector<std::string> warnings;
  const Summary summary = train(run, data, nullptr, [&](const Progress& p) {
    if (!p.warning.empty()) warnings.push_back(p.warning);
    return Continue::yes;
  });
  EXPECT_EQ(summary.stopped, Stopped::finished);
  return warnings;
}

/// A small generator in the plane, and `more`.
inline Settings small_generator(const Settings& more) {
  return with({{"hidden", "16"},
               {"latent", "2"},
               {"batch", "32"},
               {"steps", "20"},
               {"threads", "1"},
               {"monitor", "none"}},
              more);
}

}  // namespace pushforward::testing
