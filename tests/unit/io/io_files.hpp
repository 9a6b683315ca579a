// SPDX-License-Identifier: Apache-2.0
// Files made by hand, right or wrong: for the unit tests, and as seeds of the fuzz targets.
#pragma once

#include <new>
#include <string>
#include <vector>

#include <zlib.h>

#include "io/bytes.hpp"

namespace pushforward::io {

/// An NPY file with this header and these elements, right or wrong.
inline Bytes npy_bytes(const std::string& descr, bool fortran, const std::string& shape,
                       const Bytes& elements) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  header.append((64 - (10 + header.size() + 1) % 64) % 64, ' ');
  header += '\n';
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(header.size() & 255);
  file += static_cast<char>(header.size() >> 8);
  file += header;
  Bytes out(file.begin(), file.end());
  out.insert(out.end(), elements.begin(), elements.end());
  return out;
}

/// What numpy.savez(a=numpy.array([1, 2], numpy.float32)) wrote: sizes in a 64-bit extra field of the
/// member's header.
inline Bytes numpy_npz() {
  using namespace std::string_literals;
  const Bytes npy = npy_bytes("<f4", false, "(2,)", {0, 0, 128, 63, 0, 0, 0, 64});
  std::string zip =
      "PK\3\4\x2d\0\0\0\0\0\0\0\x21\0\x9a\xca\xab\xe7\xff\xff\xff\xff\xff\xff\xff\xff\5\0\x14\0a."
      "npy\1\0\x10\0\x88\0\0"
      "\0\0\0\0\0\x88\0\0\0\0\0\0\0"s;
  zip.append(npy.begin(), npy.end());
  zip +=
      "PK\1\2\x2d\3\x2d\0\0\0\0\0\0\0\x21\0\x9a\xca\xab\xe7\x88\0\0\0\x88\0\0\0\5\0\0\0\0\0\0\0\0\0\0\0\x80\1\0\0\0\0"s;
  zip += "a.npyPK\5\6\0\0\0\0\1\0\1\0\x33\0\0\0\xbf\0\0\0\0\0"s;
  return Bytes(zip.begin(), zip.end());
}

/// An IDX file with this type, these axes and these bytes, right or wrong.
inline Bytes idx_bytes(std::uint8_t type, const std::vector<std::uint32_t>& axes, const Bytes& elements) {
  Bytes out = {0, 0, type, static_cast<std::uint8_t>(axes.size())};
  for (std::uint32_t axis : axes)
    for (int shift = 24; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(axis >> shift));
  out.insert(out.end(), elements.begin(), elements.end());
  return out;
}

/// zlib's stream (RFC 1950).
inline Bytes deflated(ByteSpan plain) {
  Bytes out(compressBound(plain.size()));
  uLongf size = out.size();
  if (compress(out.data(), &size, plain.data(), plain.size()) != Z_OK) throw std::bad_alloc();
  out.resize(size);
  return out;
}
inline std::uint32_t crc_32(ByteSpan bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

/// As gzip writes it, without a name: ten bytes of header, a deflated stream, the sum and the size.
inline Bytes gzipped(const Bytes& plain) {
  Bytes out = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255};
  const Bytes packed = deflated(plain);
  out.insert(out.end(), packed.begin() + 2, packed.end() - 4);  // without zlib's header and checksum
  for (std::size_t value : {std::size_t{crc_32(plain)}, plain.size()})
    for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<std::uint8_t>(value >> shift));
  return out;
}

}  // namespace pushforward::io
