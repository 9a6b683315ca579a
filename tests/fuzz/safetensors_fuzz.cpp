// SPDX-License-Identifier: Apache-2.0
// safetensors: every array is decoded.
#include "fuzz.hpp"
#include "io/safetensors.hpp"

namespace pushforward::fuzz {

void target(ByteSpan bytes) {
  const io::Safetensors file = io::parse_safetensors(bytes, "fuzz.safetensors");
  for (const auto& [name, array] : file.arrays) io::to_vector<double>(array, name);
}

std::vector<Bytes> seeds() {
  const std::vector<float> weights(6, 0.5f);
  const std::vector<std::int64_t> step = {3};
  const Bytes file = written([&](const std::string& path) {
    io::write_safetensors(path,
                          {{"w", io::ArrayView(std::span<const float>(weights), {2, 3})}, {"step", step}},
                          {{"format", "1"}});
  });
  Bytes empty(8);
  empty[0] = 2;
  empty.insert(empty.end(), {'{', '}'});
  return {file, empty};
}

}  // namespace pushforward::fuzz
