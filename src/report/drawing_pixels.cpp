// SPDX-License-Identifier: Apache-2.0
//
// A drawing painted into pixels. A pixel takes of each piece the share that the piece covers: of lines and
// discs by the distance to their middle, of areas by 4 × 4 samples. Letters are lines.
#include <algorithm>
#include <climits>
#include <cmath>

#include "report/letters.hpp"

namespace pushforward::report {
namespace {

constexpr std::uint8_t kPaper = 255;
constexpr double kPen = 1.25;  // pixels: the width of a letter's strokes

double distance_to_segment(double x, double y, const Place& a, const Place& b) {
  const double dx = b[0] - a[0], dy = b[1] - a[1], square = dx * dx + dy * dy;
  const double t = square > 0 ? std::clamp(((x - a[0]) * dx + (y - a[1]) * dy) / square, 0.0, 1.0) : 0.0;
  return std::hypot(x - a[0] - t * dx, y - a[1] - t * dy);
}

// Pixels of `image` in a box around these places, with `margin` around it.
template <class Visit>
void for_pixels(const Image& image, const std::vector<Place>& places, double margin, const Visit& visit) {
  double low[2] = {HUGE_VAL, HUGE_VAL}, high[2] = {-HUGE_VAL, -HUGE_VAL};
  for (const Place& p : places)
    for (std::size_t k = 0; k < 2; ++k) low[k] = std::min(low[k], p[k]), high[k] = std::max(high[k], p[k]);
  const auto within = [](double v, std::size_t size) {
    return std::lround(std::clamp(v, -1.0, static_cast<double>(size)));
  };
  for (long y = within(low[1] - margin, image.height); y <= within(high[1] + margin, image.height); ++y)
    for (long x = within(low[0] - margin, image.width); x <= within(high[0] + margin, image.width); ++x)
      visit(y, x);
}

// Where the outline crosses this height, in rising order.
std::vector<double> crossings(const std::vector<Place>& around, double y) {
  std::vector<double> found;
  for (std::size_t i = 0, j = around.size() - 1; i < around.size(); j = i++)
    if ((around[i][1] > y) != (around[j][1] > y))
      found.push_back((around[j][0] - around[i][0]) * (y - around[i][1]) / (around[j][1] - around[i][1]) +
                      around[i][0]);
  std::sort(found.begin(), found.end());
  return found;
}

// By the even-odd rule.
bool inside(const std::vector<double>& crossed, double x) {
  return (crossed.end() - std::upper_bound(crossed.begin(), crossed.end(), x)) % 2 != 0;
}

}  // namespace

// Each pixel once, though pieces of the line meet: by the nearest of them.
void Drawing::paint(Image& to, const Line& l) {
  const double half = l.stroke.width / 2;
  std::vector<std::pair<long, double>> covered;  // pixel, share
  for (std::size_t i = 0; i + 1 < l.through.size(); ++i)
    for_pixels(to, {l.through[i], l.through[i + 1]}, half + 1, [&](long y, long x) {
      const double far =
          distance_to_segment(static_cast<double>(x), static_cast<double>(y), l.through[i], l.through[i + 1]);
      const double share = std::clamp(half - far + 0.5, 0.0, std::min(1.0, l.stroke.width));
      if (share > 0 && x >= 0 && y >= 0 && x < static_cast<long>(to.width))
        covered.emplace_back(y * static_cast<long>(to.width) + x, share);
    });
  std::sort(covered.begin(), covered.end(), std::greater<>());
  for (std::size_t i = 0; i < covered.size(); ++i)
    if (i == 0 || covered[i].first != covered[i - 1].first)
      blend(to, covered[i].first / static_cast<long>(to.width),
            covered[i].first % static_cast<long>(to.width), l.stroke.colour,
            covered[i].second * l.stroke.opacity);
}

// Row by row, so that an outline of a thousand places costs what one of four does.
void Drawing::paint(Image& to, const Area& a) {
  std::array<std::vector<double>, 4> crossed;
  long row = LONG_MIN;
  for_pixels(to, a.around, 1, [&](long y, long x) {
    if (y != row)
      for (int s = 0; s < 4; ++s)
        crossed[static_cast<std::size_t>(s)] = crossings(a.around, static_cast<double>(y) + (s - 1.5) / 4);
    row = y;
    int hits = 0;
    for (int s = 0; s < 16; ++s)
      hits += inside(crossed[static_cast<std::size_t>(s / 4)], static_cast<double>(x) + (s % 4 - 1.5) / 4);
    if (hits > 0) blend(to, y, x, a.fill, a.opacity * hits / 16);
  });
}

void Drawing::paint(Image& to, const Disc& d) {
  for_pixels(to, {d.middle}, d.radius + 1, [&](long y, long x) {
    const double far = std::hypot(static_cast<double>(x) - d.middle[0], static_cast<double>(y) - d.middle[1]);
    const double share = std::clamp(d.radius - far + 0.5, 0.0, 1.0);
    if (share > 0) blend(to, y, x, d.fill, share * d.opacity);
  });
}

void Drawing::paint(Image& to, const Words& w) {
  const double shift = w.anchor == Anchor::start ? 0 : w.anchor == Anchor::middle ? 0.5 : 1;
  const Place at = {w.at[0] - shift * words_width(w.text), w.at[1]};
  for (std::vector<Place>& stroke : strokes_of(w.text, at)) {
    if (stroke.size() == 1) stroke.push_back(stroke.front());
    paint(to, Line{std::move(stroke), {w.colour, kPen, 1}});
  }
}

void Drawing::paint(Image& to, const Inset& i) {
  const long top = std::lround(i.corner[1]), left = std::lround(i.corner[0]);
  for (std::size_t y = 0; y < i.image.height; ++y)
    for (std::size_t x = 0; x < i.image.width; ++x) {
      const Colour colour = {i.image.at(y, x, 0), i.image.at(y, x, 1), i.image.at(y, x, 2)};
      blend(to, top + static_cast<long>(y), left + static_cast<long>(x), colour, 1);
    }
}

Image Drawing::pixels() const {
  Image image(height_, width_, 3, kPaper);
  for (const Piece& piece : pieces_) std::visit([&](const auto& p) { paint(image, p); }, piece);
  return image;
}

}  // namespace pushforward::report
