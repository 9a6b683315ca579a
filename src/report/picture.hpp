// SPDX-License-Identifier: Apache-2.0
//
// Pictures: an RGB raster, and the few ways this project fills one.
//
// Grids of images for samples and reconstructions, a scatter of points in the plane for codes and toys.
// Everything is bytes in memory; writing PNG or GIF is io's business.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "io/png.hpp"
#include "pushforward/data.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::report {

using Colour = std::array<std::uint8_t, 3>;

/// Ten colours that colour-blind readers tell apart (Okabe & Ito 2008, and three neighbours of theirs).
Colour class_colour(std::size_t label);
std::string css_colour(Colour colour);

using io::Image;

/// Mixes `colour` into a pixel of an RGB image by `opacity` in 0…1; outside the image nothing happens.
void blend(Image& picture, long y, long x, Colour colour, double opacity);

struct GridOptions {
  std::size_t columns = 0;    ///< 0 = as square as it gets
  std::size_t gap = 1;        ///< separator, in source pixels
  std::size_t group = 0;      ///< a double gap after every `group` columns; 0 = none
  std::size_t smallest = 56;  ///< images are enlarged by whole factors until their shorter side reaches this
  double low = 0, high = 1;   ///< values that map to black and white
};

/// Rows as images in reading order. `rows` is n × (H·W·C) with C = 1 or 3; values are clipped to low…high.
Image image_grid(View<const float> rows, RowShape shape, const GridOptions& options = {});

/// A rectangle of the plane.
struct Box {
  std::array<double, 2> low{}, high{};
};
/// The smallest that holds the finite points of both clouds (n × 2; `more` may be missing), and 4 % around.
Box box_of(View<const float> points, View<const float> more = {});

struct Surface;

struct ScatterOptions {
  std::size_t size = 720;                  ///< of the shorter side, in pixels
  double radius = 0;                       ///< of a disc, in pixels; 0 = by the number of points
  std::span<const std::int32_t> labels{};  ///< one a point: its colour; empty = all one colour
  View<const float> behind{};              ///< points drawn first, in grey (the data under the samples)
  bool legend = true;                      ///< names beside their colours, where there are labels
  std::vector<std::string> label_names{};  ///< by label; a number where one has no name
  std::string x_name{}, y_name{};          ///< of the axes
  const Box* box = nullptr;                ///< what is shown, where not all points (frames of an animation)
  const Surface* surface = nullptr;  ///< drawn first: tints from low (orange) to high (blue), level lines
};

/// Points of the plane (n × 2), equal scales on both axes, a light grid with ticks at round numbers.
Image scatter(View<const float> points, const ScatterOptions& options = {});

/// The first `most` images of a data set, brought to 0…1 by its range where it exceeds that; or its points
/// where they lie in the plane, coloured by label. RequestError for anything else.
Image picture_of(const Dataset& data, std::size_t most = 100);

/// Round numbers that cut [low, high] into about `count` steps: multiples of 1, 2 or 5 times a power of ten.
std::vector<double> ticks(double low, double high, std::size_t count);

/// A tick and its label.
struct Tick {
  double value;
  std::string text;
};
struct Labels {
  std::vector<Tick> ticks;
  double offset = 0;  ///< what all texts leave out, where they were long: 0.02 for 1000.02
};
/// Ticks with texts that tell them apart, at most about `count`, and no more than stand beside each other on
/// `length` pixels with letters `letter` wide (0: one below the other).
Labels labels(double low, double high, std::size_t count, double length, double letter, bool offset = true);

}  // namespace pushforward::report
