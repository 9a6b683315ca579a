// SPDX-License-Identifier: Apache-2.0
//
// Tables of DuckDB, Polars, PyArrow and others, by the Arrow C stream interface: columns of numbers, in
// chunks, become rows. Two structures and a stream of function pointers, which the producer fills and
// releases: https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html.
#include <cmath>
#include <cstdint>
#include <cstring>

#include "borrow.hpp"
#include "pushforward/error.hpp"

namespace pushforward::python {
namespace {

struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  std::int64_t flags, n_children;
  ArrowSchema** children;
  ArrowSchema* dictionary;
  void (*release)(ArrowSchema*);
  void* private_data;
};

struct ArrowArray {
  std::int64_t length, null_count, offset, n_buffers, n_children;
  const void** buffers;
  ArrowArray** children;
  ArrowArray* dictionary;
  void (*release)(ArrowArray*);
  void* private_data;
};

struct ArrowArrayStream {
  int (*get_schema)(ArrowArrayStream*, ArrowSchema* out);
  int (*get_next)(ArrowArrayStream*, ArrowArray* out);
  const char* (*get_last_error)(ArrowArrayStream*);
  void (*release)(ArrowArrayStream*);
  void* private_data;
};

// What a producer filled, released at the end.
template <class Filled>
struct Owned : Filled {
  Owned() : Filled{} {}
  Owned(Owned&& other) noexcept : Filled(other) { other.release = nullptr; }
  Owned& operator=(Owned&&) = delete;
  ~Owned() {
    if (this->release != nullptr) this->release(this);
  }
};

// ---- columns ----

double half_as_double(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31, fraction = bits & 1023;
  const double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == 31) return fraction ? NAN : sign * HUGE_VAL;
  return sign * (exponent ? std::ldexp(1024 + fraction, exponent - 25) : std::ldexp(fraction, -24));
}

bool bit_at(const void* bits, std::int64_t i) {
  return (static_cast<const unsigned char*>(bits)[i / 8] >> (i % 8)) & 1;
}

template <class T>
double at(const void* values, std::int64_t i) {
  return static_cast<double>(static_cast<const T*>(values)[i]);
}

using Getter = double (*)(const void* values, std::int64_t i);

// By the format's letter; null for what is no number.
Getter getter_of(const char* format) {
  if (format[0] == '\0' || format[1] != '\0') return nullptr;
  switch (format[0]) {
    case 'b':
      return [](const void* v, std::int64_t i) { return bit_at(v, i) ? 1.0 : 0.0; };
    case 'c':
      return at<std::int8_t>;
    case 'C':
      return at<std::uint8_t>;
    case 's':
      return at<std::int16_t>;
    case 'S':
      return at<std::uint16_t>;
    case 'i':
      return at<std::int32_t>;
    case 'I':
      return at<std::uint32_t>;
    case 'l':
      return at<std::int64_t>;
    case 'L':
      return at<std::uint64_t>;
    case 'e':
      return [](const void* v, std::int64_t i) {
        return half_as_double(static_cast<const std::uint16_t*>(v)[i]);
      };
    case 'f':
      return at<float>;
    case 'g':
      return at<double>;
    default:
      return nullptr;
  }
}

struct Column {
  std::string name;
  Getter get;
};

std::string kind_of(const ArrowSchema& schema) {
  const std::string format = schema.format;
  if (schema.dictionary != nullptr) return "categories";
  if (format == "u" || format == "U" || format == "vu") return "text";
  if (format.starts_with('t')) return "dates or times";
  if (format.starts_with("d:")) return "decimals";
  if (format.starts_with('+')) return "lists";
  return "values of Arrow format '" + format + "'";
}

Column column_of(const ArrowSchema& schema, const std::string& where) {
  const std::string name = schema.name ? schema.name : "";
  const Getter get = schema.dictionary != nullptr ? nullptr : getter_of(schema.format);
  if (get == nullptr)
    throw nb::type_error(
        (where + ": got " + kind_of(schema) + " in column '" + name + "', wanted numbers").c_str());
  return {name, get};
}

// ---- the stream ----

void check(ArrowArrayStream& stream, int status, const std::string& where) {
  if (status == 0) return;
  if (PyErr_Occurred() != nullptr) throw nb::python_error();
  const char* said = stream.get_last_error ? stream.get_last_error(&stream) : nullptr;
  throw WorkError(Complaint{where, said ? said : std::strerror(status), "an Arrow stream that can be read"});
}

bool is_table(const ArrowSchema& schema) { return std::strcmp(schema.format, "+s") == 0; }

void want_no_nulls(const ArrowArray& values, std::int64_t offset, std::int64_t length,
                   const std::string& where, const std::string& column, std::size_t first_row) {
  const void* valid = values.n_buffers > 0 ? values.buffers[0] : nullptr;
  if (values.null_count == 0 || valid == nullptr) return;
  for (std::int64_t i = 0; i < length; ++i)
    if (!bit_at(valid, offset + i))
      throw RequestError(Complaint{where,
                                   "nothing in column '" + column + "', row " +
                                       std::to_string(first_row + static_cast<std::size_t>(i)) +
                                       " (counting from 0)",
                                   "a number in every place"});
}

struct Table {
  std::vector<Column> columns;
  std::vector<Owned<ArrowArray>> chunks;
  bool nested = false, single = true;  // columns are children; all of them are float32
  std::size_t rows = 0;

  const ArrowArray& values(const ArrowArray& chunk, std::size_t c) const {
    return nested ? *chunk.children[c] : chunk;
  }
  // Where a chunk begins in a column's buffers.
  std::int64_t offset(const ArrowArray& chunk, std::size_t c) const {
    return nested ? chunk.offset + chunk.children[c]->offset : chunk.offset;
  }
  // Throws for places without a value.
  void add(Owned<ArrowArray> chunk, const std::string& where) {
    if (nested) want_no_nulls(chunk, chunk.offset, chunk.length, where, "(the whole row)", rows);
    for (std::size_t c = 0; c < columns.size(); ++c)
      want_no_nulls(values(chunk, c), offset(chunk, c), chunk.length, where, columns[c].name, rows);
    rows += static_cast<std::size_t>(chunk.length);
    chunks.push_back(std::move(chunk));
  }
};

Table read(ArrowArrayStream& stream, const std::string& where) {
  Owned<ArrowSchema> schema;
  check(stream, stream.get_schema(&stream, &schema), where);
  Table table;
  table.nested = is_table(schema);
  const auto add = [&](const ArrowSchema& column) {
    table.columns.push_back(column_of(column, where));
    table.single &= std::strcmp(column.format, "f") == 0;
  };
  if (!table.nested) add(schema);
  for (std::int64_t c = 0; table.nested && c < schema.n_children; ++c) add(*schema.children[c]);
  for (;;) {
    Owned<ArrowArray> chunk;
    check(stream, stream.get_next(&stream, &chunk), where);
    if (chunk.release == nullptr) return table;
    table.add(std::move(chunk), where);
  }
}

template <class T>
nb::object rows_of(const Table& table) {
  const std::size_t d = table.columns.size();
  auto memory = std::make_unique<T[]>(table.rows * d);
  std::size_t first = 0;
  for (const ArrowArray& chunk : table.chunks) {
    const auto length = static_cast<std::size_t>(chunk.length);
    for (std::size_t c = 0; c < d; ++c) {
      const ArrowArray& values = table.values(chunk, c);
      const std::int64_t offset = table.offset(chunk, c);
      for (std::size_t i = 0; i < length; ++i)
        memory[(first + i) * d + c] =
            static_cast<T>(table.columns[c].get(values.buffers[1], offset + static_cast<std::int64_t>(i)));
    }
    first += length;
  }
  T* data = memory.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(data, {table.rows, d}, owner));
}

// The rows of what `__arrow_c_stream__` gave; float32 where every column is.
nb::object read_arrow(const nb::capsule& capsule, const std::string& where) {
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
  if (stream == nullptr) throw nb::python_error();
  const Table table = read(*stream, where);
  return table.single ? rows_of<float>(table) : rows_of<double>(table);
}

}  // namespace

void bind_arrow(nb::module_& module) {
  using namespace nb::literals;
  module.def("read_arrow", &read_arrow, "stream"_a, "where"_a,
             nb::sig("def read_arrow(stream: typing.Any, where: str) -> typing.Any"));
}

}  // namespace pushforward::python
