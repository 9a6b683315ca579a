// SPDX-License-Identifier: Apache-2.0
// pushforward report: one self-contained page about a run.
#include <optional>

#include "conditions.hpp"
#include "endings.hpp"
#include "evaluation.hpp"
#include "io/atomic_file.hpp"
#include "output.hpp"
#include "pages/report_page.hpp"
#include "result_pages.hpp"
#include "run_argument.hpp"
#include "written.hpp"

namespace pushforward::cli {
namespace {

// The rows that the page is about; none where they are the run's own and gone.
std::optional<EvaluatedRows> rows_of_page(const Run& run, const RunArguments& arguments,
                                          const Common& common) {
  std::optional<EvaluatedRows> rows;
  const auto load = [&] { rows = rows_for(run, arguments, common); };
  if (arguments.data.empty() && arguments.place.empty())
    or_leave_out("what needs the run's data", load, listener(common));
  else
    load();
  return rows;
}

}  // namespace

pages::Page report_page(RunArguments arguments, const Common& common) {
  const Run run = open(arguments);
  if (arguments.data.empty() && arguments.place.empty()) arguments.data = pages::report_data(run);
  return pages::report_page(run, rows_of_page(run, arguments, common), page_options(common));
}

namespace {

void report_run(const RunArguments& arguments, const Common& common) {
  check_output(arguments.output, {".html"}, common.force);
  const pages::Page page = report_page(arguments, common);
  io::write_file(arguments.output, page.html());
  tell_written(arguments.output,
               {{"run", arguments.run},
                {"title", page.json()["title"]},
                {"sections", page.json()["sections"].size()},
                {"seed", common.seed}},
               common, "; open it in a browser");
}

}  // namespace

Command report_command() {
  return {.name = "report",
          .summary = "One self-contained page about a run",
          .group = "Train and use a network",
          .examples =
              "  pushforward report run -o report.html\n"
              "  pushforward report run mnist:test -o report.html",
          .declare = [](CommandLine& line, const Common& common) -> std::function<void()> {
            auto arguments = std::make_shared<RunArguments>();
            add_run(line, *arguments);
            add_data(line, *arguments, false);
            add_place(line, *arguments);
            add_output(line, *arguments, "The page to write");
            return [arguments, &common] { report_run(*arguments, common); };
          }};
}

}  // namespace pushforward::cli
