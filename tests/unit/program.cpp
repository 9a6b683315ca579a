// SPDX-License-Identifier: Apache-2.0
#include "support/program.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/places.hpp"

namespace pushforward::testing {

Ran run_program(const std::string& arguments) {
  static std::atomic<int> count{0};
  const std::string err = (std::filesystem::temp_directory_path() /
                           ("pushforward-" + std::to_string(getpid()) + "-" + std::to_string(count++)))
                              .string();
  const std::string line = program_path() + " " + arguments + " 2>" + err;
  Ran ran;
  FILE* pipe = popen(line.c_str(), "r");
  if (pipe == nullptr) return {-1, "", "popen failed"};
  std::array<char, 4096> buffer{};
  while (const std::size_t got = fread(buffer.data(), 1, buffer.size(), pipe))
    ran.out.append(buffer.data(), got);
  ran.status = WEXITSTATUS(pclose(pipe));
  std::ifstream file(err);
  ran.err.assign(std::istreambuf_iterator<char>(file), {});
  std::filesystem::remove(err);
  return ran;
}

}  // namespace pushforward::testing
