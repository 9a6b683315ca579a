// SPDX-License-Identifier: Apache-2.0
#include "plan_output.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "drawing_output.hpp"
#include "endings.hpp"
#include "io/csv.hpp"
#include "io/npz.hpp"
#include "table_output.hpp"

namespace pushforward::cli {
namespace {

using report::Axes;
using report::Box;
using report::Colour;
using report::Drawing;
using report::Place;

constexpr Colour kSource = {0, 114, 178}, kSink = {213, 94, 0}, kFlow = {110, 110, 120};
constexpr std::size_t kMostNumbers = 12;  // rows and columns of a matrix whose cells have room for a number

double largest(const std::vector<double>& values) { return *std::max_element(values.begin(), values.end()); }

double largest_flow(const TransportResult& result) {
  double most = 0;
  for (const TransportArc& arc : result.plan) most = std::max(most, arc.mass);
  return most;
}

void write_numbers(const std::string& path, const TransportResult& result) {
  std::vector<std::int64_t> i, j;
  std::vector<double> mass;
  for (const TransportArc& arc : result.plan)
    i.push_back(arc.source), j.push_back(arc.sink), mass.push_back(arc.mass);
  io::write_npz(path, {{"i", i}, {"j", j}, {"mass", mass}, {"u", result.u}, {"v", result.v}});
}

void write_arcs(const std::string& path, const TransportResult& result) {
  Matrix<double> rows(result.plan.size(), 5);
  for (std::size_t k = 0; k < rows.rows(); ++k) {
    const TransportArc& arc = result.plan[k];
    rows(k, 0) = arc.source, rows(k, 1) = arc.sink, rows(k, 2) = arc.mass;
    rows(k, 3) = result.u[arc.source], rows(k, 4) = result.v[arc.sink];
  }
  const std::vector<std::string> columns = {"i", "j", "mass", "u", "v"};
  io::write_csv(path, std::as_const(rows).view(), columns);
}

// The plane: a disc a point, as large as its mass; an arrow an arc, as wide as its flow.

Box box_around(const Plan& plan) {
  Box box = {{HUGE_VAL, HUGE_VAL}, {-HUGE_VAL, -HUGE_VAL}};
  for (const Matrix<double>* points : {&plan.x, &plan.y})
    for (std::size_t i = 0; i < points->rows(); ++i)
      for (std::size_t k = 0; k < points->cols(); ++k)
        box.low[k] = std::min(box.low[k], (*points)(i, k)),
        box.high[k] = std::max(box.high[k], (*points)(i, k));
  for (std::size_t k = 0; k < plan.x.cols(); ++k) {
    const double spread = box.high[k] - box.low[k], pad = spread > 0 ? 0.06 * spread : 1;
    box.low[k] -= pad, box.high[k] += pad;
  }
  return box;
}

void draw_discs(Drawing& to, const Axes& axes, const Matrix<double>& points, const std::vector<double>& mass,
                double scale, Colour colour) {
  for (std::size_t i = 0; i < points.rows(); ++i)
    if (mass[i] > 0) to.disc(axes(points(i, 0), points(i, 1)), scale * std::sqrt(mass[i]), colour, 0.85);
}

Drawing draw_plane(const Plan& plan) {
  const Box box = box_around(plan);
  const double width = box.high[0] - box.low[0], height = box.high[1] - box.low[1];
  const double scale = 620 / std::max(width, height);
  const double w = std::max(width * scale, 200.0), h = std::max(height * scale, 200.0);
  Drawing drawing(static_cast<std::size_t>(w) + 80, static_cast<std::size_t>(h) + 84);
  const Axes axes(box, {60, 34}, {60 + w, 34 + h});
  axes.draw(drawing, "", "");
  const double most = largest_flow(plan.result);
  for (const TransportArc& arc : plan.result.plan)
    drawing.arrow(axes(plan.x(arc.source, 0), plan.x(arc.source, 1)),
                  axes(plan.y(arc.sink, 0), plan.y(arc.sink, 1)), {kFlow, 0.6 + 3.4 * arc.mass / most, 0.7});
  const double radius =
      std::clamp(60 / std::sqrt(static_cast<double>(plan.x.rows() + plan.y.rows())), 2.5, 12.0) /
      std::sqrt(std::max(largest(plan.a), largest(plan.b)));
  draw_discs(drawing, axes, plan.x, plan.a, radius, kSource);
  draw_discs(drawing, axes, plan.y, plan.b, radius, kSink);
  report::legend(drawing, {60, 18}, {{"X", kSource}});
  report::legend(drawing, {120, 18}, {{"Y", kSink}});
  return drawing;
}

// The line: X's bars stand above, Y's hang below, and between them runs a ribbon an arc.

constexpr double kLeft = 50, kWide = 660, kTop = 190, kBottom = 420, kTall = 150;
constexpr double kLetter = 12;  // pixels, of a label

// Half the room between two neighbouring atoms, in pixels.
double bar_half_width(const Matrix<double>& points, const Axes& axes) {
  std::vector<double> places;
  for (std::size_t i = 0; i < points.rows(); ++i) places.push_back(axes(points(i, 0), 0)[0]);
  std::sort(places.begin(), places.end());
  double least = 60;
  for (std::size_t i = 1; i < places.size(); ++i)
    if (const double gap = places[i] - places[i - 1]; gap > 0) least = std::min(least, gap);
  return std::max(0.7, 0.4 * least);
}

void draw_bars(Drawing& to, const Axes& axes, const Matrix<double>& points, const std::vector<double>& mass,
               double half, double base, double tall, Colour colour) {
  for (std::size_t i = 0; i < points.rows(); ++i) {
    const double x = axes(points(i, 0), 0)[0], end = base - tall * mass[i];
    to.area({{x - half, base}, {x + half, base}, {x + half, end}, {x - half, end}}, colour, 0.9);
  }
  to.line({{kLeft, base}, {kLeft + kWide, base}}, {kFlow, 1, 1});
}

// Each arc takes of either bar's width the share that it takes of the bar's mass, in the order of the other
// ends, so that ribbons cross only where the plan does.
void draw_ribbons(Drawing& to, const Axes& axes, const Plan& plan, double half_x, double half_y) {
  std::vector<TransportArc> arcs = plan.result.plan;
  std::vector<double> from(plan.a.size(), 0), onto(plan.b.size(), 0);
  std::sort(arcs.begin(), arcs.end(), [&](const TransportArc& one, const TransportArc& other) {
    return std::pair(plan.x(one.source, 0), plan.y(one.sink, 0)) <
           std::pair(plan.x(other.source, 0), plan.y(other.sink, 0));
  });
  for (const TransportArc& arc : arcs) {
    double &used = from[arc.source], &filled = onto[arc.sink];
    const auto edge = [](double middle, double half, double share) {
      return middle + half * (2 * share - 1);
    };
    const double x = axes(plan.x(arc.source, 0), 0)[0], y = axes(plan.y(arc.sink, 0), 0)[0];
    const double a = plan.a[arc.source], b = plan.b[arc.sink];
    const double x0 = edge(x, half_x, used / a), x1 = edge(x, half_x, (used += arc.mass) / a);
    const double y0 = edge(y, half_y, filled / b), y1 = edge(y, half_y, (filled += arc.mass) / b);
    std::vector<Place> around;
    for (int k = 0; k <= 24; ++k) {
      const double t = k / 24.0, s = t * t * (3 - 2 * t);
      around.push_back({std::lerp(x0, y0, s), std::lerp(kTop, kBottom, t)});
    }
    for (int k = 24; k >= 0; --k) {
      const double t = k / 24.0, s = t * t * (3 - 2 * t);
      around.push_back({std::lerp(x1, y1, s), std::lerp(kTop, kBottom, t)});
    }
    to.area(std::move(around), arc.source % 2 == 0 ? Colour{120, 160, 200} : Colour{160, 190, 215}, 0.75);
  }
}

Drawing draw_line(const Plan& plan) {
  Drawing drawing(static_cast<std::size_t>(kLeft + kWide) + 30, 620);
  const Axes axes(box_around(plan), {kLeft, kTop}, {kLeft + kWide, kBottom});
  const double half_x = bar_half_width(plan.x, axes), half_y = bar_half_width(plan.y, axes);
  const double tall = kTall / std::max(largest(plan.a), largest(plan.b));
  draw_ribbons(drawing, axes, plan, half_x, half_y);
  draw_bars(drawing, axes, plan.x, plan.a, half_x, kTop, tall, kSource);
  draw_bars(drawing, axes, plan.y, plan.b, half_y, kBottom, -tall, kSink);
  const report::Labels labelled =
      report::labels(axes.box().low[0], axes.box().high[0], 8, kWide, kLetter, false);
  for (const report::Tick& tick : labelled.ticks)
    drawing.words({axes(tick.value, 0)[0], 608}, tick.text, report::Anchor::middle);
  report::legend(drawing, {kLeft, 22}, {{"X", kSource}, {"Y", kSink}});
  return drawing;
}

// A matrix: a row a source, a column a sink, dark where mass flows.
Drawing draw_matrix(const Plan& plan) {
  const std::size_t n = plan.a.size(), m = plan.b.size();
  const bool numbers = n <= kMostNumbers && m <= kMostNumbers;
  const double cell = numbers ? 62 : std::max(1.0, 640 / static_cast<double>(std::max(n, m)));
  const double w = cell * static_cast<double>(m), h = cell * static_cast<double>(n), left = 70, top = 60;
  const std::string caption = "rows: sources X, columns: sinks Y, dark: flow";
  Drawing drawing(static_cast<std::size_t>(left + std::max(w, report::words_width(caption))) + 20,
                  static_cast<std::size_t>(top + h) + 20);
  const double most = largest_flow(plan.result);
  drawing.area({{left, top}, {left + w, top}, {left + w, top + h}, {left, top + h}}, {240, 240, 240});
  for (const TransportArc& arc : plan.result.plan) {
    const double x = left + cell * arc.sink, y = top + cell * arc.source;
    const double share = arc.mass / most;
    drawing.area({{x, y}, {x + cell, y}, {x + cell, y + cell}, {x, y + cell}}, kSource, 0.15 + 0.85 * share);
    if (numbers)
      drawing.words({x + cell / 2, y + cell / 2 + 5}, fmt::format("{:.3g}", arc.mass), report::Anchor::middle,
                    share > 0.4 ? Colour{255, 255, 255} : Colour{30, 30, 30});
  }
  if (numbers) {
    for (std::size_t i = 0; i < n; ++i)
      drawing.words({left - 8, top + cell * (static_cast<double>(i) + 0.5) + 5},
                    fmt::format("{:.3g}", plan.a[i]), report::Anchor::end);
    for (std::size_t j = 0; j < m; ++j)
      drawing.words({left + cell * (static_cast<double>(j) + 0.5), top - 8}, fmt::format("{:.3g}", plan.b[j]),
                    report::Anchor::middle);
  }
  drawing.words({left, 22}, caption);
  return drawing;
}

Drawing draw(const Plan& plan) {
  if (plan.x.cols() == 1 && plan.y.cols() == 1) return draw_line(plan);
  return plan.x.cols() == 2 ? draw_plane(plan) : draw_matrix(plan);
}

}  // namespace

const std::vector<std::string>& plan_endings() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> endings = text_table_endings();
    endings.insert(endings.begin(), ".npz");
    endings.insert(endings.end(), {".png", ".svg"});
    return endings;
  }();
  return all;
}

void write_plan(const std::string& path, const Plan& plan) {
  if (is_drawing(path)) return write_drawing(path, draw(plan), "The optimal flow of mass from X to Y");
  has_ending(path, ".npz") ? write_numbers(path, plan.result) : write_arcs(path, plan.result);
}

}  // namespace pushforward::cli
