// SPDX-License-Identifier: Apache-2.0
// pushforward manifold: decoded images over the plane of a two-dimensional code.
#include <fmt/format.h>

#include "latent_plane.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "rows_output.hpp"
#include "run_argument.hpp"

namespace pushforward::cli {
namespace {

struct ManifoldArguments : RunArguments {
  std::size_t grid = 20;
  std::string spacing = "quantile";
  double range = 3;
};

void check(const ManifoldArguments& arguments, const Run& run) {
  want_code(run, "manifold");
  if (run.model->latent() != 2)
    throw RequestError(Complaint{"manifold", fmt::format("a code of {}", run.model->latent()), "a code of 2",
                                 "train with --latent 2"});
  if (arguments.grid < 1 || arguments.grid > 200)
    throw RequestError(Complaint{"--grid", fmt::format("{}", arguments.grid), "1 to 200"});
  if (arguments.spacing != "quantile" && arguments.spacing != "linear") {
    const std::vector<std::string> valid = {"quantile", "linear"};
    throw unknown_word("--spacing", arguments.spacing, valid);
  }
  if (!(arguments.range > 0))
    throw RequestError(Complaint{"--range", fmt::format("{}", arguments.range), "above 0"});
}

void manifold(const ManifoldArguments& arguments, const Common& common) {
  const Run run = open(arguments);
  check(arguments, run);
  check_rows_output(arguments.output, run.shape, common.force);
  const Tensor rows = decode_plane(
      run, {.grid = arguments.grid, .quantile = arguments.spacing == "quantile", .range = arguments.range});
  RowsOutput how = {.shape = run.shape};
  how.grid = {.columns = arguments.grid, .gap = 0, .smallest = 28};
  write_rows(arguments.output, rows, how);
  note(arguments.output + " written", common.quiet);
}

}  // namespace

Command manifold_command() {
  return {
      .name = "manifold",
      .summary = "Decoded images over the plane of a two-dimensional code",
      .group = "Train and use a network",
      .examples =
          "  pushforward manifold run -o plane.png\n"
          "  pushforward manifold run -o plane.png --grid 30 --spacing linear --range 2",
      .declare = [](CLI::App& app, const Common& common) -> std::function<void()> {
        auto arguments = std::make_shared<ManifoldArguments>();
        add_run(app, *arguments);
        app.add_option("--grid", arguments->grid, "Images a side")->capture_default_str();
        app.add_option("--spacing", arguments->spacing, "quantile (equal shares of the prior) or linear")
            ->capture_default_str();
        app.add_option("--range", arguments->range, "Linear spacing runs over ±range")->capture_default_str();
        add_output(app, *arguments, ".png, .npy or .csv");
        return [arguments, &common] { manifold(*arguments, common); };
      }};
}

}  // namespace pushforward::cli
