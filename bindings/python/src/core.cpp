// SPDX-License-Identifier: Apache-2.0
//
// The extension module: borrows arrays, calls the library without the interpreter's lock, and hands results
// back as plain Python values. No arithmetic; the classes that a user sees are in the package's Python files.
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "pushforward/distance.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/entropy.hpp"
#include "pushforward/error.hpp"
#include "pushforward/fit.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/transport.hpp"
#include "pushforward/two_sample.hpp"

namespace nb = nanobind;

namespace pushforward::python {
namespace {

using Array = nb::ndarray<nb::ro, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using Vector = nb::ndarray<const double, nb::ndim<1>, nb::c_contig, nb::device::cpu>;
using OptionList = std::vector<std::pair<std::string, std::string>>;

// The library counts threads for each caller's thread; Python's users mean the process.
std::atomic<int>& process_threads() {
  static std::atomic<int> count{0};
  return count;
}

// Around work of the library: the process's number of threads, and no lock.
struct Working {
  Working() { set_threads(process_threads().load()); }
  nb::gil_scoped_release released{};
};

// ---- Python to the library ----

Points points_of(const Array& array) {
  const std::size_t n = array.shape(0), d = array.shape(1);
  if (array.dtype() == nb::dtype<float>())
    return View<const float>{static_cast<const float*>(array.data()), n, d};
  if (array.dtype() == nb::dtype<double>())
    return View<const double>{static_cast<const double*>(array.data()), n, d};
  throw nb::type_error("points: got another type, wanted float32 or float64");
}

std::span<const double> span_of(const std::optional<Vector>& vector) {
  if (!vector) return {};
  return {vector->data(), vector->shape(0)};
}

Sample sample_of(const Array& points, const std::optional<Vector>& weights) {
  return {points_of(points), span_of(weights)};
}

// NAME may be a whole SPEC; keyword options come after its own.
Spec spec_of(const std::string& name, const OptionList& options) {
  Spec spec = parse_spec(name);
  spec.options.insert(spec.options.end(), options.begin(), options.end());
  return spec;
}

// ---- the library to Python ----

nb::dict dict_of(const Fields& fields);

nb::object object_of(const FieldValue& value) {
  if (const auto* parts = std::get_if<Fields>(&value)) return dict_of(*parts);
  return std::visit(
      [](const auto& v) -> nb::object {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, Fields>)
          return nb::none();
        else
          return nb::cast(v);
      },
      value);
}

nb::dict dict_of(const Fields& fields) {
  nb::dict dict;
  for (const Field& field : fields) dict[nb::cast(field.key)] = object_of(field.value);
  return dict;
}

nb::tuple tuple_of(const Reading& r) {
  return nb::make_tuple(r.value, r.standard_error, r.estimator, r.unit, dict_of(r.extra), dict_of(r.options));
}

// Memory that NumPy owns from now on.
nb::object array_of(std::unique_ptr<double[]> memory, std::initializer_list<std::size_t> shape) {
  double* data = memory.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<double*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, double>(data, shape, owner));
}

nb::object array_of(const std::vector<double>& values) {
  auto memory = std::make_unique<double[]>(values.size());
  std::copy(values.begin(), values.end(), memory.get());
  return array_of(std::move(memory), {values.size()});
}

// ---- distances ----

// A fit asks Python now and then whether the user wants to stop.
void stop_on_signal(Distance& distance) {
  watch_fit(distance, [](std::size_t, std::size_t, double) {
    nb::gil_scoped_acquire locked;
    if (PyErr_CheckSignals() != 0) throw nb::python_error();
  });
}

class BoundDistance {
 public:
  BoundDistance(const std::string& name, const OptionList& options, std::uint64_t seed)
      : spec_(spec_of(name, options)), distance_(make_distance(spec_, seed)) {
    stop_on_signal(*distance_);
  }

  nb::tuple measure(const Array& x, const Array& y, const std::optional<Vector>& a,
                    const std::optional<Vector>& b) const {
    const Sample first = sample_of(x, a), second = sample_of(y, b);
    Reading reading;
    {
      const Working working;
      reading = distance_->measure(first, second);
    }
    return tuple_of(reading);
  }

  // The reading, and its derivatives in the points and weights of the first sample, or of the second.
  nb::tuple gradient(const Array& x, const Array& y, const std::optional<Vector>& a,
                     const std::optional<Vector>& b, bool in_y) const {
    const Sample first = sample_of(x, a), second = sample_of(y, b);
    const Facts facts = facts_of(spec_);
    if (!facts.gradient_points && !facts.gradient_weights)
      throw RequestError("gradient: " + spec_.name + " has none; list_distances() names those that have");
    const std::size_t n = in_y ? second.n() : first.n(), d = first.d();
    auto points = std::make_unique<double[]>(n * d);
    auto weights = std::make_unique<double[]>(n);
    Gradient wanted;
    if (facts.gradient_points) wanted.points = {points.get(), n, d};
    if (facts.gradient_weights) wanted.weights = {weights.get(), n};
    Reading reading;
    {
      const Working working;
      reading =
          in_y ? distance_->measure_in_y(first, second, wanted) : distance_->measure(first, second, wanted);
    }
    nb::object of_points = nb::none(), of_weights = nb::none();
    if (facts.gradient_points) of_points = array_of(std::move(points), {n, d});
    if (facts.gradient_weights) of_weights = array_of(std::move(weights), {n});
    return nb::make_tuple(tuple_of(reading), of_points, of_weights);
  }

  nb::tuple test(const Array& x, const Array& y, std::size_t permutations, double level, std::uint64_t seed) {
    const Sample first = sample_of(x, {}), second = sample_of(y, {});
    const Facts facts = facts_of(spec_);
    PermutationOptions options;
    options.permutations = permutations, options.level = level, options.seed = seed;
    check_test(spec_.name, facts, first, second, options);
    PermutationTest found;
    {
      const Working working;
      found = permutation_test(*distance_, facts, first, second, options);
    }
    return nb::make_tuple(tuple_of(found.reading), found.p_value, found.reject, found.effect,
                          found.null_quantiles);
  }

 private:
  Spec spec_;
  std::unique_ptr<Distance> distance_;
};

nb::list rows_of(const std::vector<OptionRow>& options) {
  nb::list rows;
  for (const OptionRow& row : options)
    rows.append(nb::make_tuple(row.name, row.fallback, row.meaning, row.flag));
  return rows;
}

nb::list distance_rows() {
  nb::list rows;
  for (const DistanceEntry& entry : distances()) {
    nb::dict row;
    row["name"] = entry.name, row["title"] = entry.title, row["formula"] = entry.formula;
    row["source"] = entry.source, row["options"] = rows_of(entry.options);
    row["gradient"] = entry.facts.gradient_points, row["weighted"] = entry.facts.weighted;
    row["symmetric"] = entry.facts.symmetric, row["learned"] = entry.facts.learned;
    rows.append(row);
  }
  return rows;
}

// ---- known distributions ----

nb::tuple divergence_of(const std::string& name, const OptionList& options, const Vector& p, const Vector& q,
                        const std::optional<Vector>& positions, bool normalize, bool bits) {
  const Spec spec = spec_of(name, options);
  const DivergenceEntry& entry = find_divergence(spec.name);
  const MassRules rules{.normalize = normalize};
  const std::vector<double> first = distribution_of("p", span_of(p), rules),
                            second = distribution_of("q", span_of(q), rules);
  const std::span<const double> places = span_of(positions);
  if (first.size() != second.size() || (!places.empty() && places.size() != first.size()))
    throw RequestError(Complaint{"divergence",
                                 std::to_string(first.size()) + " masses in p, " +
                                     std::to_string(second.size()) + " in q, " +
                                     std::to_string(places.size()) + " positions",
                                 "the same number of each (or no positions)"});
  const double natural = make_divergence(spec)->measure({first, second, places});
  return nb::make_tuple(in_divergence_unit(entry, natural, bits), divergence_unit(entry, bits));
}

double entropy_of(const Vector& p, bool normalize) {
  return entropy(distribution_of("p", span_of(p), {.normalize = normalize}));
}

// ---- transport ----

nb::dict transport(const Array& x, const Array& y, const std::optional<Vector>& a,
                   const std::optional<Vector>& b, double p, bool normalize) {
  const Sample first = sample_of(x, a), second = sample_of(y, b);
  TransportResult r;
  {
    const Working working;
    r = solve_transport(first, second, {.p = p, .normalize = normalize});
  }
  std::vector<double> i, j, mass;
  for (const TransportArc& arc : r.plan)
    i.push_back(arc.source), j.push_back(arc.sink), mass.push_back(arc.mass);
  nb::dict found;
  found["value"] = r.value, found["dual"] = r.dual, found["gap"] = r.gap, found["method"] = r.method;
  found["i"] = array_of(i), found["j"] = array_of(j), found["mass"] = array_of(mass);
  found["u"] = array_of(r.u), found["v"] = array_of(r.v), found["warning"] = gap_warning(r.gap);
  return found;
}

void translate(const std::exception_ptr& problem, void*) {
  try {
    std::rethrow_exception(problem);
  } catch (const RequestError& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const Error& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
}

}  // namespace

NB_MODULE(_core, module) {
  using namespace nb::literals;
  nb::register_exception_translator(translate);
  nb::class_<BoundDistance>(module, "Distance")
      .def(nb::init<const std::string&, const OptionList&, std::uint64_t>())
      .def("measure", &BoundDistance::measure, "x"_a, "y"_a, "a"_a.none(), "b"_a.none())
      .def("gradient", &BoundDistance::gradient, "x"_a, "y"_a, "a"_a.none(), "b"_a.none(), "in_y"_a)
      .def("test", &BoundDistance::test);
  module.def("distance_rows", &distance_rows);
  module.def("divergence", &divergence_of, "name"_a, "options"_a, "p"_a, "q"_a, "positions"_a.none(),
             "normalize"_a, "bits"_a);
  module.def("entropy", &entropy_of);
  module.def("transport", &transport, "x"_a, "y"_a, "a"_a.none(), "b"_a.none(), "p"_a, "normalize"_a);
  module.def("set_threads", [](int count) {
    if (count < 0)
      throw RequestError(Complaint{"set_threads", std::to_string(count), "0 (all processors) or more"});
    process_threads().store(count);
  });
}

}  // namespace pushforward::python
