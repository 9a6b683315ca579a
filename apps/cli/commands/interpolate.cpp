// SPDX-License-Identifier: Apache-2.0
// pushforward interpolate: decoded images along the straight line between two observations' codes.
#include <cmath>

#include <fmt/format.h>

#include "conditions.hpp"
#include "endings.hpp"
#include "io/gif.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "rows_output.hpp"
#include "run_argument.hpp"
#include "run_rows.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

constexpr int kHundredths = 8;  // a frame of a GIF

struct InterpolateArguments : RunArguments {
  std::size_t from = 0, to = 1, steps = 0;
  AskedConditions conditions{};
};

void check_row(const char* option, std::size_t row, const Dataset& data) {
  if (row >= data.rows())
    throw RequestError(
        Complaint{option, fmt::format("row {}", row), fmt::format("0 to {}", data.rows() - 1)});
}

// There and back, so that the animation has no jump.
void write_animation(const std::string& path, View<const float> rows, RowShape shape) {
  std::vector<report::Image> frames;
  const report::GridOptions single = {.gap = 0, .smallest = 168};
  for (std::size_t i = 0; i < rows.rows; ++i)
    frames.push_back(report::image_grid(rows.slice(i, i + 1), shape, single));
  for (std::size_t i = rows.rows - 1; i-- > 1;) frames.push_back(frames[i]);
  io::write_gif(path, frames, kHundredths);
}

// Evenly spaced on the straight line between two rows; nothing between none.
Tensor between(const Tensor& ends, std::size_t steps) {
  if (ends.empty()) return {};
  Tensor out(steps, ends.cols());
  for (std::size_t i = 0; i < steps; ++i)
    for (std::size_t k = 0; k < ends.cols(); ++k)
      out(i, k) = std::lerp(ends(0, k), ends(1, k), static_cast<float>(i) / static_cast<float>(steps - 1));
  return out;
}

void interpolate(const InterpolateArguments& arguments, const Common& common) {
  const Run run = open(arguments);
  want_encoder(run, "interpolate");
  const bool animated = has_ending(arguments.output, ".gif");
  if (animated && !run.shape.image)
    throw RequestError(Complaint{arguments.output, "rows of " + run.shape.text(), "images for a .gif"});
  animated ? check_output(arguments.output, common.force)
           : check_rows_output(arguments.output, written_shape(run), common.force);
  Dataset original;
  const Dataset data = load_for(run, arguments, common, &original);
  check_row("--from", arguments.from, data), check_row("--to", arguments.to, data);
  const std::size_t steps = arguments.steps > 0 ? arguments.steps : animated ? 40 : 10;

  const std::uint32_t ends[] = {static_cast<std::uint32_t>(arguments.from),
                                static_cast<std::uint32_t>(arguments.to)};
  Tensor x(2, data.cols()), z(2, code_size(*run.model)), rows(steps, data.cols());
  data.gather(ends, x);
  Dataset conditions = run.conditions ? conditions_of(run, original).select(ends) : Dataset{};
  tell(run, conditions, 0, 2);
  encode(*run.model, x, z, nullptr);
  if (arguments.conditions.any())
    conditions = conditions_for(run, arguments.conditions, 1, common);
  else if (run.conditions)
    conditions.rows_data = between(conditions.floats(0, 2), steps);
  tell(run, conditions, 0, steps);
  decode(*run.model, between(z, steps), rows, nullptr);
  RowsOutput how = {.shape = run.shape};
  how.grid.columns = steps;
  if (animated)
    restore_units(run, rows), write_animation(arguments.output, rows, run.shape);
  else
    write_run_rows(run, arguments.output, rows, how, &conditions);
  tell_written(arguments.output,
               {{"rows", steps},
                {"shape", shape_json(written_shape(run))},
                {"from", arguments.from},
                {"to", arguments.to}},
               common);
}

}  // namespace

Command interpolate_command() {
  return {.name = "interpolate",
          .summary = "Decoded images on the way from one observation's code to another's",
          .group = "Train and use a network",
          .examples =
              "  pushforward interpolate run mnist:test --from 0 --to 2 -o way.png\n"
              "  pushforward interpolate run mnist:test --from 0 --to 2 -o way.gif   animated",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<InterpolateArguments>();
            add_run(line, *arguments);
            add_data(line, *arguments, true);
            line.count("--from", arguments->from, "Row to begin at, counting from 0",
                       {.least = 0, .required = true});
            line.count("--to", arguments->to, "Row to end at", {.least = 0, .required = true});
            line.count("--steps", arguments->steps, "Images on the way [10; 40 for .gif]",
                       {.least = 2, .most = 10'000});
            add_conditions(line, arguments->conditions, false);
            add_solver(line, *arguments, false);
            add_output(line, *arguments, ".png, .gif (animated), .npy, .csv or a folder/");
            return [arguments, &common] { interpolate(*arguments, common); };
          },
          .parse_and_run = {},
          .first_words = {},
          .smaller = "--steps says how many"};
}

}  // namespace pushforward::cli
