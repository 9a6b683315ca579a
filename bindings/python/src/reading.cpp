// SPDX-License-Identifier: Apache-2.0
#include "reading.hpp"

#include "pushforward/common_units.hpp"
#include "pushforward/error.hpp"

namespace pushforward::python {
namespace {

const Fields& extra_of(const NamedReading& r) { return r.reading.extra; }

nb::object figure(const NamedReading& r, const std::string& key) {
  if (const Field* field = find_field(extra_of(r), key)) return dict_of({*field})[key.c_str()];
  return nb::none();
}

// reading.gap: what the distance tells besides its value.
nb::object attribute(const NamedReading& r, const std::string& key) {
  const nb::object found = figure(r, key);
  if (!found.is_none()) return found;
  std::string names;
  for (const Field& field : extra_of(r)) names += (names.empty() ? "" : ", ") + field.key;
  throw nb::attribute_error(
      ("Reading has no '" + key + "'; it has " + (names.empty() ? "no extra figures" : names)).c_str());
}

double number(const NamedReading& r) {
  if (r.reading.value) return *r.reading.value;
  throw nb::type_error((r.name + ": its reading has parts and no single value; see .extra").c_str());
}

nb::tuple state(const NamedReading& r) {
  return nb::make_tuple(r.name, r.reading.value, r.reading.standard_error, r.reading.estimator,
                        r.reading.unit, dict_of(r.reading.extra), dict_of(r.reading.options), r.floor);
}

void restore(NamedReading& r, const nb::tuple& state) {
  new (&r) NamedReading{nb::cast<std::string>(state[0]),
                        {.value = nb::cast<std::optional<double>>(state[1]),
                         .standard_error = nb::cast<std::optional<double>>(state[2]),
                         .estimator = nb::cast<std::string>(state[3]),
                         .unit = nb::cast<std::string>(state[4]),
                         .extra = fields_of(nb::cast<nb::dict>(state[5])),
                         .options = fields_of(nb::cast<nb::dict>(state[6]))},
                        nb::cast<std::optional<double>>(state[7])};
}

bool equal(const NamedReading& r, nb::handle other) {
  return nb::isinstance<NamedReading>(other) && state(r).equal(state(nb::cast<const NamedReading&>(other)));
}

// Of samples in units of both together, as the program says it.
void mark_standardized(NamedReading& r) {
  r.reading.unit = standardized_unit(std::move(r.reading.unit));
  r.reading.extra.emplace_back("standardized", true);
}

}  // namespace

NamedReading exact_reading(std::string name, double value, std::string unit) {
  return {std::move(name), {.value = value, .estimator = "exact", .unit = std::move(unit)}};
}

void bind_readings(nb::module_& module) {
  using R = NamedReading;
  nb::class_<R>(module, "Reading",
                "What a measurement found: float(reading) is its value, and it knows how it was computed.\n\n"
                "What a distance tells besides (gap, converged, ...) are attributes, too.")
      .def_ro("name", &R::name, "Of the distance or divergence.")
      .def_prop_ro(
          "value", [](const R& r) { return r.reading.value; },
          "The number; None where there is no single one (prdc).")
      .def_prop_ro(
          "standard_error", [](const R& r) { return r.reading.standard_error; },
          "Where the estimator has one.")
      .def_ro("floor", &R::floor,
              "What the same estimate reads between halves of x, where there is nothing to see; only if "
              "floor= asked.")
      .def_prop_ro(
          "estimator", [](const R& r) { return r.reading.estimator; }, "How it was estimated.")
      .def_prop_ro(
          "unit", [](const R& r) { return r.reading.unit; }, "What the value is measured in.")
      .def_prop_ro(
          "extra", [](const R& r) { return dict_of(r.reading.extra); },
          nb::sig("def extra(self) -> dict[str, typing.Any]"), "All further figures.")
      .def_prop_ro(
          "options", [](const R& r) { return dict_of(r.reading.options); },
          nb::sig("def options(self) -> dict[str, typing.Any]"),
          "Every option that was used, derived ones included.")
      .def_prop_ro(
          "certificate", [](const R& r) { return figure(r, "gap"); },
          nb::sig("def certificate(self) -> float | None"),
          "The relative duality gap, where the value was proven by one.")
      .def_prop_rw(
          "_samples", [](const R& r) { return r.samples.is_valid() ? r.samples : nb::none(); },
          [](R& r, nb::object samples) { r.samples = std::move(samples); },
          nb::for_getter(nb::sig("def _samples(self) -> typing.Any")),
          nb::for_setter(nb::sig("def _samples(self, samples: typing.Any, /) -> None")), nb::arg().none())
      .def("_mark_standardized", &mark_standardized)
      .def("__float__", &number)
      .def("__getattr__", &attribute, nb::sig("def __getattr__(self, key: str, /) -> typing.Any"))
      .def("__getstate__", &state, nb::sig("def __getstate__(self) -> tuple[typing.Any, ...]"))
      .def("__setstate__", &restore,
           nb::sig("def __setstate__(self, state: tuple[typing.Any, ...], /) -> None"))
      .def("__eq__", &equal, nb::sig("def __eq__(self, other: object, /) -> bool"));
}

}  // namespace pushforward::python
