// SPDX-License-Identifier: Apache-2.0
//
// Distributions known by their densities, what lies between them, and families fitted to them.
#include "pushforward/density.hpp"

#include <numbers>

#include "borrow.hpp"
#include "pushforward/density_fit.hpp"
#include "pushforward/error.hpp"
#include "reading.hpp"

namespace pushforward::python {
namespace {

struct BoundDensity {
  KnownDensity density;
};

NamedReading named(std::string name, const DensityReading& r, double scale, std::string unit) {
  NamedReading found{std::move(name),
                     {.value = r.value * scale, .estimator = r.estimator, .unit = std::move(unit)}};
  if (r.standard_error) found.reading.standard_error = *r.standard_error * scale;
  if (r.error_estimate) found.reading.extra.emplace_back("error_estimate", *r.error_estimate * scale);
  return found;
}

double unit_in(bool bits) { return bits ? 1 / std::numbers::ln2 : 1; }

NamedReading divergence_of(const BoundDensity& p, const BoundDensity& q, const std::string& name,
                           const OptionList& options, bool bits, std::uint64_t seed, std::size_t draws) {
  const Spec spec = divergence_meant(spec_of(name, options));
  const DivergenceEntry& entry = find_divergence(spec.name);
  const Working working;
  const DensityReading reading = density_divergence(spec, p.density, q.density, {seed, draws});
  return named(spec.name, reading, in_divergence_unit(entry, 1, bits), density_unit(entry, bits));
}

NamedReading entropy_of(const BoundDensity& p, bool bits, std::uint64_t seed, std::size_t draws) {
  const Working working;
  return named("entropy", density_entropy(p.density, {seed, draws}), unit_in(bits), bits ? "bits" : "nats");
}

// Of X, the first `split` coordinates, and Y, the others.
nb::dict joint_entropies_of(const BoundDensity& p, std::size_t split, bool bits, std::uint64_t seed,
                            std::size_t draws) {
  JointReading found;
  {
    const Working working;
    found = joint_density_entropies(p.density, split, {seed, draws});
  }
  const auto reading = [&](const char* name, const DensityReading& r) {
    return nb::cast(named(name, r, unit_in(bits), bits ? "bits" : "nats"));
  };
  nb::dict parts;
  parts["joint"] = reading("joint", found.joint);
  parts["x"] = reading("x", found.x), parts["y"] = reading("y", found.y);
  parts["y_given_x"] = reading("y_given_x", found.y_given_x);
  parts["x_given_y"] = reading("x_given_y", found.x_given_y);
  parts["mutual_information"] = reading("mutual_information", found.mutual_information);
  return parts;
}

nb::object log_density_of(const BoundDensity& p, const Vector& at) {
  const std::size_t n = at.shape(0), d = at.shape(1);
  if (d != dimension_of(p.density))
    throw RequestError(Complaint{"log_density", "points of " + std::to_string(d) + " coordinates",
                                 std::to_string(dimension_of(p.density))});
  auto values = std::make_unique<double[]>(n);
  {
    const Working working;
    for (std::size_t i = 0; i < n; ++i) values[i] = log_density(p.density, {at.data() + i * d, d});
  }
  return array_of(std::move(values), {n});
}

nb::object sample(const BoundDensity& p, std::size_t n, std::uint64_t seed) {
  Matrix<double> rows;
  {
    const Working working;
    rows = sample_density(p.density, n, Draw{seed}.on("python density"));
  }
  return array_of(rows);
}

// ---- fits ----

FitTarget target_of(const BoundDensity* density, const std::optional<Vector>& rows) {
  if (density != nullptr) return density->density;
  Matrix<double> points(rows->shape(0), rows->shape(1));
  std::copy_n(rows->data(), points.size(), points.data());
  return points;
}

nb::dict optimum_of(const LocalOptimum& optimum, const DivergenceEntry& by) {
  nb::dict parameters;
  for (const auto& [name, value] : optimum.parameters) parameters[nb::cast(name)] = value;
  nb::dict found;
  found["density"] = nb::cast(BoundDensity{optimum.q});
  found["parameters"] = parameters;
  found["reading"] = nb::cast(named(by.name, optimum.reading, 1, density_unit(by, false)));
  found["starts"] = optimum.starts;
  return found;
}

nb::dict fit(const BoundDensity* density, const std::optional<Vector>& rows, const std::string& family,
             const std::string& by, const OptionList& options, std::uint64_t seed) {
  const Spec divergence = divergence_meant(spec_of(by, options));
  const DivergenceEntry& entry = find_divergence(divergence.name);
  const FitTarget target = target_of(density, rows);
  DensityFit found;
  {
    const Working working;
    found = fit_density(target, parse_spec(family, "family"), divergence, {.seed = seed});
  }
  nb::list optima;
  for (const LocalOptimum& optimum : found.optima) optima.append(optimum_of(optimum, entry));
  nb::dict result;
  result["optima"] = optima, result["objective"] = found.objective, result["evaluations"] = found.evaluations;
  return result;
}

}  // namespace

void bind_densities(nb::module_& module) {
  using namespace nb::literals;
  using D = BoundDensity;
  nb::class_<D>(module, "Density")
      .def(
          "__init__", [](D* self, const std::string& text) { new (self) D{parse_density(text)}; }, "text"_a)
      .def_prop_ro("d", [](const D& p) { return dimension_of(p.density); })
      .def(
          "text", [](const D& p, int digits) { return text_of(p.density, digits); }, "digits"_a)
      .def("log_density", &log_density_of, "at"_a,
           nb::sig("def log_density(self, at: typing.Any) -> typing.Any"))
      .def("sample", &sample, "n"_a, "seed"_a, nb::sig("def sample(self, n: int, seed: int) -> typing.Any"))
      .def("entropy", &entropy_of, "bits"_a, "seed"_a, "draws"_a)
      .def("joint_entropies", &joint_entropies_of, "split"_a, "bits"_a, "seed"_a, "draws"_a,
           nb::sig("def joint_entropies(self, split: int, bits: bool, seed: int, draws: int) -> dict[str, "
                   "Reading]"))
      .def("divergence", &divergence_of, "q"_a, "name"_a, "options"_a, "bits"_a, "seed"_a, "draws"_a);
  module.def("fit", &fit, "density"_a.none(), "rows"_a.none(), "family"_a, "by"_a, "options"_a, "seed"_a,
             nb::sig("def fit(density: Density | None, rows: typing.Any, family: str, by: str, options: "
                     "list[tuple[str, str]], seed: int) -> dict[str, typing.Any]"));
}

}  // namespace pushforward::python
