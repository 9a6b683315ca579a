// SPDX-License-Identifier: Apache-2.0
//
// What every array format boils down to: a type, a shape, and bytes in some order.
//
// NPY, IDX and safetensors differ in their headers only. A reader checks its header against the bytes that
// are there and hands out an ArrayView, which borrows them; `to_matrix` decodes once, into the memory that
// the data will live in. Numbers keep their precision: float16 becomes float32 exactly, 32-bit integers
// become float64, and a 64-bit integer that float64 cannot hold (beyond 2^53) is refused, never rounded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "io/bytes.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::io {

enum class Dtype : std::uint8_t { boolean, i8, i16, i32, i64, u8, u16, u32, u64, f16, f32, f64 };

/// Bytes of one element.
std::size_t size_of(Dtype dtype);
/// "float32", "uint8", …
std::string_view name_of(Dtype dtype);
/// "(60000, 28, 28)".
std::string text_of_shape(std::span<const std::size_t> shape);

template <class T>
constexpr Dtype dtype_of() {
  if constexpr (std::is_same_v<T, bool>) return Dtype::boolean;
  if constexpr (std::is_same_v<T, float>) return Dtype::f32;
  if constexpr (std::is_same_v<T, double>) return Dtype::f64;
  if constexpr (std::is_integral_v<T> && std::is_signed_v<T>)
    return sizeof(T) == 1   ? Dtype::i8
           : sizeof(T) == 2 ? Dtype::i16
           : sizeof(T) == 4 ? Dtype::i32
                            : Dtype::i64;
  return sizeof(T) == 1 ? Dtype::u8 : sizeof(T) == 2 ? Dtype::u16 : sizeof(T) == 4 ? Dtype::u32 : Dtype::u64;
}

/// An array that somebody else's bytes hold; `bytes` has exactly the size that dtype and shape say.
struct ArrayView {
  Dtype dtype = Dtype::f32;
  std::vector<std::size_t> shape{};
  ByteSpan bytes{};
  bool swapped = false;  ///< the byte order is not this machine's
  bool fortran = false;  ///< the first axis runs fastest

  std::size_t count() const { return bytes.size() / size_of(dtype); }
  /// Length of the first axis; 1 for a single number.
  std::size_t rows() const { return shape.empty() ? 1 : shape[0]; }
  /// Elements of one row.
  std::size_t cols() const;

  ArrayView() = default;
  /// Borrows native memory, for writing. An empty shape means one axis.
  template <class T>
  ArrayView(std::span<const T> values, std::vector<std::size_t> axes = {})
      : dtype(dtype_of<T>()),
        shape(axes.empty() ? std::vector<std::size_t>{values.size()} : std::move(axes)),
        bytes(reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()) {}
  template <class T>
  ArrayView(const std::vector<T>& values) : ArrayView(std::span<const T>(values)) {}
  template <class T>
  ArrayView(View<const T> m) : ArrayView(std::span<const T>(m.data, m.size()), {m.rows, m.cols}) {}
  template <class T>
  ArrayView(const Matrix<T>& m) : ArrayView(m.view()) {}
};

/// Bytes that an array of this type and shape takes; RequestError where that overflows.
std::size_t bytes_needed(Dtype dtype, std::span<const std::size_t> shape, std::string_view where);

/// Decodes into `out` (count() elements, C order). T is float, double, std::uint8_t, std::int32_t or
/// std::int64_t. Floats may be rounded to T; whole numbers must fit exactly, and a T of integers takes only
/// whole numbers: RequestError names the element otherwise. NaN and infinities pass.
template <class T>
void decode(const ArrayView& array, std::span<T> out, std::string_view where);

/// The array as rows() × cols().
template <class T>
Matrix<T> to_matrix(const ArrayView& array, std::string_view where) {
  Matrix<T> out;
  out.resize(array.rows(), array.cols());
  decode<T>(array, out.span(), where);
  return out;
}
/// The array's elements in C order.
template <class T>
std::vector<T> to_vector(const ArrayView& array, std::string_view where) {
  std::vector<T> out(array.count());
  decode<T>(array, std::span<T>(out), where);
  return out;
}

/// Bytes of a file, and the array that they hold.
struct ArrayFile {
  Bytes bytes{};
  ArrayView array{};
};

}  // namespace pushforward::io
