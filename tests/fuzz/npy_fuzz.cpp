// SPDX-License-Identifier: Apache-2.0
// NPY files, to data and to numbers.
#include "data/parts.hpp"
#include "fuzz.hpp"
#include "io/npy.hpp"
#include "unit/io/io_files.hpp"

namespace pushforward::fuzz {

void target(ByteSpan bytes) {
  const io::ArrayView array = io::parse_npy(bytes, "fuzz.npy");
  io::to_vector<double>(array, "fuzz.npy");
  data::from_array(array, "fuzz.npy").range();
}

std::vector<Bytes> seeds() {
  return {io::npy_bytes("|u1", false, "(2, 2, 3)", Bytes(12)),
          io::npy_bytes(">f8", true, "(2, 3)", Bytes(48)), io::npy_bytes("<f2", false, "(4,)", Bytes(8)),
          io::npy_bytes("<i8", true, "(1, 2, 1, 2)", Bytes(32))};
}

}  // namespace pushforward::fuzz
