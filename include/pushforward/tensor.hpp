// SPDX-License-Identifier: Apache-2.0
//
// Matrices whose rows are observations.
//
// Everything here is row-major and two-dimensional: a batch of B images of height H, width W and C channels
// is a B × (H·W·C) matrix, channels last. `Matrix` owns its elements (64-byte aligned, for vector loads);
// `View` borrows them. float32 for networks, float32 or float64 for samples.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(default)
namespace pushforward {

/// Alignment of every buffer that the library allocates, in bytes: one cache line, one AVX-512 register.
inline constexpr std::size_t kAlignment = 64;
/// Alignment of buffers of twice that size and more: a large page, so that the first touch costs few page
/// faults (on virtual machines they are dear: a third of the time of sorting a million numbers).
inline constexpr std::size_t kLargePage = std::size_t{2} << 20;

/// Asks the system for large pages under [data, data + bytes). Only a hint; call before the first touch.
void advise_large_pages(void* data, std::size_t bytes);

/// Memory of ::operator new, which is given back with the same alignment.
struct Block {
  void* data;
  std::align_val_t alignment;
};
/// Room for rows × cols elements of `element` bytes. An error that says how many bytes were wanted, and how
/// many there are, where the product overflows or memory does not hold it.
Block allocate_block(std::size_t rows, std::size_t cols, std::size_t element);

/// Borrows rows × cols elements, row-major and contiguous. A null `data` means "not wanted" where a function
/// says so. Cheap to copy; lives no longer than what it borrows.
template <class T>
struct View {
  T* data = nullptr;
  std::size_t rows = 0, cols = 0;

  std::size_t size() const { return rows * cols; }
  bool wanted() const { return data != nullptr; }
  T* row(std::size_t i) const { return data + i * cols; }
  T& operator()(std::size_t i, std::size_t j) const { return data[i * cols + j]; }
  std::span<T> span() const { return {data, size()}; }
  /// Rows begin … end−1.
  View slice(std::size_t begin, std::size_t end) const { return {row(begin), end - begin, cols}; }
  /// A View<T> serves wherever a View<const T> is wanted.
  operator View<const T>() const requires(!std::is_const_v<T>) { return {data, rows, cols}; }
};

/// Owns rows × cols elements, 64-byte aligned. `resize` keeps the memory when it suffices, so a buffer that
/// has seen its largest shape allocates no more. Elements are zero when fresh and unspecified after `resize`.
template <class T>
class Matrix {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t cols) { resize(rows, cols), zero(); }
  Matrix(const Matrix& other) { *this = other; }
  Matrix(Matrix&& other) noexcept { swap(other); }
  Matrix& operator=(const Matrix& other) {
    if (this == &other) return *this;
    resize(other.rows_, other.cols_);
    if (size() > 0) std::memcpy(data(), other.data(), size() * sizeof(T));
    return *this;
  }
  Matrix& operator=(Matrix&& other) noexcept {
    swap(other);
    return *this;
  }

  std::size_t rows() const { return rows_; }
  std::size_t cols() const { return cols_; }
  std::size_t size() const { return rows_ * cols_; }
  bool empty() const { return size() == 0; }
  T* data() { return buffer_.get(); }
  const T* data() const { return buffer_.get(); }
  T* row(std::size_t i) { return data() + i * cols_; }
  const T* row(std::size_t i) const { return data() + i * cols_; }
  T& operator()(std::size_t i, std::size_t j) { return data()[i * cols_ + j]; }
  const T& operator()(std::size_t i, std::size_t j) const { return data()[i * cols_ + j]; }
  std::span<T> span() { return {data(), size()}; }
  std::span<const T> span() const { return {data(), size()}; }
  View<T> view() { return {data(), rows_, cols_}; }
  View<const T> view() const { return {data(), rows_, cols_}; }
  operator View<T>() { return view(); }
  operator View<const T>() const { return view(); }

  void resize(std::size_t rows, std::size_t cols) {
    std::size_t count = 0;
    if (__builtin_mul_overflow(rows, cols, &count) || count > capacity_) allocate(rows, cols);
    rows_ = rows, cols_ = cols;
  }
  void zero() {
    if (size() > 0) std::memset(static_cast<void*>(data()), 0, size() * sizeof(T));
  }
  void swap(Matrix& other) noexcept {
    buffer_.swap(other.buffer_);
    std::swap(rows_, other.rows_), std::swap(cols_, other.cols_), std::swap(capacity_, other.capacity_);
  }

 private:
  struct Free {
    std::align_val_t alignment{kAlignment};
    void operator()(T* p) const { ::operator delete(static_cast<void*>(p), alignment); }
  };
  void allocate(std::size_t rows, std::size_t cols) {
    buffer_.reset();
    rows_ = cols_ = capacity_ = 0;
    const Block block = allocate_block(rows, cols, sizeof(T));
    buffer_ = {static_cast<T*>(block.data), Free{block.alignment}};
    capacity_ = rows * cols;
  }

  std::unique_ptr<T, Free> buffer_;
  std::size_t rows_ = 0, cols_ = 0, capacity_ = 0;
};

/// What networks compute with.
using Tensor = Matrix<float>;

}  // namespace pushforward
#pragma GCC visibility pop
