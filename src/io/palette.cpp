// SPDX-License-Identifier: Apache-2.0
#include "io/palette.hpp"

#include <algorithm>
#include <cmath>

namespace pushforward::io {
namespace {

using Key = std::uint32_t;  // 0xRRGGBB

Key key_at(std::span<const std::uint8_t> rgb, std::size_t pixel) {
  return static_cast<Key>(rgb[3 * pixel]) << 16 | static_cast<Key>(rgb[3 * pixel + 1]) << 8 |
         static_cast<Key>(rgb[3 * pixel + 2]);
}
double channel(Key key, int c) { return static_cast<double>(key >> (16 - 8 * c) & 255); }

struct Colour {
  Key key;
  double weight;  // first the number of pixels
};

// The picture's colours in rising order; pixels that follow each other with one colour are counted together.
std::vector<Colour> colours_of(std::span<const std::uint8_t> rgb) {
  std::vector<Colour> runs;
  for (std::size_t i = 0; i < rgb.size() / 3; ++i) {
    const Key key = key_at(rgb, i);
    if (runs.empty() || runs.back().key != key) runs.push_back({key, 0});
    ++runs.back().weight;
  }
  std::sort(runs.begin(), runs.end(), [](const Colour& a, const Colour& b) { return a.key < b.key; });
  std::vector<Colour> out;
  for (const Colour& run : runs) {
    if (out.empty() || out.back().key != run.key) out.push_back({run.key, 0});
    out.back().weight += run.weight;
  }
  return out;
}

// A range of colours, with what a cut of it takes off.
struct Box {
  std::size_t begin, end;
  std::array<double, 3> mean{};
  int longest = 0;
  double error = 0;  // of the longest channel, weighted
};

Box box_of(const std::vector<Colour>& colours, std::size_t begin, std::size_t end) {
  Box box{begin, end};
  std::array<double, 3> squares{};
  double weight = 0;
  for (std::size_t i = begin; i < end; ++i) weight += colours[i].weight;
  for (std::size_t i = begin; i < end; ++i)
    for (int c = 0; c < 3; ++c)
      box.mean[static_cast<std::size_t>(c)] += channel(colours[i].key, c) * colours[i].weight / weight;
  for (std::size_t i = begin; i < end; ++i)
    for (int c = 0; c < 3; ++c) {
      const double off = channel(colours[i].key, c) - box.mean[static_cast<std::size_t>(c)];
      squares[static_cast<std::size_t>(c)] += off * off * colours[i].weight;
    }
  box.longest = static_cast<int>(std::max_element(squares.begin(), squares.end()) - squares.begin());
  box.error = squares[static_cast<std::size_t>(box.longest)];
  return box;
}

std::vector<Box> boxes_of(std::vector<Colour>& colours, std::size_t most) {
  std::vector<Box> boxes = {box_of(colours, 0, colours.size())};
  while (boxes.size() < std::min(most, colours.size())) {
    const auto worst = std::max_element(boxes.begin(), boxes.end(),
                                        [](const Box& a, const Box& b) { return a.error < b.error; });
    const Box cut = *worst;
    const double mean = cut.mean[static_cast<std::size_t>(cut.longest)];
    const auto from = colours.begin() + static_cast<std::ptrdiff_t>(cut.begin),
               to = colours.begin() + static_cast<std::ptrdiff_t>(cut.end);
    const auto middle =
        std::partition(from, to, [&](const Colour& one) { return channel(one.key, cut.longest) < mean; });
    const auto at = static_cast<std::size_t>(middle - colours.begin());
    if (at == cut.begin || at == cut.end) break;  // colours of one value: rounding alone
    *worst = box_of(colours, cut.begin, at);
    boxes.push_back(box_of(colours, at, cut.end));
  }
  return boxes;
}

struct Place {
  Key key;
  std::uint8_t index;
};

}  // namespace

Palette palette_of(std::span<const std::uint8_t> rgb, std::size_t most) {
  std::vector<Colour> colours = colours_of(rgb);
  for (Colour& colour : colours) colour.weight = std::sqrt(colour.weight);
  Palette out;
  std::vector<Place> places;
  if (!colours.empty())
    for (const Box& box : boxes_of(colours, most)) {
      const auto index = static_cast<std::uint8_t>(out.colours.size());
      out.colours.emplace_back();
      for (std::size_t c = 0; c < 3; ++c)
        out.colours.back()[c] = static_cast<std::uint8_t>(std::lround(box.mean[c]));
      for (std::size_t i = box.begin; i < box.end; ++i) places.push_back({colours[i].key, index});
    }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.key < b.key; });
  Place last{0xFF000000, 0};  // no colour
  for (std::size_t i = 0; i < rgb.size() / 3; ++i) {
    if (const Key key = key_at(rgb, i); key != last.key)
      last = *std::lower_bound(places.begin(), places.end(), key,
                               [](const Place& place, Key wanted) { return place.key < wanted; });
    out.pixels.push_back(last.index);
  }
  return out;
}

}  // namespace pushforward::io
