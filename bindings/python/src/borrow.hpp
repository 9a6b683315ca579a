// SPDX-License-Identifier: Apache-2.0
//
// What crosses the border between Python and the library: arrays are borrowed on the way in and owned by
// NumPy on the way out, options are texts, fields are dictionaries, and work runs without the interpreter's
// lock.
//
// The package's Python files hand in C-order float32 or float64 arrays; nothing here converts or copies
// points.
#pragma once

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "pushforward/fields.hpp"
#include "pushforward/sample.hpp"
#include "pushforward/spec.hpp"
#include "pushforward/threads.hpp"

namespace pushforward::python {

namespace nb = nanobind;

using Array = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;
using Vector = nb::ndarray<const double, nb::c_contig, nb::device::cpu>;
using MaybeVector = std::optional<Vector>;
using OptionList = std::vector<std::pair<std::string, std::string>>;

/// The library counts threads for each caller's thread; Python's users mean the process. 0: all processors.
std::atomic<int>& process_threads();

/// Around work of the library: the process's number of threads, and no lock.
struct Working {
  Working() { set_threads(process_threads().load()); }
  nb::gil_scoped_release released{};
};

/// The same for work on an object that two threads may not use at once, such as a network that is told
/// conditions: the second one waits, without the lock. What the work calls back may use the object again.
struct WorkingOn {
  explicit WorkingOn(const void* object);
  Working working{};
  std::unique_lock<std::recursive_mutex> alone;
};

/// Throws what Python raised, KeyboardInterrupt above all. Takes the lock.
void stop_on_signal();

// ---- Python to the library ----

/// n points of R^d: a matrix, or matrix `problem` of B × n × d (a matrix alone is every problem's).
Points points_of(const Array& array, std::size_t problem = 0);
/// All of them as one sample of B·n points.
Points pooled_points_of(const Array& array);
/// Of a vector, or row `problem` of B × n; empty for none.
std::span<const double> numbers_of(const MaybeVector& vector, std::size_t problem = 0);
inline Sample sample_of(const Array& points, const MaybeVector& weights, std::size_t problem = 0) {
  return {points_of(points, problem), numbers_of(weights, problem)};
}
/// NAME may be a whole SPEC; keyword options come after its own.
Spec spec_of(const std::string& name, const OptionList& options);
/// As dict_of wrote them.
Fields fields_of(const nb::dict& dict);

// ---- the library to Python ----

nb::dict dict_of(const Fields& fields);
/// Memory that NumPy owns from now on.
nb::object array_of(std::unique_ptr<double[]> memory, std::initializer_list<std::size_t> shape);
nb::object array_of(std::span<const double> values);
nb::object array_of(View<const double> values);
nb::object array_of(const Matrix<double>& values);

// ---- the module's parts ----

void bind_arrow(nb::module_& module);
void bind_barycenters(nb::module_& module);
void bind_critics(nb::module_& module);
void bind_densities(nb::module_& module);
void bind_distances(nb::module_& module);
void bind_known(nb::module_& module);
void bind_models(nb::module_& module);
void bind_pages(nb::module_& module);
void bind_readings(nb::module_& module);
void bind_tables(nb::module_& module);
void bind_transport(nb::module_& module);

}  // namespace pushforward::python
