// SPDX-License-Identifier: Apache-2.0
// The options that every command has.
#include <limits>

#include "command.hpp"

namespace pushforward::cli {

void add_common(CommandLine& line, Common& common) {
  line.count("--seed", common.seed, "Seed of everything random",
             {.least = 0, .most = std::numeric_limits<std::uint64_t>::max()});
  line.count("--threads", common.threads, "Threads (default: the processors this process may use)",
             {.most = kMostThreads});
  line.flag("--json", common.json, "Print exactly one JSON value on standard output");
  line.flag("--quiet", common.quiet, "No progress and no notes");
  line.flag("--force", common.force, "Replace output files that exist");
}

}  // namespace pushforward::cli
