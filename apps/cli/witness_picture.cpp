// SPDX-License-Identifier: Apache-2.0
#include "witness_picture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "contour_panel.hpp"
#include "report/surface.hpp"

namespace pushforward::cli {
namespace {

using report::Axes;
using report::Box;
using report::Colour;
using report::Drawing;
using report::Surface;

constexpr std::size_t kSide = 72, kMostDrawn = 600, kLevels = 9;
constexpr Colour kX = {0, 114, 178}, kY = {213, 94, 0};

Box box_around(const Points& x, const Points& y, double share) {
  Box box = {{HUGE_VAL, HUGE_VAL}, {-HUGE_VAL, -HUGE_VAL}};
  for (const Points* points : {&x, &y})
    for (std::size_t i = 0; i < points->n(); ++i)
      for (std::size_t k = 0; k < points->d(); ++k)
        box.low[k] = std::min(box.low[k], points->at(i, k)),
        box.high[k] = std::max(box.high[k], points->at(i, k));
  for (std::size_t k = 0; k < x.d(); ++k) {
    const double spread = box.high[k] - box.low[k], pad = spread > 0 ? share * spread : 1;
    box.low[k] -= pad, box.high[k] += pad;
  }
  return box;
}

double largest(const std::vector<double>& values) {
  double most = 0;
  for (double v : values) most = std::isfinite(v) ? std::max(most, std::abs(v)) : most;
  return most;
}

// Strokes at the foot of the frame, X's above Y's.
void draw_rug(Drawing& to, const Axes& axes, const Points& points, double top, Colour colour) {
  const std::size_t shown = std::min(points.n(), kMostDrawn);
  const double opacity = std::clamp(12 / std::sqrt(static_cast<double>(shown)), 0.25, 0.9);
  for (std::size_t s = 0; s < shown; ++s) {
    const double at = axes(points.at(s * points.n() / shown, 0), 0)[0];
    to.line({{at, top}, {at, top + 10}}, {colour, 1, opacity});
  }
}

void draw_discs(Drawing& to, const Axes& axes, const Points& points, Colour colour) {
  const std::size_t shown = std::min(points.n(), kMostDrawn);
  for (std::size_t s = 0; s < shown; ++s) {
    const std::size_t i = s * points.n() / shown;
    to.disc(axes(points.at(i, 0), points.at(i, 1)), 2.2, colour, 0.6);
  }
}

std::string told_of(const std::vector<double>& levels) {
  if (levels.empty()) return "constant";
  return fmt::format("contours {:.3g} to {:.3g}, step {:.3g}", levels.front(), levels.back(),
                     levels[1] - levels[0]);
}

// The function's name above its contours, then both samples.
void draw_panel(Drawing& to, const Panel& at, const Surface& surface, const SeenFunction& function,
                const Points& x, const Points& y) {
  const std::vector<double> levels = report::levels_of(surface, kLevels);
  const Axes axes = draw_contours(to, at, surface, levels);
  to.words({at.left, at.top - 26}, function.name);
  to.words({at.left, at.top - 10}, told_of(levels));
  draw_discs(to, axes, x, kX);
  draw_discs(to, axes, y, kY);
}

}  // namespace

Matrix<double> plane_grid(const Points& x, const Points& y) {
  const Box box = box_around(x, y, 0.1);
  Matrix<double> grid(kSide * kSide, 2);
  const auto along = [&](std::size_t at, std::size_t k) {
    return std::lerp(box.low[k], box.high[k], static_cast<double>(at) / static_cast<double>(kSide - 1));
  };
  for (std::size_t r = 0; r < kSide; ++r)
    for (std::size_t c = 0; c < kSide; ++c)
      grid(r * kSide + c, 0) = along(c, 0), grid(r * kSide + c, 1) = along(r, 1);
  return grid;
}

Drawing draw_on_line(const Matrix<double>& grid, const std::vector<SeenFunction>& functions, const Points& x,
                     const Points& y) {
  const bool scaled = functions.size() > 1;
  std::vector<double> places(grid.data(), grid.data() + grid.rows());
  std::vector<std::vector<double>> curves;
  std::vector<report::Named> names;
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const SeenFunction& function : functions) {
    const double most = largest(function.values), by = scaled && most > 0 ? most : 1;
    curves.push_back(function.values);
    for (double& v : curves.back()) v /= by, low = std::min(low, v), high = std::max(high, v);
    names.push_back({scaled ? fmt::format("{} / {:.3g}", function.name, by) : function.name,
                     report::class_colour(names.size() + (names.size() < 1 ? 2 : 3))});
  }
  if (!(high > low)) low -= 0.5, high += 0.5;
  const double pad = 0.05 * (high - low);
  Drawing drawing(760, 440 + 18 * names.size());
  const Axes axes({{places.front(), low - pad}, {places.back(), high + pad}}, {70, 40}, {735, 340});
  axes.draw(drawing, "", "");
  if (low < 0 && high > 0)
    drawing.line({axes(places.front(), 0), axes(places.back(), 0)}, {{150, 150, 150}, 1, 1});
  draw_rug(drawing, axes, x, 364, kX), draw_rug(drawing, axes, y, 378, kY);
  for (std::size_t i = 0; i < curves.size(); ++i)
    axes.curve(drawing, places, curves[i], {names[i].colour, 2, 1});
  names.push_back({"X (p), where a function is to be high", kX}),
      names.push_back({"Y (q), where it is to be low", kY});
  report::legend(drawing, {70, 410}, names);
  return drawing;
}

Drawing draw_in_plane(const Matrix<double>& grid, const std::vector<SeenFunction>& functions, const Points& x,
                      const Points& y) {
  const std::size_t last = grid.rows() - 1;
  const Box box = {{grid(0, 0), grid(0, 1)}, {grid(last, 0), grid(last, 1)}};
  const double wide = box.high[0] - box.low[0], high = box.high[1] - box.low[1];
  const double scale = 420 / std::max(wide, high);
  const double width = std::max(std::round(wide * scale), 160.0),
               height = std::max(std::round(high * scale), 160.0);
  std::vector<Surface> surfaces;
  double apart = width;  // panels are as far from each other as the widest words above them need
  for (const SeenFunction& function : functions) {
    Surface surface{box, Matrix<double>(kSide, kSide)};
    std::copy(function.values.begin(), function.values.end(), surface.values.data());
    const std::string told = told_of(report::levels_of(surface, kLevels));
    apart = std::max({apart, report::words_width(function.name) - 28, report::words_width(told) - 28});
    surfaces.push_back(std::move(surface));
  }
  Drawing drawing(static_cast<std::size_t>((apart + 80) * static_cast<double>(functions.size())) + 10,
                  static_cast<std::size_t>(height) + 112);
  for (std::size_t f = 0; f < functions.size(); ++f) {
    draw_panel(drawing, {60 + (apart + 80) * static_cast<double>(f), 50, width, height}, surfaces[f],
               functions[f], x, y);
  }
  report::legend(drawing, {60, height + 100}, {{"X (p)", kX}});
  report::legend(drawing, {160, height + 100}, {{"Y (q)", kY}});
  return drawing;
}

}  // namespace pushforward::cli
