// SPDX-License-Identifier: Apache-2.0
// A command that is added: what the conformance runs find of the distance and the layer that are.
#include <fmt/format.h>

#include "command.hpp"
#include "output.hpp"
#include "pushforward/conformance.hpp"
#include "pushforward/conformance_layers.hpp"

namespace pushforward::cli {

Command added_command() {
  return {.name = "added-command",
          .summary = "Check what was added",
          .group = "Measure",
          .examples = "  pushforward added-command\n",
          .declare = [](CommandLine&, const Common&) -> std::function<void()> {
            return [] {
              std::vector<Finding> all = check_distance(find_distance("added-distance"));
              for (const Finding& finding : check_layer(find_layer("added-layer"))) all.push_back(finding);
              for (const Finding& finding : all) print_line(finding.text());
              print_line(fmt::format("{} broken promises", all.size()));
            };
          }};
}

}  // namespace pushforward::cli
