// SPDX-License-Identifier: Apache-2.0
// pushforward encode and decode: to codes and back.
#include <algorithm>

#include <fmt/format.h>

#include "conditions.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/table_encoding.hpp"
#include "rows_output.hpp"
#include "run_argument.hpp"
#include "run_rows.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

struct CodeArguments : RunArguments {
  bool draw = false, variance = false;
  AskedConditions conditions{};  ///< of decode
};

void check(const CodeArguments& arguments) {
  if (arguments.draw && arguments.variance)
    throw RequestError(Complaint{"--variance", "--draw beside it", "one of the two"});
}

// Of draws; means need none.
std::optional<std::uint64_t> seed_of(const CodeArguments& arguments, const Common& common) {
  return arguments.draw ? std::optional(common.seed) : std::nullopt;
}

// What --variance of a decoder is not a variance of.
void note_normal_scores(const Run& run, bool quiet) {
  if (run.encoding &&
      std::ranges::any_of(run.encoding->quantiles(), [](const auto& q) { return !q.empty(); }))
    note(
        "numbers were scaled by their quantiles: these are variances of a column's normal scores, not in its "
        "unit; train with --scaling plain for those",
        quiet);
}

RowShape vector_shape(std::size_t size) { return {.height = 1, .width = size, .channels = 1}; }

void tell_codes(const CodeArguments& arguments, std::size_t rows, const RowShape& shape,
                const Common& common) {
  Json facts = {{"rows", rows}, {"shape", shape_json(shape)}};
  if (arguments.draw) facts["seed"] = common.seed;
  tell_written(arguments.output, facts, common);
}

void encode(const CodeArguments& arguments, const Common& common) {
  check(arguments);
  const Run run = open(arguments);
  want_encoder(run, "encode");
  const RowShape shape = vector_shape(code_size(*run.model));
  check_rows_output(arguments.output, shape, common.force);
  RowsOutput how = {.shape = shape};
  Dataset original;
  const Dataset data = load_for(run, arguments, common, &original, &how.names);
  const Dataset conditions = conditions_of(run, original);
  const Tensor codes = arguments.variance ? code_variances(run, data, &conditions)
                                          : encode_rows(run, data, seed_of(arguments, common), &conditions);
  how.scatter.labels = data.labels, how.scatter.label_names = data.label_names;
  for (std::size_t k = 0; k < shape.size(); ++k)
    how.columns.push_back(fmt::format("{}{}", arguments.variance ? "variance" : "z", k));
  write_rows(arguments.output, codes, how);
  tell_codes(arguments, codes.rows(), shape, common);
}

void decode(const CodeArguments& arguments, const Common& common) {
  check(arguments);
  const Run run = open(arguments);
  want_code(run, "decode");
  check_rows_output(arguments.output, arguments.variance ? run.shape : written_shape(run), common.force);
  const Dataset codes = load_data(arguments.data, {.seed = common.seed});
  const Dataset conditions = conditions_for(run, arguments.conditions, codes.rows(), common);
  if (run.conditions && conditions.rows() != codes.rows())
    throw RequestError(Complaint{"--conditions", fmt::format("{} rows", conditions.rows()),
                                 fmt::format("{}, one a code", codes.rows())});
  const RowShape shape = arguments.variance ? run.shape : written_shape(run);
  if (arguments.variance) {
    const Tensor variances = decoded_variances(run, codes, &conditions);
    write_rows(arguments.output, variances, {.shape = shape, .columns = encoded_columns(run)});
    note_normal_scores(run, common.quiet);
  } else {
    Tensor rows = decode_rows(run, codes, seed_of(arguments, common), &conditions);
    write_run_rows(run, arguments.output, rows, {}, &conditions);
  }
  tell_codes(arguments, codes.rows(), shape, common);
}

}  // namespace

Command encode_command() {
  return {
      .name = "encode",
      .summary = "Codes of data (means, for a variational autoencoder)",
      .group = "Train and use a network",
      .examples =
          "  pushforward encode run mnist:test -o codes.npy\n"
          "  pushforward encode run mnist:test -o codes.png     a two-dimensional code, coloured by label",
      .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
        auto arguments = std::make_shared<CodeArguments>();
        add_run(line, *arguments);
        add_data(line, *arguments, true);
        line.flag("--draw", arguments->draw, "Draws of q(z|x), not its means");
        line.flag("--variance", arguments->variance, "The variances σ²(x) of q(z|x), not its means");
        add_solver(line, *arguments);
        add_output(line, *arguments, ".npy, .csv, or .png for a two-dimensional code");
        return [arguments, &common] { encode(*arguments, common); };
      }};
}

Command decode_command() {
  return {.name = "decode",
          .summary = "Observations of codes",
          .group = "Train and use a network",
          .examples = "  pushforward decode run codes.npy -o decoded.png",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<CodeArguments>();
            add_run(line, *arguments);
            line.text("CODES", arguments->data, "FILE.npy or FILE.csv with a code a row", {.required = true});
            line.flag("--draw", arguments->draw, "Draws of p(x|z), not its means");
            line.flag("--variance", arguments->variance, "The variances σ²(z) of p(x|z), not its means");
            add_conditions(line, arguments->conditions, true);
            add_solver(line, *arguments);
            add_output(line, *arguments, ".png (a grid), .npy, .csv or a folder/ of PNGs");
            return [arguments, &common] { decode(*arguments, common); };
          }};
}

}  // namespace pushforward::cli
