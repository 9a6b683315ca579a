// SPDX-License-Identifier: Apache-2.0
// Arrow streams as rows of numbers, and as CSV for the reader of tables.
#include "arrow.hpp"

#include <algorithm>
#include <cstring>

#include "io/csv.hpp"
#include "pushforward/error.hpp"

namespace pushforward::python {
namespace {

void check(ArrowArrayStream& stream, int status, const std::string& where) {
  if (status == 0) return;
  if (PyErr_Occurred() != nullptr) throw nb::python_error();
  const char* said = stream.get_last_error ? stream.get_last_error(&stream) : nullptr;
  throw WorkError(Complaint{where, said ? said : std::strerror(status), "an Arrow stream that can be read"});
}

std::string name_of(const ArrowSchema& schema) { return schema.name ? schema.name : ""; }

[[noreturn]] void refuse(const std::string& where, const ArrowColumn& column, const std::string& wanted) {
  throw nb::type_error(
      (where + ": got " + column.kind() + " in column '" + column.name() + "', wanted " + wanted).c_str());
}

}  // namespace

ArrowTable::ArrowTable(const nb::capsule& capsule, std::string where) : where_(std::move(where)) {
  auto* stream = static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(capsule.ptr(), "arrow_array_stream"));
  if (stream == nullptr) throw nb::python_error();
  Owned<ArrowSchema> schema;
  check(*stream, stream->get_schema(stream, &schema), where_);
  nested_ = std::strcmp(schema.format, "+s") == 0;
  if (!nested_) columns_.emplace_back(schema, name_of(schema));
  for (std::int64_t c = 0; nested_ && c < schema.n_children; ++c)
    columns_.emplace_back(*schema.children[c], name_of(*schema.children[c]));
  for (;;) {
    Owned<ArrowArray> chunk;
    check(*stream, stream->get_next(stream, &chunk), where_);
    if (chunk.release == nullptr) return;
    rows_ += static_cast<std::size_t>(chunk.length);
    chunks_.push_back(std::move(chunk));
  }
}

bool ArrowTable::words() const {
  return std::ranges::any_of(columns_, [](const ArrowColumn& column) { return !column.number(); });
}

bool ArrowTable::gaps() const {
  for (const ArrowArray& chunk : chunks_)
    for (std::size_t c = 0; c < columns_.size(); ++c)
      for (std::int64_t i = 0; values(chunk, c).null_count != 0 && i < chunk.length; ++i)
        if (is_null(values(chunk, c), offset(chunk, c) + i)) return true;
  return false;
}

std::vector<std::string> ArrowTable::names() const {
  std::vector<std::string> found;
  for (const ArrowColumn& column : columns_) found.push_back(column.name());
  return found;
}

void ArrowTable::want_no_nulls() const {
  const auto refuse_row = [&](const std::string& column, std::size_t row) {
    throw RequestError(Complaint{
        where_, "nothing in column '" + column + "', row " + std::to_string(row) + " (counting from 0)",
        "a number in every place"});
  };
  std::size_t first = 0;
  for (const ArrowArray& chunk : chunks_) {
    const auto look = [&](const ArrowArray& array, std::int64_t offset, const std::string& name) {
      for (std::int64_t i = 0; array.null_count != 0 && i < chunk.length; ++i)
        if (is_null(array, offset + i)) refuse_row(name, first + static_cast<std::size_t>(i));
    };
    if (nested_) look(chunk, chunk.offset, "(the whole row)");
    for (std::size_t c = 0; c < columns_.size(); ++c)
      look(values(chunk, c), offset(chunk, c), columns_[c].name());
    first += static_cast<std::size_t>(chunk.length);
  }
}

// ---- numbers ----

template <class T>
nb::object ArrowTable::rows() const {
  const std::size_t d = columns_.size();
  auto memory = std::make_unique<T[]>(rows_ * d);
  std::size_t first = 0;
  for (const ArrowArray& chunk : chunks_) {
    const auto length = static_cast<std::size_t>(chunk.length);
    for (std::size_t c = 0; c < d; ++c) {
      const ArrowArray& from = values(chunk, c);
      const std::int64_t begin = offset(chunk, c);
      for (std::size_t i = 0; i < length; ++i)
        memory[(first + i) * d + c] =
            static_cast<T>(columns_[c].number_at(from, begin + static_cast<std::int64_t>(i)));
    }
    first += length;
  }
  T* data = memory.release();
  nb::capsule owner(data, [](void* p) noexcept { delete[] static_cast<T*>(p); });
  return nb::cast(nb::ndarray<nb::numpy, T>(data, {rows_, d}, owner));
}

nb::object ArrowTable::numbers() const {
  for (const ArrowColumn& column : columns_)
    if (!column.number()) refuse(where_, column, "numbers");
  want_no_nulls();
  return std::ranges::all_of(columns_, &ArrowColumn::single) ? rows<float>() : rows<double>();
}

// ---- text ----

void ArrowTable::want_text() const {
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (!columns_[c].has_text())
      refuse(where_, columns_[c], "numbers, truth values, text, categories or dates");
    for (std::size_t other = 0; other < c; ++other)
      if (columns_[other].name() == columns_[c].name())
        throw RequestError(Complaint{where_, "two columns '" + columns_[c].name() + "'",
                                     "one name a column, and no other one of it"});
  }
}

bool ArrowTable::only_days(std::size_t c) const {
  for (const ArrowArray& chunk : chunks_)
    for (std::int64_t i = 0; i < chunk.length; ++i)
      if (!columns_[c].at_midnight(values(chunk, c), offset(chunk, c) + i)) return false;
  return true;
}

std::string ArrowTable::text() const {
  want_text();
  const auto line_of = [&](const auto& cell) {
    std::string line;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      if (c > 0) line += ',';
      io::append_cell(line, cell(c), ',');
    }
    return (line.empty() ? "\"\"" : line) + '\n';  // an empty line would be no row
  };
  std::string text = line_of([&](std::size_t c) { return columns_[c].name(); });
  std::vector<char> days(columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) days[c] = only_days(c);
  for (const ArrowArray& chunk : chunks_)
    for (std::int64_t i = 0; i < chunk.length; ++i) {
      const bool gone = nested_ && is_null(chunk, chunk.offset + i);
      text += line_of([&](std::size_t c) {
        return gone ? std::string()
                    : columns_[c].text_at(values(chunk, c), offset(chunk, c) + i, days[c] != 0);
      });
    }
  return text;
}

void bind_arrow(nb::module_& module) {
  using namespace nb::literals;
  nb::class_<ArrowTable>(module, "ArrowTable", "What `__arrow_c_stream__` gave.")
      .def(nb::init<const nb::capsule&, std::string>(), "stream"_a, "where"_a,
           nb::sig("def __init__(self, stream: typing.Any, where: str) -> None"))
      .def_prop_ro("words", &ArrowTable::words, "Whether a column is more than numbers.")
      .def_prop_ro("gaps", &ArrowTable::gaps, "Whether cells are missing.")
      .def_prop_ro("columns", &ArrowTable::names)
      .def("numbers", &ArrowTable::numbers, nb::sig("def numbers(self) -> typing.Any"))
      .def("text", [](const ArrowTable& table) {
        const std::string text = table.text();
        return nb::bytes(text.data(), text.size());
      });
}

}  // namespace pushforward::python
