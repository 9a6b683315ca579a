// SPDX-License-Identifier: Apache-2.0
//
// The extension module: what every file of this folder binds, errors, and the number of threads. No
// arithmetic; the functions and classes that a user sees are in the package's Python files.
#include <nanobind/nanobind.h>

#include "borrow.hpp"
#include "core/memory.hpp"
#include "pushforward/error.hpp"

namespace pushforward::python {
namespace {

// The library's sentence, as the kind of exception that Python has for it.
void translate(const std::exception_ptr& problem, void*) {
  try {
    std::rethrow_exception(problem);
  } catch (const MemoryError& error) {
    PyErr_SetString(PyExc_MemoryError, error.what());
  } catch (const RequestError& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const Error& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
}

void set_process_threads(int count) {
  if (count < 0)
    throw RequestError(Complaint{"set_threads", std::to_string(count), "0 (all processors) or more"});
  process_threads().store(count);
}

}  // namespace

NB_MODULE(_core, module) {
  using namespace nb::literals;
  nb::register_exception_translator(translate);
  bind_readings(module);
  bind_distances(module);
  bind_critics(module);
  bind_known(module);
  bind_models(module);
  bind_pages(module);
  bind_densities(module);
  bind_transport(module);
  bind_barycenters(module);
  bind_arrow(module);
  bind_tables(module);
  module.def(
      "set_threads", &set_process_threads, "count"_a,
      "How many threads the library may use from now on, in every thread of Python; 0: all processors.");
}

}  // namespace pushforward::python
