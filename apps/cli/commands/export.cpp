// SPDX-License-Identifier: Apache-2.0
// pushforward export: a network for other runtimes.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "endings.hpp"
#include "output.hpp"
#include "pushforward/error.hpp"
#include "pushforward/export.hpp"
#include "run_argument.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

struct ExportArguments : RunArguments {
  std::string part{};
};

// The one that there is, where none is named.
std::string part_of(const Run& run, const ExportArguments& arguments) {
  if (!arguments.part.empty()) return arguments.part;
  const std::vector<std::string> parts = onnx_parts(run);
  if (parts.size() == 1) return parts.front();
  throw RequestError(
      Complaint{"export", "no --part",
                fmt::format("one of those that {} has: {}", run.entry->name, fmt::join(parts, ", "))});
}

void export_run(const ExportArguments& arguments, const Common& common) {
  const Run run = open(arguments);
  const std::string part = part_of(run, arguments);
  check_output(arguments.output, {".onnx"}, common.force);
  write_onnx(run, part, arguments.output);
  tell_written(arguments.output, {{"part", part}, {"run", run.path}}, common,
               fmt::format(": the {} of {}", part, run.path));
}

}  // namespace

Command export_command() {
  return {.name = "export",
          .summary = "Writes a network of a trained model as ONNX, for other runtimes",
          .group = "Train and use a network",
          .examples =
              "  pushforward export run --part decoder -o decoder.onnx   z to data, any number of rows\n"
              "  pushforward export flow -o velocity.onnx                a flow's v(x, t), its only part",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<ExportArguments>();
            add_run(line, *arguments);
            line.text("--part", arguments->part,
                      "encoder, decoder, generator, denoiser, critic or velocity, as the model has them",
                      {.type = "PART"});
            add_output(line, *arguments, ".onnx");
            return [arguments, &common] { export_run(*arguments, common); };
          },
          .parse_and_run = {},
          .first_words = {},
          .smaller = "a smaller network takes less"};
}

}  // namespace pushforward::cli
