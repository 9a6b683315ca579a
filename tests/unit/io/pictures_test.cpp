// SPDX-License-Identifier: Apache-2.0
// Readers of pictures: every kind of each format, and files that lie.
#include <cmath>

#include <gtest/gtest.h>

#include "io/atomic_file.hpp"
#include "io/image_format.hpp"
#include "io/jpeg.hpp"
#include "io/png.hpp"
#include "io/webp.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::io {
namespace {

// Smooth, so that JPEG keeps it nearly as it is.
Image ramp(std::size_t height, std::size_t width, std::size_t channels) {
  Image image(height, width, channels);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < channels; ++c)
        image.at(y, x, c) = static_cast<std::uint8_t>(40 + 3 * y + 2 * x + 10 * c);
  return image;
}

double largest_difference(const Image& a, const Image& b) {
  if (a.height != b.height || a.width != b.width || a.channels != b.channels) return 1e9;
  double most = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    most = std::max(most, std::abs(static_cast<double>(a.pixels[i]) - b.pixels[i]));
  return most;
}

Image eight_bits(ByteSpan bytes, Size wanted = {}) {
  return std::get<Image>(parse_image(bytes, "f", wanted));
}

// An APP1 segment with one TIFF entry, behind the two bytes that begin a JPEG.
Bytes with_orientation(Bytes jpeg, std::uint8_t orientation, bool big) {
  Bytes tiff =
      big ? Bytes{'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0}
          : Bytes{'I', 'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0};
  Bytes segment = {0xFF, 0xE1, 0, static_cast<std::uint8_t>(tiff.size() + 8), 'E', 'x', 'i', 'f', 0, 0};
  segment.insert(segment.end(), tiff.begin(), tiff.end());
  jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
  return jpeg;
}

TEST(Jpeg, ReadsGrayColorAndProgressive) {
  for (std::size_t channels : {1u, 3u})
    for (bool progressive : {false, true}) {
      const Image image = ramp(20, 30, channels);
      // Quality 100 rounds coefficients to whole numbers: a pixel is off by a few steps at most.
      EXPECT_LE(largest_difference(eight_bits(encode_jpeg(image, 100, progressive)), image), 4) << channels;
    }
}

TEST(Jpeg, IsTurnedByItsOrientation) {
  Image image(16, 32, 1, 50);  // its upper left quarter is light
  for (std::size_t y = 0; y < 8; ++y)
    for (std::size_t x = 0; x < 16; ++x) image.at(y, x) = 200;
  const Bytes jpeg = encode_jpeg(image, 100);
  // Where the light quarter lies after each orientation, by EXIF 2.32: upper left, upper right, …
  const bool down[] = {false, false, true, true, false, false, true, true};
  const bool right[] = {false, true, true, false, false, true, true, false};
  for (int orientation = 1; orientation <= 8; ++orientation)
    for (bool big : {false, true}) {
      const Bytes bytes = with_orientation(jpeg, static_cast<std::uint8_t>(orientation), big);
      const Image seen = eight_bits(bytes);
      const std::size_t height = orientation >= 5 ? 32 : 16;
      ASSERT_EQ(seen.height, height) << orientation;
      EXPECT_EQ(jpeg_facts(bytes, "f")->size, (Size{seen.height, seen.width}));
      const auto i = static_cast<std::size_t>(orientation - 1);
      EXPECT_GT(seen.at(down[i] ? seen.height - 2 : 1, right[i] ? seen.width - 2 : 1), 150) << orientation;
      EXPECT_LT(seen.at(down[i] ? 1 : seen.height - 2, right[i] ? 1 : seen.width - 2), 100) << orientation;
    }
}

TEST(Jpeg, DecodesLessWhereLessIsWanted) {
  const Image image = ramp(64, 96, 1);
  const Bytes jpeg = encode_jpeg(image, 100);
  const Image small = eight_bits(jpeg, {8, 8});
  EXPECT_EQ(small.height, 16u) << "twice what is wanted";
  EXPECT_EQ(small.width, 24u);
  // Each is the mean of 4 × 4 pixels of a plane; the transform's rounding is a few steps.
  EXPECT_NEAR(small.at(5, 7), 40 + 3 * 21.5 + 2 * 29.5, 4);
  EXPECT_EQ(eight_bits(jpeg, {40, 40}).height, 64u);
}

TEST(Jpeg, RefusesTruncatedAndHostileFiles) {
  const Bytes good = encode_jpeg(ramp(40, 40, 3), 90);
  for (std::size_t length = 0; length < good.size() - 2; ++length)
    EXPECT_THROW(parse_image(ByteSpan(good).first(length), "a.jpg"), RequestError) << length;
  Bytes huge = good;
  for (std::size_t at = 0; at + 9 < huge.size(); ++at)
    if (huge[at] == 0xFF && huge[at + 1] == 0xC0)
      huge[at + 5] = huge[at + 7] = 0x3F;  // 16168 pixels each way
  EXPECT_COMPLAINT(parse_image(huge, "a.jpg"), {"a.jpg", "a claim of 16168x16168", "the file can hold"});
  Bytes twelve = good;
  for (std::size_t at = 0; at + 9 < twelve.size(); ++at)
    if (twelve[at] == 0xFF && twelve[at + 1] == 0xC0) twelve[at + 4] = 12;
  EXPECT_COMPLAINT(parse_image(twelve, "a.jpg"), {"12 bits"});
}

TEST(WebP, ReadsColorAndOpacityExactly) {
  const Image image = ramp(9, 7, 3);
  EXPECT_EQ(eight_bits(encode_webp(image)).pixels, image.pixels);
  Image clear(1, 3, 4, 100);
  clear.at(0, 0, 3) = 0, clear.at(0, 1, 3) = 51, clear.at(0, 2, 3) = 255;
  // 100·a + 255·(1 − a) at a = 0, 1/5, 1. What is under a = 0 may be forgotten by the encoder: it is white.
  EXPECT_EQ(eight_bits(encode_webp(clear)).pixels, (Bytes{255, 255, 255, 224, 224, 224, 100, 100, 100}));
}

TEST(WebP, RefusesTruncatedAndHostileFiles) {
  Image noisy = ramp(24, 24, 3);
  for (std::size_t i = 0; i < noisy.pixels.size(); ++i)
    noisy.pixels[i] = static_cast<std::uint8_t>(i * i * 31 / 7);
  const Bytes good = encode_webp(noisy);
  for (std::size_t length = 0; length < good.size(); length += 3)
    EXPECT_THROW(parse_image(ByteSpan(good).first(length), "a.webp"), RequestError) << length;
  const Bytes blank = encode_webp(Image(16000, 16000, 3, 9));  // some hundred bytes
  EXPECT_COMPLAINT(parse_image(blank, "a.webp"), {"a claim of 16000x16000", "the file can hold"});
}

// A PNG of raw rows (each with its filter byte) that the library's own writer does not make.
Bytes png_of(std::uint8_t width, std::uint8_t height, std::uint8_t bits, std::uint8_t type, ByteSpan raw,
             const std::vector<std::pair<std::string, Bytes>>& chunks = {}) {
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  const auto big = [](std::size_t v) {
    return Bytes{static_cast<std::uint8_t>(v >> 24), static_cast<std::uint8_t>(v >> 16),
                 static_cast<std::uint8_t>(v >> 8), static_cast<std::uint8_t>(v)};
  };
  const auto add = [&](const std::string& name, ByteSpan contents) {
    Bytes body(name.begin(), name.end());
    body.insert(body.end(), contents.begin(), contents.end());
    for (const Bytes& piece : {big(contents.size()), body, big(crc_32(body))})
      out.insert(out.end(), piece.begin(), piece.end());
  };
  add("IHDR", Bytes{0, 0, 0, width, 0, 0, 0, height, bits, type, 0, 0, 0});
  for (const auto& [name, contents] : chunks) add(name, contents);
  add("IDAT", deflated(raw));
  add("IEND", {});
  return out;
}

TEST(Png, KeepsSixteenBits) {
  const Bytes png = png_of(2, 1, 16, 0, Bytes{0, 0x12, 0x34, 0xFF, 0xFE});
  EXPECT_TRUE(png_facts(png, "f")->deep);
  EXPECT_EQ(std::get<DeepImage>(parse_image(png, "f")).pixels, (std::vector<std::uint16_t>{0x1234, 0xFFFE}));
  EXPECT_EQ(parse_png(png, "f").pixels, (Bytes{18, 255})) << "0x1234/257 = 18.1";
}

TEST(Png, LaysWhatIsTransparentOverWhite) {
  // Gray with opacity; a palette whose second color is clear; a gray that stands for clear.
  EXPECT_EQ(eight_bits(png_of(2, 1, 8, 4, Bytes{0, 100, 0, 100, 51})).pixels, (Bytes{255, 224}));
  const Bytes palette =
      png_of(2, 1, 8, 3, Bytes{0, 0, 1}, {{"PLTE", {1, 2, 3, 4, 5, 6}}, {"tRNS", {255, 0}}});
  EXPECT_EQ(eight_bits(palette).pixels, (Bytes{1, 2, 3, 255, 255, 255}));
  EXPECT_TRUE(png_facts(palette, "f")->transparent);
  EXPECT_EQ(eight_bits(png_of(2, 1, 8, 0, Bytes{0, 7, 8}, {{"tRNS", {0, 7}}})).pixels, (Bytes{255, 8}));
}

TEST(Png, IsTurnedByItsOrientation) {
  const Bytes exif = {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0};
  const Bytes png = png_of(2, 1, 8, 0, Bytes{0, 10, 20}, {{"eXIf", exif}});
  const Image seen = eight_bits(png);
  EXPECT_EQ(seen.height, 2u);
  EXPECT_EQ(seen.pixels, (Bytes{10, 20})) << "a quarter to the right: what was left is above";
}

TEST(ImageFormat, IsToldByTheFirstBytes) {
  const TemporaryFolder folder;
  const auto save = [&](const char* name, const Bytes& bytes) {
    write_file(folder / name, text_of(bytes));
    return folder / name;
  };
  const Image image = ramp(8, 8, 3);
  EXPECT_EQ(read_image_facts(save("a.png", encode_jpeg(image, 90))).size, (Size{8, 8}));
  EXPECT_EQ(read_image_facts(save("b.jpg", encode_webp(image))).channels, 3u);
  EXPECT_COMPLAINT(read_image_facts(save("c.jpg", Bytes{'G', 'I', 'F', '8'})),
                   {"c.jpg", "GIF8", "JPEG, PNG, WebP"});
  EXPECT_COMPLAINT(read_image_facts(save("d.jpg", {})), {"d.jpg"});
}

}  // namespace
}  // namespace pushforward::io
