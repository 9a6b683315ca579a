// SPDX-License-Identifier: Apache-2.0
//
// libpng reports errors by longjmp, which must not skip a C++ destructor: so each function that calls setjmp
// holds nothing but plain pointers, and everything that owns memory stands in its caller.
#include "io/png.hpp"

#include <csetjmp>
#include <cstdio>

#include <fmt/format.h>
#include <png.h>

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

// The header, and the conversions to 8-bit grey or RGB. False: stream.problem says why.
bool read_header(Reader& reader) {
  if (setjmp(png_jmpbuf(reader.png)) != 0) return false;
  png_read_info(reader.png, reader.info);
  png_set_expand(reader.png);
  png_set_scale_16(reader.png);
  png_set_strip_alpha(reader.png);
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

std::vector<png_bytep> row_pointers(const Image& image) {
  std::vector<png_bytep> rows(image.height);
  for (std::size_t y = 0; y < image.height; ++y)
    rows[y] = const_cast<png_bytep>(image.pixels.data() + y * image.width * image.channels);
  return rows;
}

[[noreturn]] void refuse(std::string_view where, std::string got, std::string wanted) {
  throw RequestError(Complaint{std::string(where), std::move(got), std::move(wanted)});
}

constexpr std::uint8_t kSignature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

}  // namespace

PngSize parse_png_size(ByteSpan bytes, std::string_view where) {
  Cursor cursor(bytes, where);
  const ByteSpan signature = cursor.take(sizeof kSignature, "PNG signature");
  if (std::memcmp(signature.data(), kSignature, sizeof kSignature) != 0)
    refuse(where, in_quotes(text_of(signature)) + " at its start", "a PNG file");
  cursor.take(4, "PNG header");
  if (text_of(cursor.take(4, "PNG header")) != "IHDR") refuse(where, "no header", "a PNG file");
  PngSize size;
  size.width = cursor.big<std::uint32_t>("PNG width");
  size.height = cursor.big<std::uint32_t>("PNG height");
  return size;
}

Image parse_png(ByteSpan bytes, std::string_view where) {
  const PngSize size = parse_png_size(bytes, where);
  // A row takes at least a bit a pixel and a filter byte; deflate shrinks that at most 1032 times.
  if (size.width == 0 || size.height == 0 ||
      checked_product(size.width / 8 + 1, size.height, where) > most_inflated(bytes.size()))
    refuse(where, fmt::format("a claim of {}x{} pixels in {} bytes", size.height, size.width, bytes.size()),
           "a size that the file can hold");
  Reader reader(bytes);
  if (!read_header(reader)) refuse(where, reader.stream.problem, "a PNG file that libpng can read");
  Image image(size.height, size.width, png_get_channels(reader.png, reader.info));
  std::vector<png_bytep> rows = row_pointers(image);
  if (png_get_rowbytes(reader.png, reader.info) != image.width * image.channels ||
      (image.channels != 1 && image.channels != 3))
    refuse(where, fmt::format("{} channels", image.channels), "grey or RGB");
  if (!read_rows(reader, rows.data())) refuse(where, reader.stream.problem, "a whole PNG file");
  return image;
}

Image read_png(const std::string& path) { return parse_png(read_file(path), path); }

Image to_grey(const Image& image) {
  if (image.channels == 1) return image;
  Image grey(image.height, image.width, 1);
  for (std::size_t i = 0; i < grey.pixels.size(); ++i) {
    const std::uint8_t* rgb = image.pixels.data() + 3 * i;
    grey.pixels[i] = static_cast<std::uint8_t>((rgb[0] * 299 + rgb[1] * 587 + rgb[2] * 114 + 500) / 1000);
  }
  return grey;
}

Bytes encode_png(const Image& image) {
  if (image.pixels.empty() || (image.channels != 1 && image.channels != 3) ||
      image.pixels.size() != image.height * image.width * image.channels)
    refuse("PNG", fmt::format("{}x{}x{}", image.height, image.width, image.channels), "a grey or RGB image");
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
