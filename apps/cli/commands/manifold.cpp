// SPDX-License-Identifier: Apache-2.0
// pushforward manifold: decoded images over the plane of a two-dimensional code.
#include <fmt/format.h>

#include "conditions.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/latent_plane.hpp"
#include "rows_output.hpp"
#include "run_argument.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

struct ManifoldArguments : RunArguments {
  std::size_t grid = 20;
  std::string spacing = "quantile";
  double range = 3;
  AskedConditions conditions{};
};

void check(const ManifoldArguments& arguments, const Run& run) {
  want_code(run, "manifold");
  if (code_size(*run.model) != 2)
    throw RequestError(Complaint{"manifold", fmt::format("a code of {}", code_size(*run.model)),
                                 "a code of 2", "train with --latent 2"});
  if (arguments.spacing != "quantile" && arguments.spacing != "linear") {
    const std::vector<std::string> valid = {"quantile", "linear"};
    throw unknown_word("--spacing", arguments.spacing, valid);
  }
}

void manifold(const ManifoldArguments& arguments, const Common& common) {
  const Run run = open(arguments);
  check(arguments, run);
  check_rows_output(arguments.output, run.shape, common.force);
  tell(run, conditions_for(run, arguments.conditions, 1, common), 0, 1);
  const Tensor rows = decode_plane(
      run, {.grid = arguments.grid, .quantile = arguments.spacing == "quantile", .range = arguments.range});
  RowsOutput how = {.shape = run.shape};
  how.grid = {.columns = arguments.grid, .smallest = 28};
  write_rows(arguments.output, rows, how);
  tell_written(arguments.output,
               {{"rows", rows.rows()}, {"shape", shape_json(run.shape)}, {"grid", arguments.grid}}, common);
}

}  // namespace

Command manifold_command() {
  return {.name = "manifold",
          .summary = "Decoded images over the plane of a two-dimensional code",
          .group = "Train and use a network",
          .examples =
              "  pushforward manifold run -o plane.png\n"
              "  pushforward manifold run -o plane.png --grid 30 --spacing linear --range 2\n"
              "  pushforward manifold digits --label 7 -o sevens.png   of a run with --condition label",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<ManifoldArguments>();
            add_run(line, *arguments);
            line.count("--grid", arguments->grid, "Images a side", {.most = 200});
            line.text("--spacing", arguments->spacing,
                      "Of codes: quantile for equal shares of the prior, or linear",
                      {.type = "quantile|linear"});
            line.number("--range", arguments->range, "Linear spacing runs over ±range",
                        {.least = 1e-6, .most = 1e6});
            add_conditions(line, arguments->conditions, false);
            add_output(line, *arguments, ".png, .npy or .csv");
            return [arguments, &common] { manifold(*arguments, common); };
          },
          .parse_and_run = {},
          .first_words = {},
          .smaller = "--grid says how many"};
}

}  // namespace pushforward::cli
