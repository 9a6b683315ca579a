// SPDX-License-Identifier: Apache-2.0
// Pictures: what they are made of, by hand.
#include <cmath>

#include <gtest/gtest.h>

#include "io/base64.hpp"
#include "io/gif.hpp"
#include "io/palette.hpp"
#include "pushforward/error.hpp"
#include "report/picture.hpp"

namespace pushforward::report {
namespace {

constexpr RowShape kTwoByTwo = {.height = 2, .width = 2, .channels = 1, .image = true};

TEST(Base64, MatchesTheExamplesOfRfc4648) {
  const auto encode = [](std::string_view text) { return io::base64(io::bytes_of(text)); };
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg==");
  EXPECT_EQ(encode("fo"), "Zm8=");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
}

TEST(Ticks, AreRoundAndInsideTheRange) {
  EXPECT_EQ(ticks(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(ticks(-1.2, 1.3, 5), (std::vector<double>{-1, -0.5, 0, 0.5, 1}));
  EXPECT_EQ(ticks(3, 3, 5), (std::vector<double>{3}));
}

TEST(ImageGrid, PutsPixelsWhereTheyBelong) {
  Tensor rows(3, 4);
  const float values[] = {0, 1, 0.5f, 2, 1, 1, 1, 1, 0, 0, 0, -1};
  std::copy(std::begin(values), std::end(values), rows.data());
  const Image grid = image_grid(rows, kTwoByTwo, {.columns = 2, .gap = 1, .smallest = 2});
  ASSERT_EQ(grid.width, 7u);      // 1 + 2 + 1 + 2 + 1
  ASSERT_EQ(grid.height, 7u);     // two lines, the second with one image
  EXPECT_EQ(grid.at(0, 0), 128);  // separator
  EXPECT_EQ(grid.at(1, 1), 0);
  EXPECT_EQ(grid.at(1, 2), 255);
  EXPECT_EQ(grid.at(2, 1), 128);
  EXPECT_EQ(grid.at(2, 2), 255);  // 2 is clipped to white
  EXPECT_EQ(grid.at(1, 4, 2), 255);
  EXPECT_EQ(grid.at(5, 2), 0);    // −1 is clipped to black
  EXPECT_EQ(grid.at(5, 5), 128);  // no fourth image
}

TEST(ImageGrid, RefusesWhatIsNoImage) {
  const Tensor rows(1, 4);
  EXPECT_THROW(image_grid(rows, {.height = 1, .width = 4, .channels = 1, .image = false}), RequestError);
  EXPECT_THROW(image_grid(Tensor(0, 4), kTwoByTwo), RequestError);
}

TEST(Scatter, DrawsEachClassInItsColourAndMoreToTheRightForLargerX) {
  Tensor points(2, 2);
  points(0, 0) = -1, points(1, 0) = 1;
  const std::vector<std::int32_t> labels = {0, 3};
  ScatterOptions options;
  options.radius = 6, options.labels = labels, options.legend = false;
  const Image picture = scatter(points, options);
  // Where a class's colour dominates: discs are mixed with paper, so compare directions, not values.
  const auto column_of = [&](Colour colour) {
    double best = 1e9;
    std::size_t at = 0;
    for (std::size_t y = 0; y < picture.height; ++y)
      for (std::size_t x = 0; x < picture.width; ++x) {
        double difference = 0;
        for (std::size_t c = 0; c < 3; ++c) difference += std::abs(picture.at(y, x, c) - colour[c]);
        if (difference < best) best = difference, at = x;
      }
    EXPECT_LT(best, 120);
    return at;
  };
  EXPECT_LT(column_of(class_colour(0)), column_of(class_colour(3)));
}

// Whether a column of pixels is all paper.
bool is_bare(const Image& picture, std::size_t x) {
  for (std::size_t y = 0; y < picture.height; ++y)
    if (picture.at(y, x) < 250) return false;
  return true;
}

TEST(Scatter, HasRoomForItsLabelsAndNames) {
  Tensor points(2, 2);
  points(0, 0) = -1, points(1, 0) = 1, points(0, 1) = -12345, points(1, 1) = -12344;
  const std::vector<std::int32_t> labels = {0, 1};
  ScatterOptions options;
  options.size = 100, options.labels = labels, options.label_names = {"one", "a longer name"};
  const Image picture = scatter(points, options);
  EXPECT_TRUE(is_bare(picture, 0));
  EXPECT_TRUE(is_bare(picture, picture.width - 1));
  bool some = false;  // a label stands where the margin of a short one would end
  for (std::size_t x = 4; x < 20; ++x) some |= !is_bare(picture, x);
  EXPECT_TRUE(some);
  options.x_name = "width", options.y_name = "height";
  EXPECT_GT(scatter(points, options).height, picture.height + 20);
}

TEST(Scatter, SurvivesOnePointAndPointsThatAreNotFinite) {
  Tensor points(2, 2);
  points(1, 0) = NAN, points(1, 1) = INFINITY;
  EXPECT_GT(scatter(points).width, 0u);
  EXPECT_THROW(scatter(Tensor(2, 3)), RequestError);
}

TEST(Gif, HoldsEveryFrameAndRepeats) {
  const std::vector<Image> frames = {Image(4, 5, 1, 10), Image(4, 5, 1, 200), Image(4, 5, 3, 90)};
  const io::Bytes gif = io::encode_gif(frames, 8);
  const std::string text(gif.begin(), gif.end());
  EXPECT_EQ(text.substr(0, 6), "GIF89a");
  EXPECT_EQ(static_cast<unsigned char>(text[6]), 5);  // width, then height, little-endian
  EXPECT_EQ(static_cast<unsigned char>(text[8]), 4);
  EXPECT_NE(text.find("NETSCAPE2.0"), std::string::npos);
  EXPECT_EQ(text.back(), ';');
  std::size_t delays = 0;  // graphics control extensions: 21 F9 04 flags 08 00 …
  for (std::size_t i = 0; i + 5 < text.size(); ++i)
    delays += text.compare(i, 3, "\x21\xF9\x04") == 0 && text[i + 4] == 8;
  EXPECT_EQ(delays, 3u);
  EXPECT_THROW(io::encode_gif({}, 8), RequestError);
  const std::vector<Image> uneven = {Image(4, 5, 1), Image(5, 4, 1)};
  EXPECT_THROW(io::encode_gif(uneven, 8), RequestError);
}

// Two hundred greys and forty colours of dots fit; of a thousand colours the nearest are near.
TEST(Gif, PalettesAreExactWhereTheyCanBe) {
  std::vector<std::uint8_t> rgb;
  for (int i = 0; i < 200; ++i)
    for (int k = 0; k < 50; ++k)
      for (int c = 0; c < 3; ++c) rgb.push_back(static_cast<std::uint8_t>(i));
  for (int i = 0; i < 40; ++i)
    for (int c : {250, 6 * i, 10}) rgb.push_back(static_cast<std::uint8_t>(c));
  const auto furthest = [&] {
    const io::Palette palette = io::palette_of(rgb);
    EXPECT_LE(palette.colours.size(), 256u);
    int most = 0;
    for (std::size_t i = 0; i < palette.pixels.size(); ++i)
      for (std::size_t c = 0; c < 3; ++c)
        most = std::max(most, std::abs(int{rgb[3 * i + c]} - int{palette.colours[palette.pixels[i]][c]}));
    return most;
  };
  EXPECT_EQ(furthest(), 0);
  for (int i = 0; i < 800; ++i)  // a plane of 40 x 20 colours: cells of 13 x 13 at best, 7 from their middles
    for (int c : {6 * (i % 40), 12 * (i / 40), 200}) rgb.push_back(static_cast<std::uint8_t>(c));
  EXPECT_LE(furthest(), 16);
  EXPECT_TRUE(io::palette_of({}).pixels.empty());
}

}  // namespace
}  // namespace pushforward::report
