// SPDX-License-Identifier: Apache-2.0
// pushforward sample: what the network makes up.
#include "conditions.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "rows_output.hpp"
#include "run_argument.hpp"
#include "run_rows.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

struct SampleArguments : RunArguments {
  std::size_t count = 64;
  bool draw = false, means = false;
  AskedConditions conditions{};
};

void sample(const SampleArguments& arguments, const Common& common) {
  const Run run = open(arguments);
  want_prior(run, "sample");
  if (arguments.count == 0) throw RequestError(Complaint{"sample: -n", "0", "at least 1"});
  if (arguments.draw && arguments.means)
    throw RequestError(Complaint{"--means", "--draw beside it", "one of the two"});
  check_rows_output(arguments.output, written_shape(run), common.force);
  const Dataset conditions = conditions_for(run, arguments.conditions, arguments.count, common);
  const bool draw = arguments.draw || (draws_by_default(run) && !arguments.means);
  Tensor rows = generate_rows(run, run.conditions ? conditions.rows() : arguments.count, common.seed, draw,
                              &conditions);
  write_run_rows(run, arguments.output, rows, {}, &conditions);
  if (!draw && can_draw(*run.model)) note("rows are means of p(x|z); --draw draws them", common.quiet);
  tell_written(arguments.output,
               {{"rows", rows.rows()},
                {"shape", shape_json(written_shape(run))},
                {"draws", draw},
                {"seed", common.seed}},
               common);
}

}  // namespace

Command sample_command() {
  return {.name = "sample",
          .summary = "Draws new observations from a trained model",
          .group = "Train and use a network",
          .examples =
              "  pushforward sample run -n 100 -o samples.png     a grid of images\n"
              "  pushforward sample run -n 5000 -o samples.npy    numbers\n"
              "  pushforward sample run -n 20 --draw -o folder/   pixels drawn from p(x|z), a PNG each\n"
              "  pushforward sample digits --label 7 -o sevens.png   of a run with --condition label\n"
              "  pushforward sample run -n 500 --where cut=Ideal -o ideal.csv   with --condition cut\n"
              "  pushforward sample flow -n 64 --steps 4 -o samples.png   a flow in four Euler steps",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<SampleArguments>();
            add_run(line, *arguments);
            line.count("-n,--count", arguments->count, "How many");
            line.flag("--draw", arguments->draw, "Draws of p(x|z), not its means (default for tables)");
            line.flag("--means", arguments->means, "Means of p(x|z) (default for all but tables)");
            add_conditions(line, arguments->conditions, true);
            add_solver(line, *arguments);
            add_output(line, *arguments, ".png (a grid), .npy, .csv, .tsv or a folder/ of PNGs");
            return [arguments, &common] { sample(*arguments, common); };
          },
          .parse_and_run = {},
          .first_words = {},
          .smaller = "-n says how many"};
}

}  // namespace pushforward::cli
