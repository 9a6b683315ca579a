// SPDX-License-Identifier: Apache-2.0
// pushforward reconstruct: what is left of data after a pass through the code.
#include <algorithm>

#include <fmt/format.h>

#include "conditions.hpp"
#include "endings.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "rows_output.hpp"
#include "run_argument.hpp"
#include "run_rows.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kMostPairs = 100;  // in a picture

struct ReconstructArguments : RunArguments {
  bool draw = false;
};

// Each original beside its reconstruction, four pairs a line.
void write_pairs(const std::string& path, View<const float> originals, View<const float> results,
                 RowShape shape) {
  const std::size_t n = std::min(originals.rows, kMostPairs);
  Tensor pairs(2 * n, shape.size());
  for (std::size_t i = 0; i < n; ++i) {
    std::copy_n(originals.row(i), shape.size(), pairs.row(2 * i));
    std::copy_n(results.row(i), shape.size(), pairs.row(2 * i + 1));
  }
  RowsOutput how = {.shape = shape};
  how.grid.columns = std::min<std::size_t>(10, 2 * n);
  how.grid.group = 2;
  if (!shape.image) how.scatter.behind = originals;
  write_rows(path, shape.image ? pairs.view() : results, how);
}

void reconstruct(const ReconstructArguments& arguments, const Common& common) {
  const Run run = open(arguments);
  want_encoder(run, "reconstruct");
  Dataset original;
  std::vector<std::string> names;
  const Dataset data = load_for(run, arguments, common, &original, &names);
  check_rows_output(arguments.output, written_shape(run), common.force, names, arguments.data);
  const Dataset conditions = conditions_of(run, original);
  Tensor rows =
      reconstruct_rows(run, data, arguments.draw ? std::optional(common.seed) : std::nullopt, &conditions);
  Json facts = {{"rows", rows.rows()}, {"shape", shape_json(written_shape(run))}};
  if (arguments.draw) facts["seed"] = common.seed;
  if (!has_ending(arguments.output, ".png")) {
    write_run_rows(run, arguments.output, rows, {.shape = {}, .names = names}, &conditions);
    return tell_written(arguments.output, facts, common);
  }
  restore_units(run, rows);
  if (run.shape.image) facts["shown"] = std::min(kMostPairs, data.rows());
  if (data.rows() > kMostPairs && run.shape.image)
    note(fmt::format("the picture shows the first {} of {} rows", kMostPairs, data.rows()), common.quiet);
  write_pairs(arguments.output, original.floats(0, original.rows()), rows, run.shape);
  tell_written(arguments.output, facts, common);
}

}  // namespace

Command reconstruct_command() {
  return {.name = "reconstruct",
          .summary = "Data, and what comes back through the code",
          .group = "Train and use a network",
          .examples =
              "  pushforward reconstruct run 'mnist:test@0:50' -o pairs.png   originals and reconstructions\n"
              "  pushforward reconstruct run mnist:test -o back.npy",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<ReconstructArguments>();
            add_run(line, *arguments);
            add_data(line, *arguments, true);
            line.flag("--draw", arguments->draw, "Draws of the code and of p(x|z), not means");
            add_solver(line, *arguments);
            add_output(line, *arguments, ".png (pairs side by side), .npy, .csv or a folder/ of PNGs");
            return [arguments, &common] { reconstruct(*arguments, common); };
          }};
}

}  // namespace pushforward::cli
