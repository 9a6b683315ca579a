// SPDX-License-Identifier: Apache-2.0
// A drawing's two forms show the same pieces.
#include "report/drawing.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace pushforward::report {
namespace {

Colour at(const Image& image, std::size_t y, std::size_t x) {
  return {image.at(y, x, 0), image.at(y, x, 1), image.at(y, x, 2)};
}
constexpr Colour kWhite = {255, 255, 255}, kRed = {255, 0, 0};

TEST(Drawing, PaintsWhatItCovers) {
  Drawing drawing(40, 30);
  drawing.line({{5, 10}, {35, 10}}, {kRed, 3, 1});
  drawing.area({{10, 15}, {20, 15}, {20, 25}, {10, 25}}, kRed);
  drawing.disc({30, 20}, 4, kRed);
  const Image image = drawing.pixels();
  ASSERT_EQ(image.width, 40u);
  ASSERT_EQ(image.height, 30u);
  EXPECT_EQ(at(image, 10, 20), kRed);
  EXPECT_EQ(at(image, 13, 20), kWhite);
  EXPECT_EQ(at(image, 20, 15), kRed);
  EXPECT_EQ(at(image, 20, 23), kWhite);
  EXPECT_EQ(at(image, 20, 30), kRed);
  EXPECT_EQ(at(image, 26, 30), kWhite);
}

TEST(Drawing, WhatLeavesThePictureIsCutOff) {
  Drawing drawing(10, 10);
  drawing.line({{-1e6, 5}, {1e6, 5}}, {kRed, 1, 1});
  drawing.disc({-3, -3}, 2, kRed);
  drawing.area({{5, 5}, {50, 5}, {50, 50}}, kRed);
  drawing.words({-20, 300}, "far");
  EXPECT_EQ(at(drawing.pixels(), 5, 0), kRed);
  EXPECT_EQ(at(drawing.pixels(), 0, 0), kWhite);
}

TEST(Drawing, WordsStandWhereTheirAnchorSays) {
  const auto columns = [](Anchor anchor) {
    Drawing drawing(120, 20);
    drawing.words({60, 15}, "HHH", anchor, {0, 0, 0});
    const Image image = drawing.pixels();
    std::pair<std::size_t, std::size_t> ends{120, 0};
    for (std::size_t y = 0; y < 20; ++y)
      for (std::size_t x = 0; x < 120; ++x)
        if (image.at(y, x) < 128)
          ends.first = std::min(ends.first, x), ends.second = std::max(ends.second, x);
    return ends;
  };
  EXPECT_GE(columns(Anchor::start).first, 59u);
  EXPECT_LE(columns(Anchor::end).second, 61u);
  const auto [first, last] = columns(Anchor::middle);
  EXPECT_NEAR(static_cast<double>(first + last) / 2, 60, 1.5);
}

TEST(Drawing, AsSvgEveryPieceIsAnElement) {
  Drawing drawing(40, 30);
  drawing.arrow({5, 5}, {25, 5}, {kRed, 2, 0.5});
  drawing.words({3, 3}, "a<b");
  const std::string svg = drawing.svg("one & two");
  EXPECT_TRUE(svg.starts_with("<svg xmlns"));
  EXPECT_NE(svg.find("<title>one &amp; two</title>"), std::string::npos);
  EXPECT_NE(svg.find("stroke=\"#ff0000\" stroke-width=\"2\" stroke-opacity=\"0.5\""), std::string::npos);
  EXPECT_NE(svg.find("<polygon fill=\"#ff0000\""), std::string::npos);  // the arrow's head
  EXPECT_NE(svg.find("a&lt;b"), std::string::npos);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(Axes, PlaceNumbersAndBreakCurvesWhereTheyLeave) {
  const Axes axes({{0, -1}, {10, 1}}, {100, 20}, {300, 220});
  EXPECT_EQ(axes(0, -1), (Place{100, 220}));
  EXPECT_EQ(axes(10, 1), (Place{300, 20}));
  Drawing drawing(400, 300);
  axes.curve(drawing, {0, 1, 2, 3, 4, 5}, {0, 0.5, 9, 0, 0, 0.1}, {kRed, 2, 1});
  const std::string svg = drawing.svg("");
  EXPECT_EQ(std::count(svg.begin(), svg.end(), '\n'), 6);  // head, title, paper, two runs, end
}

}  // namespace
}  // namespace pushforward::report
