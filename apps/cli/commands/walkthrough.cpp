// SPDX-License-Identifier: Apache-2.0
// pushforward walkthrough: every demonstration of the course, computed now, as pages that open from disk.
#include <algorithm>

#include <fmt/format.h>

#include "command.hpp"
#include "interrupt.hpp"
#include "output.hpp"
#include "progress.hpp"
#include "pushforward/error.hpp"
#include "pushforward/spec.hpp"
#include "walkthrough/site.hpp"

namespace pushforward::cli {
namespace {

using walkthrough::Chapter;
using walkthrough::Demonstration;

struct Request {
  std::string output, only;
  bool quick = false;
};

// The chapters that are wanted, by --only or all.
std::vector<Chapter> chosen(const std::string& only) {
  const auto all = walkthrough::chapters();
  if (only.empty()) return {all.begin(), all.end()};
  std::vector<std::string> ids;
  for (const Chapter& chapter : all) ids.push_back(chapter.id);
  std::vector<Chapter> some;
  for (const std::string& id : split(only, ',')) {
    const auto found = std::find(ids.begin(), ids.end(), id);
    if (found == ids.end()) throw unknown_word("--only", id, ids);
    some.push_back(all[static_cast<std::size_t>(found - ids.begin())]);
  }
  return some;
}

void stop_if_asked(const std::string& folder) {
  if (interrupt_requested())
    throw Interrupted(fmt::format("interrupted; the same command goes on where {} stands", folder));
}

struct Counts {
  std::size_t computed = 0, kept = 0, without_data = 0;
};

Counts compute(const walkthrough::Site& site, const Request& request, Demonstration demonstration,
               ProgressBar& bar) {
  Counts counts;
  const std::vector<Chapter> all = chosen(request.only);
  for (std::size_t i = 0; i < all.size(); ++i) {
    demonstration.progress = [&](double part) {
      stop_if_asked(request.output);
      bar.update((static_cast<double>(i) + part) / static_cast<double>(all.size()), all[i].id);
    };
    if (site.kept(all[i].id)) {
      ++counts.kept;
    } else if (const std::vector<std::string> missing = walkthrough::missing_data(all[i]); !missing.empty()) {
      ++counts.without_data;
      bar.line(fmt::format("pushforward: note: chapter {} needs data: pushforward data fetch {}", all[i].id,
                           missing[0]));
    } else {
      demonstration.progress(0);
      site.keep(all[i].id, all[i].compute(demonstration));
      ++counts.computed;
    }
  }
  return counts;
}

void run(const Request& request, const Common& common) {
  catch_interrupts();
  chosen(request.only);
  const Demonstration demonstration{.seed = common.seed, .quick = request.quick};
  const walkthrough::Site site(request.output, demonstration, common.force);
  Counts counts;
  {
    ProgressBar bar("computing", common.quiet);
    counts = compute(site, request, demonstration, bar);
  }
  site.write_pages();
  const Fields fields = {{"output", request.output},
                         {"page", request.output + "/index.html"},
                         {"chapters", static_cast<long long>(counts.computed + counts.kept)},
                         {"computed_now", static_cast<long long>(counts.computed)},
                         {"without_data", static_cast<long long>(counts.without_data)}};
  common.json ? print_json(to_json(fields)) : print_fields(fields);
}

}  // namespace

Command walkthrough_command() {
  return {"walkthrough", "The course as pages: every idea with a figure computed now, in English and Chinese",
          "Show",
          "  pushforward walkthrough -o walk              then open walk/index.html in a browser\n"
          "  pushforward walkthrough -o walk --quick      shorter trainings\n",
          [](CommandLine& line, const Common& common) {
            auto request = std::make_shared<Request>();
            line.text("-o,--output", request->output,
                      "The folder to write; one that an interrupted run left is gone on with",
                      {.required = true, .type = "FOLDER", .written = true});
            line.text("--only", request->only,
                      "Compute these chapters alone, separated by commas: coding,kl-bits",
                      {.type = "CHAPTERS"});
            line.flag("--quick", request->quick, "Shorter trainings: minutes, not most of an hour");
            return [request, &common] { run(*request, common); };
          }};
}

}  // namespace pushforward::cli
