// SPDX-License-Identifier: Apache-2.0
#include "out_of_memory.hpp"

#include <cstdlib>
#include <new>
#include <stdexcept>

#include <fmt/format.h>

#if __has_include(<execinfo.h>)
#include <execinfo.h>
#endif

#include "core/memory.hpp"

namespace {

// A bad_alloc that knows how much was asked for.
class NoMemory : public std::bad_alloc {
 public:
  explicit NoMemory(std::size_t bytes) : bytes_(bytes) {}
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_;
};

}  // namespace

// Sanitizers have an operator new of their own.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void* operator new(std::size_t bytes) {
  if (void* data = std::malloc(bytes > 0 ? bytes : 1)) return data;
  throw NoMemory(bytes);
}
void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, std::size_t) noexcept { std::free(data); }
#endif

namespace pushforward::cli {
namespace {

std::string left() { return bytes_text(static_cast<double>(available_memory())) + " left"; }

MemoryError with_hint(const std::string& message, const Command& command) {
  if (message.find("; ") != std::string::npos) return MemoryError(message);
  // No number of rows makes a network smaller.
  const bool network = message.find(" weights (") != std::string::npos &&
                       command.smaller.find("--hidden") == std::string::npos;
  return MemoryError(
      fmt::format("{}; {}", message, network ? "a smaller network takes less (hidden=)" : command.smaller));
}

}  // namespace

void load_unwinder() {
#if __has_include(<execinfo.h>)
  void* frame = nullptr;
  backtrace(&frame, 1);
#endif
}

void run_within_memory(const Command& command, const std::function<void()>& work) {
  try {
    return work();
  } catch (const MemoryError& error) {
    throw with_hint(error.what(), command);
  } catch (const NoMemory& error) {
    throw MemoryError(Complaint{"memory", left(), bytes_text(static_cast<double>(error.bytes())) + " more",
                                command.smaller});
  } catch (const std::bad_alloc&) {
    throw MemoryError(Complaint{"memory", left(), "more", command.smaller});
  } catch (const std::length_error&) {
    throw MemoryError(Complaint{"memory", left(), "more bytes than 64 bits can count", command.smaller});
  }
}

}  // namespace pushforward::cli
