// SPDX-License-Identifier: Apache-2.0
#include "io/gif.hpp"

#include <array>
#include <memory>

#include <fmt/format.h>
#include <gif_lib.h>

#include "io/atomic_file.hpp"
#include "io/palette.hpp"
#include "pushforward/error.hpp"

namespace pushforward::io {
namespace {

void check(int status, const char* doing) {
  if (status != GIF_OK) throw WorkError(Complaint{"GIF", "giflib's refusal", doing});
}

int append(GifFileType* file, const GifByteType* data, int size) {
  auto* out = static_cast<Bytes*>(file->UserData);
  out->insert(out->end(), data, data + size);
  return size;
}

struct FreeMap {
  void operator()(ColorMapObject* map) const { GifFreeMapObject(map); }
};
using Map = std::unique_ptr<ColorMapObject, FreeMap>;

struct Indexed {
  Map map;
  std::vector<GifByteType> pixels;
};

bool is_grey(const Image& image) {
  if (image.channels == 1) return true;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3)
    if (image.pixels[i] != image.pixels[i + 1] || image.pixels[i] != image.pixels[i + 2]) return false;
  return true;
}

Indexed grey(const Image& image) {
  std::array<GifColorType, 256> levels;
  for (std::size_t i = 0; i < 256; ++i) {
    const auto level = static_cast<GifByteType>(i);
    levels[i] = {level, level, level};
  }
  Indexed out{Map(GifMakeMapObject(256, levels.data())), {}};
  for (std::size_t i = 0; i < image.pixels.size(); i += image.channels) out.pixels.push_back(image.pixels[i]);
  return out;
}

Indexed coloured(const Image& image) {
  Palette palette = palette_of(image.pixels);
  std::array<GifColorType, 256> table{};
  for (std::size_t i = 0; i < palette.colours.size(); ++i)
    table[i] = {palette.colours[i][0], palette.colours[i][1], palette.colours[i][2]};
  return {Map(GifMakeMapObject(256, table.data())), std::move(palette.pixels)};
}

void put_frame(GifFileType* file, const Image& image, int hundredths) {
  const int height = static_cast<int>(image.height), width = static_cast<int>(image.width);
  GraphicsControlBlock control = {};
  control.DelayTime = hundredths;
  control.TransparentColor = NO_TRANSPARENT_COLOR;
  std::array<GifByteType, 4> block;
  EGifGCBToExtension(&control, block.data());
  check(EGifPutExtension(file, GRAPHICS_EXT_FUNC_CODE, 4, block.data()), "a frame's delay");
  Indexed frame = is_grey(image) ? grey(image) : coloured(image);
  check(EGifPutImageDesc(file, 0, 0, width, height, false, frame.map.get()), "a frame's header");
  for (int y = 0; y < height; ++y)
    check(EGifPutLine(file, frame.pixels.data() + static_cast<std::ptrdiff_t>(y) * width, width),
          "a frame's line");
}

void put_repeat(GifFileType* file) {
  const std::array<GifByteType, 3> for_ever = {1, 0, 0};
  check(EGifPutExtensionLeader(file, APPLICATION_EXT_FUNC_CODE), "the repeat extension");
  check(EGifPutExtensionBlock(file, 11, "NETSCAPE2.0"), "the repeat extension");
  check(EGifPutExtensionBlock(file, 3, for_ever.data()), "the repeat extension");
  check(EGifPutExtensionTrailer(file), "the repeat extension");
}

}  // namespace

Bytes encode_gif(std::span<const Image> frames, int hundredths) {
  if (frames.empty()) throw RequestError(Complaint{"GIF", "no frames", "at least one"});
  for (const Image& frame : frames)
    if (frame.height != frames[0].height || frame.width != frames[0].width)
      throw RequestError(Complaint{"GIF", "frames of different sizes", "frames of one size"});
  Bytes out;
  int problem = 0;
  GifFileType* file = EGifOpen(&out, append, &problem);
  if (!file) throw WorkError(Complaint{"GIF", fmt::format("giflib's error {}", problem), "an encoder"});
  try {
    EGifSetGifVersion(file, true);
    check(EGifPutScreenDesc(file, static_cast<int>(frames[0].width), static_cast<int>(frames[0].height), 8, 0,
                            nullptr),
          "a header");
    put_repeat(file);
    for (const Image& frame : frames) put_frame(file, frame, hundredths);
  } catch (...) {
    EGifCloseFile(file, &problem);
    throw;
  }
  check(EGifCloseFile(file, &problem), "an end");
  return out;
}

void write_gif(const std::string& path, std::span<const Image> frames, int hundredths) {
  AtomicFile file(path);
  file.write(encode_gif(frames, hundredths));
  file.commit();
}

}  // namespace pushforward::io
