// SPDX-License-Identifier: Apache-2.0
//
// How much memory there is, and errors that say how much was wanted, of what, and how much there was.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "pushforward/error.hpp"

namespace pushforward {

/// There is too little memory for the work.
class MemoryError : public WorkError {
 public:
  using WorkError::WorkError;
};

/// "6.7 TB", "120 MB": powers of ten, two digits.
std::string bytes_text(double bytes);

/// Bytes that this process can still take: what the machine has left, and no more than the limits on its
/// address space and on its control group leave.
std::uint64_t available_memory();

/// The product of `sizes`, or MemoryError, where 64 bits do not hold it as bytes.
std::size_t checked_product(std::initializer_list<std::size_t> sizes, std::string_view what);

/// The error of checked_product, and of require_memory.
[[noreturn]] void refuse_product(std::initializer_list<std::size_t> sizes, std::string_view what);
[[noreturn]] void refuse_memory(std::uint64_t bytes, std::string_view what, std::string_view hint = "");

/// MemoryError where there are fewer than `bytes` left: "memory: got 1.2 GB left, wanted 6.7 TB for WHAT;
/// HINT".
void require_memory(std::uint64_t bytes, std::string_view what, std::string_view hint = "");

}  // namespace pushforward
