// SPDX-License-Identifier: Apache-2.0
// pushforward sample: what the network makes up.
#include "output.hpp"
#include "pushforward/error.hpp"
#include "rows_output.hpp"
#include "run_argument.hpp"

namespace pushforward::cli {
namespace {

struct SampleArguments : RunArguments {
  std::size_t count = 64;
  bool draw = false;
};

void sample(const SampleArguments& arguments, const Common& common) {
  const Run run = open(arguments);
  if (!run.model->generates())
    throw RequestError(
        Complaint{"sample", run.entry->name + ", which has no prior to draw from", "a generative model",
                  "vae and ppca are; an autoencoder can decode codes of yours: pushforward decode"});
  if (arguments.count == 0) throw RequestError(Complaint{"sample: -n", "0", "at least 1"});
  check_rows_output(arguments.output, run.shape, common.force);
  Tensor rows(arguments.count, run.shape.size());
  run.model->generate(rows, Draw{common.seed}.on("sample"), arguments.draw);
  restore_units(run, rows);
  write_rows(arguments.output, rows, {.shape = run.shape});
  note(arguments.output + " written", common.quiet);
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
              "  pushforward sample flow -n 64 --steps 4 -o samples.png   a flow in four Euler steps",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<SampleArguments>();
            add_run(line, *arguments);
            line.count("-n,--count", arguments->count, "How many");
            line.flag("--draw", arguments->draw, "Draws of p(x|z), not its means");
            add_solver(line, *arguments);
            add_output(line, *arguments, ".png (a grid), .npy, .csv or a folder/ of PNGs");
            return [arguments, &common] { sample(*arguments, common); };
          },
          .parse_and_run = {},
          .first_words = {},
          .smaller = "-n says how many"};
}

}  // namespace pushforward::cli
