// SPDX-License-Identifier: Apache-2.0
//
// Tables of DuckDB, Polars, PyArrow and others, by the Arrow C stream interface: two structures and a stream
// of function pointers, which the producer fills and releases:
// https://arrow.apache.org/docs/format/CDataInterface.html and CStreamInterface.html.
#pragma once

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "borrow.hpp"

namespace pushforward::python {

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

/// What a producer filled, released at the end.
template <class Filled>
struct Owned : Filled {
  Owned() : Filled{} {}
  Owned(Owned&& other) noexcept : Filled(other) { other.release = nullptr; }
  Owned& operator=(Owned&&) = delete;
  ~Owned() {
    if (this->release != nullptr) this->release(this);
  }
};

inline bool bit_at(const void* bits, std::int64_t i) {
  return (static_cast<const unsigned char*>(bits)[i / 8] >> (i % 8)) & 1;
}

/// Whether place i of an array's buffers, offset included, has no value.
inline bool is_null(const ArrowArray& values, std::int64_t i) {
  const void* valid = values.n_buffers > 0 && values.null_count != 0 ? values.buffers[0] : nullptr;
  return valid != nullptr && !bit_at(valid, i);
}

/// One column of a stream's table: reads a place of its buffers, offset included.
class ArrowColumn {
 public:
  ArrowColumn(const ArrowSchema& schema, std::string name);

  const std::string& name() const { return name_; }
  bool number() const;
  bool single() const { return format_ == "f"; }
  /// "text", "categories", "lists", …
  std::string kind() const;
  /// Of a column of numbers, where there is a value.
  double number_at(const ArrowArray& values, std::int64_t i) const;

  /// Whether a CSV can have it: numbers, truth values, text, categories, dates.
  bool has_text() const;
  /// Days since 1970 are whole where there are only dates; see text_at.
  bool at_midnight(const ArrowArray& values, std::int64_t i) const;
  /// As a cell of a CSV would be before it is quoted; empty where there is no value. Times have seconds.
  std::string text_at(const ArrowArray& values, std::int64_t i, bool days) const;

 private:
  using Getter = double (*)(const void* values, std::int64_t i);
  bool decimal() const { return decimal_bits_ > 0; }
  bool date() const { return per_second_ != 0; }
  std::string decimal_text(const void* values, std::int64_t i) const;
  std::int64_t seconds_at(const ArrowArray& values, std::int64_t i) const;

  std::string name_, format_;
  Getter get_ = nullptr;
  int decimal_bits_ = 0, decimals_ = 0;
  std::int64_t per_second_ = 0;  ///< ticks of a time; −1: it counts days
  std::unique_ptr<ArrowColumn> categories_{};
};

/// All that a stream gave, in chunks.
class ArrowTable {
 public:
  ArrowTable(const nb::capsule& stream, std::string where);
  ArrowTable(ArrowTable&&) = default;  // what a producer filled has one owner

  /// Whether a column is more than numbers, and whether cells are missing.
  bool words() const;
  bool gaps() const;
  std::vector<std::string> names() const;
  /// The rows; float32 where every column is. Throws for what is no number.
  nb::object numbers() const;
  /// The same as a CSV with a header.
  std::string text() const;

 private:
  template <class T>
  nb::object rows() const;
  const ArrowArray& values(const ArrowArray& chunk, std::size_t c) const {
    return nested_ ? *chunk.children[c] : chunk;
  }
  // Where a chunk begins in a column's buffers.
  std::int64_t offset(const ArrowArray& chunk, std::size_t c) const {
    return nested_ ? chunk.offset + chunk.children[c]->offset : chunk.offset;
  }
  void want_no_nulls() const;
  void want_text() const;
  bool only_days(std::size_t c) const;

  std::string where_;
  std::vector<ArrowColumn> columns_{};
  std::vector<Owned<ArrowArray>> chunks_{};
  bool nested_ = false;  ///< columns are children
  std::size_t rows_ = 0;
};

}  // namespace pushforward::python
