// SPDX-License-Identifier: Apache-2.0
//
// libpng reports errors by longjmp, which must not skip a C++ destructor: so each function that calls setjmp
// holds nothing but plain pointers, and everything that owns memory stands in its caller.
#include "io/png.hpp"

#include <algorithm>
#include <bit>
#include <csetjmp>
#include <cstdio>

#include <fmt/format.h>
#include <png.h>

#include "core/memory.hpp"
#include "io/atomic_file.hpp"

namespace pushforward::io {
namespace {

// What the callbacks of libpng see: bytes to read from or to append to, and the message of an error.
struct Stream {
  ByteSpan input{};
  Bytes output{};
  char problem[128] = "";
};

void on_error(png_structp png, png_const_charp message) {
  auto* stream = static_cast<Stream*>(png_get_error_ptr(png));
  std::snprintf(stream->problem, sizeof stream->problem, "%s", message);
  png_longjmp(png, 1);
}
void on_warning(png_structp, png_const_charp) {}

void on_read(png_structp png, png_bytep out, png_size_t count) {
  auto* stream = static_cast<Stream*>(png_get_io_ptr(png));
  if (count > stream->input.size()) png_error(png, "the file ends early");
  std::memcpy(out, stream->input.data(), count);
  stream->input = stream->input.subspan(count);
}

// Returns false instead of throwing: an exception must not pass through C either.
bool append(Stream& stream, const png_byte* data, std::size_t count) {
  try {
    stream.output.insert(stream.output.end(), data, data + count);
    return true;
  } catch (const std::bad_alloc&) {
    return false;
  }
}
void on_write(png_structp png, png_bytep data, png_size_t count) {
  if (!append(*static_cast<Stream*>(png_get_io_ptr(png)), data, count)) png_error(png, "no memory left");
}
void on_flush(png_structp) {}

struct Reader {
  Stream stream{};
  png_structp png = nullptr;
  png_infop info = nullptr;

  explicit Reader(ByteSpan bytes) {
    stream.input = bytes;
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &stream, on_error, on_warning);
    if (png != nullptr) info = png_create_info_struct(png);
    if (info == nullptr) png_destroy_read_struct(&png, &info, nullptr), throw std::bad_alloc();
    png_set_read_fn(png, &stream, on_read);
    png_set_chunk_malloc_max(png, 1 << 20);
    png_set_chunk_cache_max(png, 16);
    png_set_user_limits(png, 1 << 20, 1 << 20);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
};

// The header, and the conversions to gray or RGB of 8 or 16 bits, with opacities where there are some. False:
// stream.problem says why.
bool read_header(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_info(reader.png, reader.info);
  png_set_expand(reader.png);
  if (std::endian::native == std::endian::little) png_set_swap(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

bool read_rows(Reader& reader, png_bytepp rows) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

struct Writer {
  Stream stream{};
  png_structp png = nullptr;
  png_infop info = nullptr;

  Writer() {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &stream, on_error, on_warning);
    if (png != nullptr) info = png_create_info_struct(png);
    if (info == nullptr) png_destroy_write_struct(&png, &info), throw std::bad_alloc();
    png_set_write_fn(png, &stream, on_write, on_flush);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }
};

bool write_all(Writer& writer, const Image& image, png_bytepp rows) {
  if (setjmp(png_jmpbuf(writer.png)) != 0) return false;
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(image.width),
               static_cast<png_uint_32>(image.height), 8,
               image.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer.png, writer.info);
  png_write_image(writer.png, rows);
  png_write_end(writer.png, nullptr);
  return true;
}

template <class T>
std::vector<png_bytep> row_pointers(const Raster<T>& image) {
  std::vector<png_bytep> rows(image.height);
  for (std::size_t y = 0; y < image.height; ++y)
    rows[y] =
        reinterpret_cast<png_bytep>(const_cast<T*>(image.pixels.data() + y * image.width * image.channels));
  return rows;
}

constexpr std::uint8_t kSignature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
constexpr std::uint8_t kColor = 2, kOpacity = 4;  // bits of the header's color type

// The first chunk is the header: width, height, bits, color type.
Size stored_size(ByteSpan png) {
  Cursor cursor(png.subspan(16, 8), "");
  Size size;
  size.width = cursor.big<std::uint32_t>("");
  size.height = cursor.big<std::uint32_t>("");
  return size;
}
ImageFacts header_facts(ByteSpan header) {
  ImageFacts facts;
  Cursor cursor(header, "");
  facts.size.width = cursor.big<std::uint32_t>("");
  facts.size.height = cursor.big<std::uint32_t>("");
  facts.deep = header[8] == 16;
  facts.channels = (header[9] & kColor) != 0 ? 3 : 1;
  facts.transparent = (header[9] & kOpacity) != 0;
  return facts;
}

template <class T>
Picture decoded(Reader& reader, const ImageFacts& facts, std::string_view where) {
  const png_structp png = reader.png;
  require_memory(std::uint64_t{png_get_image_height(png, reader.info)} * png_get_rowbytes(png, reader.info),
                 where);
  Raster<T> image(png_get_image_height(png, reader.info), png_get_image_width(png, reader.info),
                  png_get_channels(png, reader.info));
  if (png_get_rowbytes(png, reader.info) != image.width * image.channels * sizeof(T))
    refuse_image(where, fmt::format("{} channels", image.channels), "gray or RGB");
  std::vector<png_bytep> rows = row_pointers(image);
  if (!read_rows(reader, rows.data())) refuse_image(where, reader.stream.problem, "a whole PNG file");
  if (image.channels % 2 == 0) image = over_white(std::move(image));
  return oriented(std::move(image), facts.orientation);
}

}  // namespace

bool is_png(ByteSpan start) {
  return start.size() >= sizeof kSignature && std::memcmp(start.data(), kSignature, sizeof kSignature) == 0;
}

// Chunks up to the pixels: a length, four letters, contents, a sum.
std::optional<ImageFacts> png_facts(ByteSpan start, std::string_view where) {
  if (!is_png(start))
    refuse_image(where,
                 in_quotes(text_of(start.first(std::min<std::size_t>(start.size(), 8)))) + " at its start",
                 "a PNG file");
  std::optional<ImageFacts> facts;
  for (std::size_t at = sizeof kSignature; at + 12 <= start.size();) {
    Cursor cursor(start.subspan(at), where);
    const std::size_t length = cursor.big<std::uint32_t>("chunk");
    const std::string_view name = text_of(cursor.take(4, "chunk"));
    if (name == "IDAT" || name == "IEND") return facts;
    if (length > start.size() - at - 12) return {};
    const ByteSpan chunk = cursor.take(length, "chunk");
    if (!facts && (name != "IHDR" || length < 13)) refuse_image(where, "no header", "a PNG file");
    if (name == "IHDR" && !facts) facts = header_facts(chunk);
    if (name == "tRNS") facts->transparent = true;
    if (name == "eXIf") facts->orientation = exif_orientation(chunk);
    if (name == "eXIf") facts->size = turned(stored_size(start), facts->orientation);
    at += 12 + length;
  }
  return {};
}

Picture decode_png(ByteSpan bytes, std::string_view where, Size) {
  const std::optional<ImageFacts> facts = png_facts(bytes, where);
  if (!facts) refuse_image(where, "the file ends early", "a whole PNG file");
  const Size size = stored_size(bytes);
  // A row takes at least a bit a pixel and a filter byte; deflate shrinks that at most 1032 times.
  if (size.width == 0 || size.height == 0 ||
      checked_product(size.width / 8 + 1, size.height, where) > most_inflated(bytes.size()))
    refuse_image(where,
                 fmt::format("a claim of {}x{} pixels in {} bytes", size.height, size.width, bytes.size()),
                 "a size that the file can hold");
  check_claim(size, bytes.size(), 8 * 1032, where);
  Reader reader(bytes);
  if (!read_header(reader)) refuse_image(where, reader.stream.problem, "a PNG file that libpng can read");
  if (facts->deep) return decoded<std::uint16_t>(reader, *facts, where);
  return decoded<std::uint8_t>(reader, *facts, where);
}

Image parse_png(ByteSpan bytes, std::string_view where) {
  Picture picture = decode_png(bytes, where, {});
  if (const auto* deep = std::get_if<DeepImage>(&picture)) return to_bytes(*deep);
  return std::get<Image>(std::move(picture));
}

Image read_png(const std::string& path) { return parse_png(read_file(path), path); }

Bytes encode_png(const Image& image) {
  if (image.pixels.empty() || (image.channels != 1 && image.channels != 3) ||
      image.pixels.size() != image.height * image.width * image.channels)
    refuse_image("PNG", fmt::format("{}x{}x{}", image.height, image.width, image.channels),
                 "a grey or RGB image");
  Writer writer;
  std::vector<png_bytep> rows = row_pointers(image);
  if (!write_all(writer, image, rows.data()))
    throw WorkError(Complaint{"PNG", writer.stream.problem, "an image that libpng can write"});
  return std::move(writer.stream.output);
}

void write_png(const std::string& path, const Image& image) {
  const Bytes bytes = encode_png(image);
  write_file(path, text_of(bytes));
}

}  // namespace pushforward::io
