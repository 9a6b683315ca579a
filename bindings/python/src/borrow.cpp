// SPDX-License-Identifier: Apache-2.0
#include "borrow.hpp"

#include <algorithm>
#include <array>

namespace pushforward::python {
namespace {

FieldValue value_of(nb::handle object) {
  if (nb::isinstance<nb::bool_>(object)) return nb::cast<bool>(object);
  if (nb::isinstance<nb::int_>(object)) return nb::cast<long long>(object);
  if (nb::isinstance<nb::float_>(object)) return nb::cast<double>(object);
  if (nb::isinstance<nb::str>(object)) return nb::cast<std::string>(object);
  if (nb::isinstance<nb::dict>(object)) return fields_of(nb::borrow<nb::dict>(object));
  return nb::cast<std::vector<double>>(object);
}

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

template <class T>
Points slice(const Array& array, std::size_t first, std::size_t n, std::size_t d) {
  return View<const T>{static_cast<const T*>(array.data()) + first * d, n, d};
}

Points rows_of(const Array& array, std::size_t first, std::size_t n, std::size_t d) {
  if (array.dtype() == nb::dtype<float>()) return slice<float>(array, first, n, d);
  if (array.dtype() == nb::dtype<double>()) return slice<double>(array, first, n, d);
  throw nb::type_error("points: got another type, wanted float32 or float64");
}

}  // namespace

std::atomic<int>& process_threads() {
  static std::atomic<int> count{0};
  return count;
}

// A few locks for all objects: two that share one only wait for each other.
WorkingOn::WorkingOn(const void* object) {
  static std::array<std::recursive_mutex, 64> locks;
  alone = std::unique_lock(locks[std::hash<const void*>{}(object) / 64 % locks.size()]);
}

void stop_on_signal() {
  const nb::gil_scoped_acquire locked;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();
}

Points points_of(const Array& array, std::size_t problem) {
  if (array.ndim() == 2) return rows_of(array, 0, array.shape(0), array.shape(1));
  return rows_of(array, problem * array.shape(1), array.shape(1), array.shape(2));
}

Points pooled_points_of(const Array& array) {
  if (array.ndim() == 2) return points_of(array);
  return rows_of(array, 0, array.shape(0) * array.shape(1), array.shape(2));
}

std::span<const double> numbers_of(const MaybeVector& vector, std::size_t problem) {
  if (!vector) return {};
  if (vector->ndim() == 1) return {vector->data(), vector->shape(0)};
  return {vector->data() + problem * vector->shape(1), vector->shape(1)};
}

Spec spec_of(const std::string& name, const OptionList& options) {
  Spec spec = parse_spec(name);
  spec.options.insert(spec.options.end(), options.begin(), options.end());
  return spec;
}

Fields fields_of(const nb::dict& dict) {
  Fields fields;
  for (const auto& [key, value] : dict) {
    fields.emplace_back(nb::cast<std::string>(key), false);
    fields.back().value = value_of(value);
  }
  return fields;
}

nb::dict dict_of(const Fields& fields) {
  nb::dict dict;
  for (const Field& field : fields) dict[nb::cast(field.key)] = object_of(field.value);
  return dict;
}

nb::object array_of(std::unique_ptr<double[]> memory, std::initializer_list<std::size_t> shape) {
  double* data = memory.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<double*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, double>(data, shape, owner));
}

nb::object array_of(std::span<const double> values) {
  auto memory = std::make_unique<double[]>(values.size());
  std::copy(values.begin(), values.end(), memory.get());
  return array_of(std::move(memory), {values.size()});
}

nb::object array_of(View<const double> values) {
  auto memory = std::make_unique<double[]>(values.size());
  std::copy_n(values.data, values.size(), memory.get());
  return array_of(std::move(memory), {values.rows, values.cols});
}

nb::object array_of(const Matrix<double>& values) { return array_of(values.view()); }

}  // namespace pushforward::python
