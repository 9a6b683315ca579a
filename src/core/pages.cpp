// SPDX-License-Identifier: Apache-2.0
// Memory of matrices: large pages, where Linux offers them on request, and a look at what is left before much
// is taken, because Linux promises more than it has and ends the program that believes it.
#include <cstddef>
#include <cstdint>
#include <new>

#include <fmt/format.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "core/memory.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kMuch = std::size_t{32} << 20;  // from here on what is left is looked at first: 0.1 ms

std::string matrix_text(std::size_t rows, std::size_t cols) {
  return fmt::format("a matrix of {} × {} numbers", rows, cols);
}

}  // namespace

Block allocate_block(std::size_t rows, std::size_t cols, std::size_t element) {
  std::size_t bytes = 0;
  if (__builtin_mul_overflow(rows, cols, &bytes) || __builtin_mul_overflow(bytes, element, &bytes) ||
      bytes > PTRDIFF_MAX - kLargePage)
    refuse_product({rows, cols, element}, matrix_text(rows, cols));
  const bool large = bytes >= 2 * kLargePage;
  if (large) bytes = (bytes + kLargePage - 1) / kLargePage * kLargePage;  // whole pages only
  if (bytes >= kMuch) require_memory(bytes, matrix_text(rows, cols));
  const std::align_val_t alignment{large ? kLargePage : kAlignment};
  void* data = ::operator new(bytes, alignment, std::nothrow);
  if (data == nullptr) refuse_memory(bytes, matrix_text(rows, cols));
  if (large) advise_large_pages(data, bytes);
  return {data, alignment};
}

void advise_large_pages([[maybe_unused]] void* data, [[maybe_unused]] std::size_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr std::uintptr_t page = 4096;
  const std::uintptr_t begin = (reinterpret_cast<std::uintptr_t>(data) + page - 1) / page * page;
  const std::uintptr_t end = (reinterpret_cast<std::uintptr_t>(data) + bytes) / page * page;
  madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE);
#endif
}

}  // namespace pushforward
