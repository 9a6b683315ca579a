// SPDX-License-Identifier: Apache-2.0
//
// libjpeg reports errors by a callback that must not return; it longjmps, which must not skip a C++
// destructor: so each function that calls setjmp holds nothing but plain pointers, and everything that owns
// memory stands in its caller.
#include "io/jpeg.hpp"

#include <algorithm>
#include <csetjmp>
#include <cstdio>

#include <fmt/format.h>
#include <jpeglib.h>

#include <jerror.h>  // after jpeglib.h

#include "core/memory.hpp"

namespace pushforward::io {
namespace {

// A block of 64 pixels is a bit at least where it is Huffman-coded; arithmetic coding takes less, but not in
// any picture that is worth having.
constexpr std::size_t kMostPixelsPerByte = 8 * 64;
constexpr int kMostScans = 500;  // a progressive picture has some ten; each takes the time of the whole

// What the callbacks of libjpeg see.
struct Report {
  jpeg_error_mgr manager{};  // first, so that a pointer to it is one to this
  std::jmp_buf jump{};
  char problem[JMSG_LENGTH_MAX] = "";
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* report = reinterpret_cast<Report*>(info->err);
  info->err->format_message(info, report->problem);
  std::longjmp(report->jump, 1);
}
// Pixels that were made up are an error; bytes too many, or a marker that means nothing, are not.
void on_message(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  const bool made_up = code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
                       code == JWRN_ARITH_BAD_CODE || code == JWRN_MUST_RESYNC;
  if (level < 0 && made_up) on_error(info);
}
void on_progress(j_common_ptr info) {
  if (info->is_decompressor == 0 || reinterpret_cast<j_decompress_ptr>(info)->input_scan_number <= kMostScans)
    return;
  auto* report = reinterpret_cast<Report*>(info->err);
  std::snprintf(report->problem, sizeof report->problem, "more than %d scans", kMostScans);
  std::longjmp(report->jump, 1);
}

jpeg_error_mgr* reporting(Report& report) {
  jpeg_error_mgr* manager = jpeg_std_error(&report.manager);
  manager->error_exit = on_error;
  manager->emit_message = on_message;
  return manager;
}

struct Reader {
  Report report{};
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct info{};

  Reader() { info.err = reporting(report); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader() { jpeg_destroy_decompress(&info); }
};

// The largest of 1, 2, 4, 8 that leaves twice what is wanted each way.
unsigned reduction(Size size, Size wanted) {
  unsigned by = 1;
  while (wanted.height > 0 && by < 8 && size.height / (2 * by) >= 2 * wanted.height &&
         size.width / (2 * by) >= 2 * wanted.width)
    by *= 2;
  return by;
}

// The header, and what is to come out. False: report.problem says why.
bool start(Reader& reader, ByteSpan bytes, Size wanted) {
  if (setjmp(reader.report.jump) != 0) return false;
  jpeg_decompress_struct& info = reader.info;
  jpeg_create_decompress(&info);
  reader.progress.progress_monitor = on_progress;
  info.progress = &reader.progress;
  jpeg_mem_src(&info, bytes.data(), static_cast<unsigned long>(bytes.size()));
  jpeg_read_header(&info, TRUE);
  info.scale_num = 1;
  info.scale_denom = reduction({info.image_height, info.image_width}, wanted);
  if (info.jpeg_color_space == JCS_GRAYSCALE)
    info.out_color_space = JCS_GRAYSCALE;
  else
    info.out_color_space = info.num_components == 4 ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&info);
  return true;
}

bool read_rows(Reader& reader, JSAMPARRAY rows) {
  if (setjmp(reader.report.jump) != 0) return false;
  while (reader.info.output_scanline < reader.info.output_height)
    jpeg_read_scanlines(&reader.info, rows + reader.info.output_scanline,
                        reader.info.output_height - reader.info.output_scanline);
  jpeg_finish_decompress(&reader.info);
  return true;
}

// Light is what neither ink nor black takes away. Adobe's programs store light, others ink.
Image rgb_of_cmyk(const Image& inks, bool stores_light) {
  Image out(inks.height, inks.width, 3);
  for (std::size_t i = 0; i < inks.height * inks.width; ++i) {
    const auto light = [&](std::size_t c) {
      const unsigned value = inks.pixels[4 * i + c];
      return stores_light ? value : 255 - value;
    };
    for (std::size_t c = 0; c < 3; ++c)
      out.pixels[3 * i + c] = static_cast<std::uint8_t>((light(c) * light(3) + 127) / 255);
  }
  return out;
}

std::vector<JSAMPROW> row_pointers(const Image& image) {
  std::vector<JSAMPROW> rows(image.height);
  for (std::size_t y = 0; y < image.height; ++y)
    rows[y] = const_cast<JSAMPROW>(image.pixels.data() + y * image.width * image.channels);
  return rows;
}

struct Writer {
  Report report{};
  jpeg_compress_struct info{};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;

  Writer() { info.err = reporting(report); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  }
};

bool write_all(Writer& writer, const Image& image, JSAMPARRAY rows, int quality, bool progressive) {
  if (setjmp(writer.report.jump) != 0) return false;
  jpeg_compress_struct& info = writer.info;
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, &writer.bytes, &writer.size);
  info.image_height = static_cast<JDIMENSION>(image.height);
  info.image_width = static_cast<JDIMENSION>(image.width);
  info.input_components = static_cast<int>(image.channels);
  info.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  if (progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  jpeg_write_scanlines(&info, rows, info.image_height);
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

Picture decode_jpeg(ByteSpan bytes, std::string_view where, Size wanted) {
  const std::optional<ImageFacts> facts = jpeg_facts(bytes, where);
  if (!facts) refuse_image(where, "the file ends early", "a whole JPEG file");
  check_claim(facts->size, bytes.size(), kMostPixelsPerByte, where);
  Reader reader;
  if (!start(reader, bytes, turned(wanted, facts->orientation)))
    refuse_image(where, reader.report.problem, "a JPEG file that libjpeg can read");
  const jpeg_decompress_struct& info = reader.info;
  require_memory(std::uint64_t{info.output_height} * info.output_width * 4, where);
  Image image(info.output_height, info.output_width, static_cast<std::size_t>(info.output_components));
  if (image.channels != 1 && image.channels != 3 && image.channels != 4)
    refuse_image(where, fmt::format("{} channels", image.channels), "gray, color or CMYK");
  std::vector<JSAMPROW> rows = row_pointers(image);
  if (!read_rows(reader, rows.data())) refuse_image(where, reader.report.problem, "a whole JPEG file");
  if (image.channels == 4) image = rgb_of_cmyk(image, info.saw_Adobe_marker != 0);
  return oriented(std::move(image), facts->orientation);
}

Bytes encode_jpeg(const Image& image, int quality, bool progressive) {
  if (image.pixels.empty() || (image.channels != 1 && image.channels != 3))
    refuse_image("JPEG", fmt::format("{}x{}x{}", image.height, image.width, image.channels),
                 "a gray or RGB image");
  Writer writer;
  std::vector<JSAMPROW> rows = row_pointers(image);
  if (!write_all(writer, image, rows.data(), quality, progressive))
    throw WorkError(Complaint{"JPEG", writer.report.problem, "an image that libjpeg can write"});
  return Bytes(writer.bytes, writer.bytes + writer.size);
}

}  // namespace pushforward::io
