// SPDX-License-Identifier: Apache-2.0
// clang's libFuzzer as the driver. The seeds go into the first folder named on the command line.
#include <filesystem>
#include <fstream>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  for (int i = 1; i < *argc; ++i) {
    if (!std::filesystem::is_directory((*argv)[i])) continue;
    int number = 0;
    for (const auto& seed : pushforward::fuzz::seeds())
      std::ofstream(std::string((*argv)[i]) + "/seed" + std::to_string(number++), std::ios::binary)
          << pushforward::io::text_of(seed);
    break;
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pushforward::fuzz::run({data, size});
  return 0;
}
