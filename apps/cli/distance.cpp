// SPDX-License-Identifier: Apache-2.0
// pushforward distance: how far apart two samples are.
#include "pushforward/distance.hpp"
#include "command.hpp"
#include "output.hpp"

namespace pushforward::cli {

Command distance_command() {
  return {"distance", "How far apart two samples are, by any of many distances", "Measure", "",
          [](CLI::App&, const Common&) {
            return [] {
              for (const DistanceEntry& entry : distances()) print_line(entry.name);
            };
          }};
}

}  // namespace pushforward::cli
