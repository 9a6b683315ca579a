// SPDX-License-Identifier: Apache-2.0
#include "generation_options.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "core/row.hpp"
#include "data/parts.hpp"
#include "output.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/distance_names.hpp"

namespace pushforward::cli {

GenerationOptions GenerationArguments::wanted(const Common& common) const {
  GenerationOptions all = options;
  all.seed = common.seed;
  if (!metrics.empty()) all.distances = parse_distances(metrics, "-m");
  return all;
}

void add_generation_options(CommandLine& line, GenerationArguments& arguments) {
  line.text("-m,--metrics", arguments.metrics,
            fmt::format("Distances of generated rows to DATA [{}]", kDefaultDistances),
            {.type = "SPECS", .words = [] { return names_of(distances()); }});
  line.count("--samples", arguments.options.samples, "Generated rows for them, against as many of DATA",
             {.most = 100'000'000});
  line.text("--features", arguments.options.features, "Distances on this autoencoder's codes",
            {.type = "RUN"});
  line.text("--parzen", arguments.options.parzen,
            "Log-likelihood under Parzen windows on 10000 generated rows, by a published protocol: gan "
            "or gmmn",
            {.type = "gan|gmmn"});
  line.text("--parzen-validation", arguments.options.parzen_validation,
            "Rows that its σ is chosen on (default: the protocol's rows of a named set)", {.type = "DATA"});
  line.text("--training", arguments.options.training,
            "Training rows for the memorisation check (default: the run's own)", {.type = "DATA"});
}

bool stands_for_a_run(const std::string& argument) {
  std::error_code ignored;
  if (std::filesystem::is_directory(argument, ignored) && !argument.ends_with("/")) return false;
  if (std::filesystem::exists(argument + "/config.toml", ignored)) return false;
  const std::string source = data::parse_argument(argument).source;
  return source.starts_with("toy:") || data::is_named(source) || source.ends_with("/") ||
         source.find(".npz:") != std::string::npos || std::filesystem::is_regular_file(source, ignored);
}

void note_scores(const GenerationOptions& options, const Common& common) {
  if (options.parzen.empty()) return;
  note(
      "Parzen scores check programs against published tables, not quality: on MNIST, 10000 real training "
      "images score 242.5 by the gan protocol, and k-means centroids score above real images",
      common.quiet);
}

}  // namespace pushforward::cli
