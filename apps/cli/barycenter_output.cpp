// SPDX-License-Identifier: Apache-2.0
#include "barycenter_output.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "drawing_output.hpp"
#include "endings.hpp"
#include "io/npz.hpp"
#include "io/png.hpp"
#include "masses_picture.hpp"
#include "pushforward/error.hpp"
#include "report/drawing.hpp"
#include "report/picture.hpp"
#include "table_output.hpp"

namespace pushforward::cli {
namespace {

using report::Axes;
using report::Box;
using report::Colour;
using report::Drawing;

constexpr Colour kMiddle = {20, 20, 20};
constexpr std::size_t kMostBars = 5;  // histograms whose bars have room beside one another

const std::vector<std::string>& endings() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> endings = table_endings();
    endings.insert(endings.end(), {".npz", ".png", ".svg"});
    return endings;
  }();
  return all;
}

Box box_around(std::span<const Sample> measures) {
  Box box = {{HUGE_VAL, HUGE_VAL}, {-HUGE_VAL, -HUGE_VAL}};
  for (const Sample& measure : measures)
    for (std::size_t i = 0; i < measure.n(); ++i)
      for (std::size_t k = 0; k < 2; ++k) {
        box.low[k] = std::min(box.low[k], measure.points.at(i, k));
        box.high[k] = std::max(box.high[k], measure.points.at(i, k));
      }
  for (std::size_t k = 0; k < 2; ++k) {
    const double spread = box.high[k] - box.low[k], pad = spread > 0 ? 0.06 * spread : 1;
    box.low[k] -= pad, box.high[k] += pad;
  }
  return box;
}

// Discs of one area a unit of mass, so that clouds of few and of many points are as dark.
void draw_discs(Drawing& to, const Axes& axes, const Sample& sample, Colour colour, double opacity) {
  for (std::size_t i = 0; i < sample.n(); ++i) {
    const double weight = sample.weights.empty() ? 1 / static_cast<double>(sample.n()) : sample.weights[i];
    if (weight > 0)
      to.disc(axes(sample.points.at(i, 0), sample.points.at(i, 1)), std::max(0.8, 36 * std::sqrt(weight)),
              colour, opacity);
  }
}

Drawing draw_plane(const Barycenter& found, std::span<const Sample> measures) {
  const Box box = box_around(measures);
  const double width = box.high[0] - box.low[0], height = box.high[1] - box.low[1];
  const double scale = 620 / std::max(width, height);
  const double w = std::max(width * scale, 200.0), h = std::max(height * scale, 200.0);
  Drawing drawing(static_cast<std::size_t>(w) + 80, static_cast<std::size_t>(h) + 84);
  const Axes axes(box, {60, 34}, {60 + w, 34 + h});
  axes.draw(drawing, "", "");
  for (std::size_t k = 0; k < measures.size(); ++k)
    draw_discs(drawing, axes, measures[k], report::class_colour(k), 0.35);
  draw_discs(drawing, axes, {Points(found.points), found.weights}, kMiddle, 0.85);
  report::legend(drawing, {60, 18}, {{"barycenter", kMiddle}});
  return drawing;
}

Drawing draw_bars(const std::vector<double>& masses, View<const double> histograms) {
  std::vector<NamedMasses> all;
  for (std::size_t k = 0; k < histograms.rows && histograms.rows <= kMostBars; ++k) {
    all.push_back({fmt::format("{}", k + 1), {histograms.row(k), histograms.row(k) + histograms.cols}});
    std::vector<double>& of = all.back().masses;
    const double sum = std::accumulate(of.begin(), of.end(), 0.0);
    for (double& mass : of) mass /= sum;
  }
  all.push_back({"barycenter", masses});
  return draw_masses(all, {}, {});
}

void write_image(const std::string& path, const std::vector<double>& masses, RowShape shape) {
  Matrix<float> row(1, masses.size());
  for (std::size_t c = 0; c < masses.size(); ++c) row.data()[c] = static_cast<float>(masses[c]);
  const double most = *std::max_element(masses.begin(), masses.end());
  io::write_png(path, report::image_grid(std::as_const(row).view(), shape, {.smallest = 280, .high = most}));
}

}  // namespace

void check_points_output(const std::string& path, RowShape shape, bool force) {
  check_output(path, endings(), force);
  if (is_drawing(path) && shape.size() != 2)
    throw RequestError(Complaint{path, fmt::format("points of {} numbers", shape.text()),
                                 "points of the plane for a picture", "write .npz, .npy or .csv"});
}

void write_points(const std::string& path, const Barycenter& found, std::span<const Sample> measures,
                  const std::vector<std::string>& columns) {
  const std::size_t n = found.points.rows(), d = found.points.cols();
  if (is_drawing(path))
    return write_drawing(path, draw_plane(found, measures), "The barycenter among its measures");
  if (has_ending(path, ".npz"))
    return io::write_npz(
        path, {{"points", io::ArrayView(found.points.span(), {n, d})}, {"weights", found.weights}});
  Matrix<double> rows(n, d + 1);
  for (std::size_t i = 0; i < n; ++i)
    std::copy_n(found.points.row(i), d, rows.row(i)), rows(i, d) = found.weights[i];
  std::vector<std::string> names = columns;
  if (names.size() != d) {
    names.clear();
    for (std::size_t c = 0; c < d; ++c) names.push_back(fmt::format("x{}", c));
  }
  names.push_back("weight");
  write_table(path, std::as_const(rows).view(), names);
}

void check_masses_output(const std::string& path, bool force) { check_output(path, endings(), force); }

void write_masses(const std::string& path, const std::vector<double>& masses, RowShape shape,
                  View<const double> histograms) {
  const std::size_t height = shape.image ? shape.height : 1, width = masses.size() / height;
  if (is_drawing(path) && shape.image && has_ending(path, ".png")) return write_image(path, masses, shape);
  if (is_drawing(path))
    return write_drawing(path, draw_bars(masses, histograms), "The barycenter beside its histograms");
  if (has_ending(path, ".npz"))
    return io::write_npz(path, {{"masses", io::ArrayView(std::span<const double>(masses), {height, width})}});
  std::vector<std::string> names;
  for (std::size_t c = 0; c < width; ++c) names.push_back(fmt::format("x{}", c));
  write_table(path, {masses.data(), height, width}, names);
}

}  // namespace pushforward::cli
