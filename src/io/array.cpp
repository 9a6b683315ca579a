// SPDX-License-Identifier: Apache-2.0
// Decoding of arrays: types, byte orders and axis orders in one loop.
#include "io/array.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pushforward::io {
namespace {

struct Half {
  std::uint16_t bits;
};
struct Truth {
  std::uint8_t byte;
};

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. Every value is exact in float32.
float widen(Half half) {
  const int exponent = half.bits >> 10 & 31, fraction = half.bits & 1023;
  const float sign = (half.bits & 0x8000) != 0 ? -1.0f : 1.0f;
  if (exponent == 31)
    return fraction != 0 ? std::numeric_limits<float>::quiet_NaN()
                         : sign * std::numeric_limits<float>::infinity();
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
}

template <class S>
auto load(const std::uint8_t* at, bool swapped) {
  std::array<std::uint8_t, sizeof(S)> raw;
  std::memcpy(raw.data(), at, sizeof(S));
  if (swapped) std::reverse(raw.begin(), raw.end());
  if constexpr (std::is_same_v<S, Half>)
    return widen(std::bit_cast<Half>(raw));
  else if constexpr (std::is_same_v<S, Truth>)
    return static_cast<std::uint8_t>(raw[0] != 0);
  else
    return std::bit_cast<S>(raw);
}

// The value as a T, or false where T cannot hold it; see the header.
template <class T, class S>
bool convert(S value, T& out) {
  if constexpr (std::is_floating_point_v<S> && std::is_integral_v<T>) {
    constexpr double low = static_cast<double>(std::numeric_limits<T>::min());
    // One past the largest: a power of two, exact, where the largest itself would be rounded up.
    constexpr double past = 2.0 * static_cast<double>(std::numeric_limits<T>::max() / 2 + 1);
    const auto wide = static_cast<double>(value);
    if (!(wide >= low && wide < past) || std::trunc(wide) != wide) return false;
  } else if constexpr (std::is_integral_v<S> && std::is_floating_point_v<T>) {
    constexpr int digits = std::numeric_limits<T>::digits;
    if constexpr (std::numeric_limits<S>::digits > digits) {
      constexpr auto most = static_cast<S>(S{1} << digits);
      if (value > most) return false;
      if constexpr (std::is_signed_v<S>)
        if (value < -most) return false;
    }
  } else if constexpr (std::is_integral_v<S>) {
    if (!std::in_range<T>(value)) return false;
  }
  out = static_cast<T>(value);
  return true;
}

template <class F>
void visit_dtype(Dtype dtype, F&& f) {
  switch (dtype) {
    case Dtype::boolean:
      return f(Truth{});
    case Dtype::u8:
      return f(std::uint8_t{});
    case Dtype::i8:
      return f(std::int8_t{});
    case Dtype::i16:
      return f(std::int16_t{});
    case Dtype::i32:
      return f(std::int32_t{});
    case Dtype::i64:
      return f(std::int64_t{});
    case Dtype::u16:
      return f(std::uint16_t{});
    case Dtype::u32:
      return f(std::uint32_t{});
    case Dtype::u64:
      return f(std::uint64_t{});
    case Dtype::f16:
      return f(Half{});
    case Dtype::f32:
      return f(float{});
    case Dtype::f64:
      return f(double{});
  }
}

// Walks a Fortran-ordered array in C order, keeping the element's position in memory.
class FortranWalk {
 public:
  explicit FortranWalk(const std::vector<std::size_t>& shape) : shape_(shape), at_(shape.size(), 0) {
    std::size_t stride = 1;
    for (std::size_t length : shape) strides_.push_back(stride), stride *= length;
  }
  std::size_t position() const { return position_; }
  void next() {
    for (std::size_t axis = shape_.size(); axis-- > 0;) {
      position_ += strides_[axis];
      if (++at_[axis] < shape_[axis]) return;
      position_ -= strides_[axis] * shape_[axis];
      at_[axis] = 0;
    }
  }

 private:
  const std::vector<std::size_t>& shape_;
  std::vector<std::size_t> at_, strides_{};
  std::size_t position_ = 0;
};

[[noreturn]] void refuse_element(const ArrayView& array, std::size_t index, std::string_view wanted,
                                 std::string_view where) {
  std::string place = fmt::format("{}: element {}", where, index);
  if (array.shape.size() > 1)
    place = fmt::format("{}: row {}, element {}", where, index / array.cols() + 1, index % array.cols() + 1);
  throw RequestError(
      Complaint{place, fmt::format("a {} out of range", name_of(array.dtype)), std::string(wanted)});
}

template <class T>
std::string wanted_of() {
  if constexpr (std::is_floating_point_v<T>)
    return fmt::format("whole numbers up to 2^{}", std::numeric_limits<T>::digits);
  else
    return fmt::format("whole numbers from {} to {}", std::numeric_limits<T>::min(),
                       std::numeric_limits<T>::max());
}

template <class T, class S>
void decode_as(const ArrayView& array, std::span<T> out, std::string_view where) {
  const auto put = [&](std::size_t i, std::size_t position) {
    if (!convert<T>(load<S>(array.bytes.data() + position * sizeof(S), array.swapped), out[i]))
      refuse_element(array, i, wanted_of<T>(), where);
  };
  if (!array.fortran || array.shape.size() < 2) {
    for (std::size_t i = 0; i < out.size(); ++i) put(i, i);
    return;
  }
  FortranWalk walk(array.shape);
  for (std::size_t i = 0; i < out.size(); ++i, walk.next()) put(i, walk.position());
}

}  // namespace

std::size_t size_of(Dtype dtype) {
  std::size_t size = 0;
  visit_dtype(dtype, [&](auto element) { size = sizeof element; });
  return size;
}

std::string_view name_of(Dtype dtype) {
  constexpr std::string_view names[] = {"bool",   "int8",   "int16",  "int32",   "int64",   "uint8",
                                        "uint16", "uint32", "uint64", "float16", "float32", "float64"};
  return names[static_cast<std::size_t>(dtype)];
}

std::string text_of_shape(std::span<const std::size_t> shape) {
  return fmt::format("({}{})", fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
}

std::size_t ArrayView::cols() const {
  std::size_t product = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) product *= shape[axis];
  return product;
}

std::size_t bytes_needed(Dtype dtype, std::span<const std::size_t> shape, std::string_view where) {
  std::size_t product = size_of(dtype);
  bool none = false;
  // An axis of length 0 must not hide a product of the others that overflows.
  for (std::size_t length : shape) {
    if (length == 0)
      none = true;
    else
      product = checked_product(product, length, where);
  }
  return none ? 0 : product;
}

template <class T>
void decode(const ArrayView& array, std::span<T> out, std::string_view where) {
  if (out.size() != array.count() || array.bytes.size() != array.count() * size_of(array.dtype))
    throw RequestError(Complaint{std::string(where), fmt::format("room for {} elements", out.size()),
                                 fmt::format("{}", array.count())});
  const bool plain = !array.swapped && (!array.fortran || array.shape.size() < 2);
  if (plain && array.dtype == dtype_of<T>() && !out.empty()) {
    std::memcpy(out.data(), array.bytes.data(), array.bytes.size());
    return;
  }
  visit_dtype(array.dtype, [&]<class S>(S) { decode_as<T, S>(array, out, where); });
}

template void decode<float>(const ArrayView&, std::span<float>, std::string_view);
template void decode<double>(const ArrayView&, std::span<double>, std::string_view);
template void decode<std::uint8_t>(const ArrayView&, std::span<std::uint8_t>, std::string_view);
template void decode<std::int32_t>(const ArrayView&, std::span<std::int32_t>, std::string_view);
template void decode<std::int64_t>(const ArrayView&, std::span<std::int64_t>, std::string_view);

}  // namespace pushforward::io
