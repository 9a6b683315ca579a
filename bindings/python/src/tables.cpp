// SPDX-License-Identifier: Apache-2.0
// Two samples of frames as numbers, in the units of both together.
#include "borrow.hpp"
#include "data/parts.hpp"
#include "pushforward/common_units.hpp"

namespace pushforward::python {
namespace {

// In these units, and what they are in: the samples themselves are not wanted later.
nb::tuple in_common_units(Dataset x, Dataset y) {
  std::optional<CommonUnits> units;
  {
    const Working working;
    units.emplace(x, y);
  }
  return nb::make_tuple(array_of(units->x), array_of(units->y));
}

Dataset table(const nb::bytes& text, const std::string& name) {
  const std::string_view seen(text.c_str(), text.size());
  const Working working;
  return data::table_from(seen, name);
}

}  // namespace

void bind_tables(nb::module_& module) {
  using namespace nb::literals;
  module.def("table", &table, "text"_a, "name"_a, "A CSV with a header, as rows.");
  module.def("in_common_units", &in_common_units, "x"_a, "y"_a,
             nb::sig("def in_common_units(x: Dataset, y: Dataset) -> tuple[typing.Any, typing.Any]"));
}

}  // namespace pushforward::python
