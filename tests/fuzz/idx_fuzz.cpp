// SPDX-License-Identifier: Apache-2.0
// IDX files, gzipped or not.
#include "data/parts.hpp"
#include "fuzz.hpp"
#include "io/idx.hpp"
#include "unit/io/io_files.hpp"

namespace pushforward::fuzz {

void target(ByteSpan bytes) {
  const io::ArrayFile file =
      io::parse_idx_maybe_gzipped(Bytes(bytes.begin(), bytes.end()), "fuzz-idx3-ubyte");
  data::from_array(file.array, "fuzz-idx3-ubyte").range();
  data::labels_from_array(file.array, "fuzz-idx1-ubyte");
}

std::vector<Bytes> seeds() {
  const Bytes images = io::idx_bytes(8, {3, 2, 2}, Bytes(12, 9)), reals = io::idx_bytes(0x0E, {2}, Bytes(16));
  return {images, reals, io::idx_bytes(8, {5}, Bytes(5)), io::gzipped(images), io::gzipped(reals)};
}

}  // namespace pushforward::fuzz
