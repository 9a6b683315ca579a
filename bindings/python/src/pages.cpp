// SPDX-License-Identifier: Apache-2.0
//
// The program's pages about a run and about two samples, as the text of one HTML file, by the writers of
// apps/pages; and what they left out, a sentence each.
#include "borrow.hpp"
#include "pages/reading_page.hpp"
#include "pages/report_page.hpp"
#include "pushforward/common_units.hpp"
#include "pushforward/read_distance.hpp"
#include "reading.hpp"
#include "train/places.hpp"

namespace pushforward::python {
namespace {

using Told = std::pair<std::string, std::vector<std::string>>;

// On `data`, DATA of that name or an array that is called so; without any on the run's own. `training` are
// the rows that it was trained on, where they are at hand; else they are loaded again.
Told report(const Run& run, const Dataset* data, const std::string& name, const Dataset* training,
            std::uint64_t seed) {
  const WorkingOn working(&run);
  std::vector<std::string> notes;
  const Listener listener{.note = [&](const std::string& sentence) { notes.push_back(sentence); }};
  std::optional<EvaluatedRows> rows;
  if (data != nullptr) rows = rows_of(run, *data, name);
  const auto own = [&] {
    if (data == nullptr) {
      rows = training != nullptr ? own_rows(run, *training) : own_rows(run);
    } else if (training != nullptr) {
      check_training_data(run, *training);  // they may have been written to since
      rows->training = std::make_shared<const Dataset>(*training);
    }
  };
  or_leave_out("what needs the run's data", own, listener);
  const pages::Page page = pages::report_page(run, std::move(rows), {seed, listener});
  return {page.html(), notes};
}

// `standardized`: the reading is between samples in units of both together.
std::string show(const NamedReading& reading, Dataset x, Dataset y, bool standardized, std::uint64_t seed) {
  const Working working;
  std::optional<CommonUnits> units;
  if (standardized) units.emplace(x, y);
  Matrix<double> storage[2];
  const Sample first{units ? Points(units->x) : x.points(storage[0])};
  const Sample second{units ? Points(units->y) : y.points(storage[1])};
  Fields fields = reading_fields(reading.name, reading.reading, first, second, 0);
  if (reading.floor && reading.reading.value)
    add_floor(fields, {.value = *reading.floor, .rows = first.n() / 2});
  pages::TwoSamples samples{x, y};
  if (units) samples.in_units = [&](const Points& places) { return units->measured(places); };
  return pages::reading_page(samples, {Spec{reading.name}}, {fields}, seed).html();
}

}  // namespace

void bind_pages(nb::module_& module) {
  using namespace nb::literals;
  module.def("report_page", &report, "run"_a, "data"_a.none(), "name"_a, "training"_a.none(), "seed"_a);
  module.def("report_data", &pages::report_data, "run"_a);
  module.def("reading_page", &show, "reading"_a, "x"_a, "y"_a, "standardized"_a, "seed"_a);
}

}  // namespace pushforward::python
