// SPDX-License-Identifier: Apache-2.0
// Codes of any run decoded one by one, for who drags through its latent space.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "pushforward/run.hpp"
#include "server.hpp"

namespace pushforward::cli::studio {

class Latent {
 public:
  /// What `z` ("0.3,-1.2,…", as many numbers as the code has) decodes to: a PNG of an image, else JSON
  /// { "header", "row" }. `where`, of a conditional run: "label=7" or "cut=Ideal", a line each; what is left
  /// open is drawn, the same each time.
  Answer decode(const std::string& run_path, const std::string& z, const std::string& where);

 private:
  const Run& opened(const std::string& path);

  std::mutex mutex_{};
  std::unique_ptr<Run> run_{};  // the last one that was asked for
  std::string stamp_{};         // its path and when its weights were written
};

}  // namespace pushforward::cli::studio
