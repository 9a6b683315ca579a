// SPDX-License-Identifier: Apache-2.0
//
// A drawing of lines, areas, discs and words, kept as what it is: written as SVG it stays sharp at any size,
// painted into pixels it becomes a PNG or a frame of a GIF. Both show the same.
#pragma once

#include <array>
#include <string>
#include <variant>
#include <vector>

#include "report/picture.hpp"

namespace pushforward::report {

using Place = std::array<double, 2>;  ///< x to the right, y down, in pixels

struct Stroke {
  Colour colour{70, 70, 70};
  double width = 1.5, opacity = 1;
};

enum class Anchor { start, middle, end };

class Drawing {
 public:
  Drawing(std::size_t width, std::size_t height) : width_(width), height_(height) {}

  std::size_t width() const { return width_; }
  std::size_t height() const { return height_; }

  void line(std::vector<Place> through, const Stroke& stroke);
  void area(std::vector<Place> around, Colour fill, double opacity = 1);
  void disc(Place middle, double radius, Colour fill, double opacity = 1);
  /// An arrow with its head at `to`.
  void arrow(Place from, Place to, const Stroke& stroke);
  /// `at` is on the line that the letters stand on. ASCII; other characters are left out of pixels.
  void words(Place at, std::string text, Anchor anchor = Anchor::start, Colour colour = {70, 70, 70});
  /// A picture with its upper left corner here. Of the SVG it is a part, as PNG.
  void image(Place corner, Image image);

  /// A document of its own; `title` is for those who cannot see it.
  std::string svg(const std::string& title) const;
  Image pixels() const;

 private:
  struct Line {
    std::vector<Place> through;
    Stroke stroke;
  };
  struct Area {
    std::vector<Place> around;
    Colour fill;
    double opacity;
  };
  struct Disc {
    Place middle;
    double radius;
    Colour fill;
    double opacity;
  };
  struct Words {
    Place at;
    std::string text;
    Anchor anchor;
    Colour colour;
  };
  struct Inset {
    Place corner;
    Image image;
  };
  using Piece = std::variant<Line, Area, Disc, Words, Inset>;

  static std::string svg_of(const Line& line);
  static std::string svg_of(const Area& area);
  static std::string svg_of(const Disc& disc);
  static std::string svg_of(const Words& words);
  static std::string svg_of(const Inset& inset);
  static void paint(Image& to, const Line& line);
  static void paint(Image& to, const Area& area);
  static void paint(Image& to, const Disc& disc);
  static void paint(Image& to, const Words& words);
  static void paint(Image& to, const Inset& inset);

  std::size_t width_, height_;
  std::vector<Piece> pieces_;
};

/// Width of words in pixels, as they are painted.
double words_width(const std::string& text);

/// Numbers to places: a frame with a light grid, ticks at round numbers and names for both axes.
class Axes {
 public:
  /// A frame between `corner` and `opposite` (upper left, lower right) that shows this box.
  Axes(const Box& box, Place corner, Place opposite) : box_(box), corner_(corner), opposite_(opposite) {}

  Place operator()(double x, double y) const;
  const Box& box() const { return box_; }
  void draw(Drawing& to, const std::string& x_name, const std::string& y_name) const;
  /// A curve within the frame: what leaves it or is not finite breaks it.
  void curve(Drawing& to, const std::vector<double>& x, const std::vector<double>& y,
             const Stroke& stroke) const;

 private:
  Box box_;
  Place corner_, opposite_;
};

struct Named {
  std::string name;
  Colour colour;
};
/// Names beside short lines of their colours, one below the other from `at` on.
void legend(Drawing& to, Place at, const std::vector<Named>& names);

}  // namespace pushforward::report
