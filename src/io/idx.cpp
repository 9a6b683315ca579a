// SPDX-License-Identifier: Apache-2.0
// IDX: a header of at most 4 + 4·255 bytes, and bytes.
#include "io/idx.hpp"

#include <optional>

#include <fmt/format.h>

#include "io/deflate.hpp"

namespace pushforward::io {
namespace {

constexpr std::size_t kLongestHeader = 4 + 4 * 255;

std::optional<Dtype> dtype_of_code(std::uint8_t code) {
  switch (code) {
    case 0x08:
      return Dtype::u8;
    case 0x09:
      return Dtype::i8;
    case 0x0B:
      return Dtype::i16;
    case 0x0C:
      return Dtype::i32;
    case 0x0D:
      return Dtype::f32;
    case 0x0E:
      return Dtype::f64;
    default:
      return std::nullopt;
  }
}

struct Header {
  ArrayView array{};  // without bytes
  std::size_t length = 0, elements = 0;
};

Header parse_header(ByteSpan bytes, std::string_view where) {
  Cursor cursor(bytes, where);
  const ByteSpan magic = cursor.take(4, "IDX header");
  const std::optional<Dtype> dtype = dtype_of_code(magic[2]);
  if (magic[0] != 0 || magic[1] != 0 || !dtype || magic[3] == 0)
    throw RequestError(Complaint{std::string(where),
                                 fmt::format("the bytes {:02x} {:02x} {:02x} {:02x} at its start", magic[0],
                                             magic[1], magic[2], magic[3]),
                                 "an IDX header (00 00, a type, a number of axes)",
                                 "this is not an IDX file"});
  Header header;
  header.array.dtype = *dtype;
  header.array.swapped = std::endian::native == std::endian::little && size_of(*dtype) > 1;
  for (std::size_t axis = 0; axis < magic[3]; ++axis)
    header.array.shape.push_back(cursor.big<std::uint32_t>("IDX header"));
  header.length = cursor.offset();
  header.elements = bytes_needed(*dtype, header.array.shape, where);
  return header;
}

}  // namespace

ArrayView parse_idx(ByteSpan bytes, std::string_view where) {
  Header header = parse_header(bytes, where);
  const std::size_t have = bytes.size() - header.length;
  if (have != header.elements)
    throw RequestError(Complaint{
        std::string(where), fmt::format("{} bytes of elements", have),
        fmt::format("{} for {} of {}", header.elements, text_of_shape(header.array.shape),
                    name_of(header.array.dtype)),
        have < header.elements ? "the file is truncated" : "the file is longer than its header says"});
  header.array.bytes = bytes.subspan(header.length);
  return std::move(header.array);
}

ArrayFile parse_idx_maybe_gzipped(Bytes bytes, std::string_view where) {
  ArrayFile file;
  if (is_gzip(bytes)) {
    const Header header = parse_header(gunzip(bytes, kLongestHeader, where), where);
    std::size_t whole = 0;
    if (__builtin_add_overflow(header.length + 1, header.elements, &whole)) whole = header.elements;
    bytes = gunzip(bytes, whole, where);  // one byte more than wanted, so that a longer file is noticed
  }
  file.bytes = std::move(bytes);
  file.array = parse_idx(file.bytes, where);
  return file;
}

ArrayFile read_idx(const std::string& path) { return parse_idx_maybe_gzipped(read_file(path), path); }

}  // namespace pushforward::io
