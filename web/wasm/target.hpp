// SPDX-License-Identifier: Apache-2.0
//
// What libc++ 14 for WebAssembly lacks and the library uses; included before everything else by `build`.
#pragma once

#include <charconv>
#include <cstdlib>
#include <numbers>
#include <string>

namespace std {

inline from_chars_result from_chars(const char* first, const char* last, double& value) {
  const string text(first, last);
  char* stop = nullptr;
  const double found = strtod(text.c_str(), &stop);
  if (stop == text.c_str()) return {first, errc::invalid_argument};
  value = found;
  return {first + (stop - text.c_str()), errc{}};
}

struct mutex {  // there is one thread
  void lock() {}
  void unlock() {}
};

}  // namespace std
