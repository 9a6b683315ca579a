// SPDX-License-Identifier: Apache-2.0
//
// A drawing's pieces as SVG, and axes around them; drawing_pixels.cpp paints.
#include "report/drawing.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "io/base64.hpp"
#include "io/markup.hpp"

namespace pushforward::report {
namespace {

constexpr Colour kGrid = {226, 226, 226}, kInk = {70, 70, 70};

std::string points_text(const std::vector<Place>& places) {
  std::string text;
  for (const Place& p : places) text += fmt::format("{}{:.2f},{:.2f}", text.empty() ? "" : " ", p[0], p[1]);
  return text;
}

}  // namespace

void Drawing::line(std::vector<Place> through, const Stroke& stroke) {
  if (through.size() > 1) pieces_.emplace_back(Line{std::move(through), stroke});
}
void Drawing::area(std::vector<Place> around, Colour fill, double opacity) {
  if (around.size() > 2) pieces_.emplace_back(Area{std::move(around), fill, opacity});
}
void Drawing::disc(Place middle, double radius, Colour fill, double opacity) {
  pieces_.emplace_back(Disc{middle, radius, fill, opacity});
}
void Drawing::words(Place at, std::string text, Anchor anchor, Colour colour) {
  if (text.empty()) return;
  pieces_.emplace_back(Words{at, std::move(text), anchor, colour});
}
void Drawing::image(Place corner, Image image) { pieces_.emplace_back(Inset{corner, std::move(image)}); }

void Drawing::arrow(Place from, Place to, const Stroke& stroke) {
  const double dx = to[0] - from[0], dy = to[1] - from[1], length = std::hypot(dx, dy);
  if (!(length > 0.5)) return;
  const double head = std::min(4 + 2 * stroke.width, 0.6 * length), half = 0.4 * head;
  const double ux = dx / length, uy = dy / length;
  const Place neck = {to[0] - head * ux, to[1] - head * uy};
  line({from, neck}, stroke);
  area({to, {neck[0] - half * uy, neck[1] + half * ux}, {neck[0] + half * uy, neck[1] - half * ux}},
       stroke.colour, stroke.opacity);
}

std::string Drawing::svg_of(const Line& l) {
  return fmt::format(
      "<polyline fill=\"none\" stroke=\"{}\" stroke-width=\"{:.3g}\" stroke-opacity=\"{:.3g}\" "
      "stroke-linejoin=\"round\" points=\"{}\"/>\n",
      css_colour(l.stroke.colour), l.stroke.width, l.stroke.opacity, points_text(l.through));
}
std::string Drawing::svg_of(const Area& a) {
  return fmt::format("<polygon fill=\"{}\" fill-opacity=\"{:.3g}\" points=\"{}\"/>\n", css_colour(a.fill),
                     a.opacity, points_text(a.around));
}
std::string Drawing::svg_of(const Disc& d) {
  return fmt::format(
      "<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"{:.3g}\" fill=\"{}\" fill-opacity=\"{:.3g}\"/>\n", d.middle[0],
      d.middle[1], d.radius, css_colour(d.fill), d.opacity);
}
std::string Drawing::svg_of(const Words& w) {
  const char* anchor = w.anchor == Anchor::start ? "start" : w.anchor == Anchor::middle ? "middle" : "end";
  return fmt::format("<text x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"{}\" fill=\"{}\">{}</text>\n", w.at[0],
                     w.at[1], anchor, css_colour(w.colour), io::escape_markup(w.text));
}
std::string Drawing::svg_of(const Inset& i) {
  return fmt::format(
      "<image x=\"{:.2f}\" y=\"{:.2f}\" width=\"{}\" height=\"{}\" "
      "href=\"data:image/png;base64,{}\"/>\n",
      i.corner[0], i.corner[1], i.image.width, i.image.height, io::base64(io::encode_png(i.image)));
}

std::string Drawing::svg(const std::string& title) const {
  std::string text = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"13\">\n<title>{2}</title>\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      width_, height_, io::escape_markup(title));
  for (const Piece& piece : pieces_) text += std::visit([](const auto& p) { return svg_of(p); }, piece);
  return text + "</svg>\n";
}

Place Axes::operator()(double x, double y) const {
  const auto along = [&](double value, std::size_t k, double from, double to) {
    return from + (value - box_.low[k]) / (box_.high[k] - box_.low[k]) * (to - from);
  };
  return {along(x, 0, corner_[0], opposite_[0]), along(y, 1, opposite_[1], corner_[1])};
}

void Axes::draw(Drawing& to, const std::string& x_name, const std::string& y_name) const {
  const Stroke faint{kGrid, 1, 1};
  const Labels along = labels(box_.low[0], box_.high[0], 7, opposite_[0] - corner_[0], words_width("00") / 2),
               up = labels(box_.low[1], box_.high[1], 5, opposite_[1] - corner_[1], 0);
  for (const Tick& tick : along.ticks) {
    const double x = (*this)(tick.value, 0)[0];
    to.line({{x, corner_[1]}, {x, opposite_[1]}}, faint);
    to.words({x, opposite_[1] + 18}, tick.text, Anchor::middle, kInk);
  }
  for (const Tick& tick : up.ticks) {
    const double y = (*this)(0, tick.value)[1];
    to.line({{corner_[0], y}, {opposite_[0], y}}, faint);
    to.words({corner_[0] - 6, y + 4}, tick.text, Anchor::end, kInk);
  }
  std::string beyond;
  for (const auto& [name, offset] : {std::pair{"x", along.offset}, std::pair{"y", up.offset}})
    if (offset != 0) beyond += fmt::format("{}{} {:+.12g}", beyond.empty() ? "" : ", ", name, offset);
  to.words({std::max(2.0, corner_[0] - 44), opposite_[1] + 36}, beyond, Anchor::start, kInk);
  to.words({(corner_[0] + opposite_[0]) / 2, opposite_[1] + 36}, x_name, Anchor::middle, kInk);
  to.words({corner_[0], corner_[1] - 8}, y_name, Anchor::start, kInk);
}

void Axes::curve(Drawing& to, const std::vector<double>& x, const std::vector<double>& y,
                 const Stroke& stroke) const {
  std::vector<Place> run;
  const auto inside = [&](double a, double b) {
    return std::isfinite(a) && std::isfinite(b) && a >= box_.low[0] && a <= box_.high[0] &&
           b >= box_.low[1] && b <= box_.high[1];
  };
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (inside(x[i], y[i])) run.push_back((*this)(x[i], y[i]));
    if (!inside(x[i], y[i]) || i + 1 == x.size()) to.line(std::exchange(run, {}), stroke);
  }
}

void legend(Drawing& to, Place at, const std::vector<Named>& names) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double y = at[1] + 18 * static_cast<double>(i);
    to.line({{at[0], y - 4}, {at[0] + 18, y - 4}}, {names[i].colour, 3, 1});
    to.words({at[0] + 24, y}, names[i].name);
  }
}

}  // namespace pushforward::report
