// SPDX-License-Identifier: Apache-2.0
// NPZ archives: every member is unpacked.
#include "fuzz.hpp"
#include "io/npz.hpp"
#include "unit/io/io_files.hpp"

namespace pushforward::fuzz {

void target(ByteSpan bytes) {
  for (const std::string& key : io::npz_keys(bytes, "fuzz.npz"))
    io::to_vector<double>(io::parse_npz(bytes, key, "fuzz.npz").array, "fuzz.npz");
}

std::vector<Bytes> seeds() {
  const std::vector<double> x(50, 0.5);
  const std::vector<std::int32_t> y = {1, 2, 3};
  const auto archive = [&](bool deflated) {
    return written([&](const std::string& path) { io::write_npz(path, {{"x", x}, {"y", y}}, deflated); });
  };
  return {io::numpy_npz(), archive(false), archive(true)};
}

}  // namespace pushforward::fuzz
