// SPDX-License-Identifier: Apache-2.0
#include "density_picture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "contour_panel.hpp"
#include "pushforward/cell_terms.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

using report::Axes;
using report::Box;
using report::Colour;
using report::Drawing;
using report::Named;
using report::Surface;

constexpr std::size_t kPlaces = 601, kSide = 96, kMostDrawn = 800;
constexpr double kPad = 0.25;    // of the range, on either side
constexpr double kMostOver = 4;  // a q that is higher than p by more leaves the frame
constexpr Colour kP = {150, 150, 150}, kQ = {0, 114, 178}, kBest = {213, 94, 0};
constexpr double kShares[] = {0.02, 0.1, 0.3, 0.5, 0.7, 0.9};  // of a density's peak: its level lines

std::size_t dimension_of(const FitTarget& p) {
  if (const auto* density = std::get_if<KnownDensity>(&p)) return pushforward::dimension_of(*density);
  return std::get<Matrix<double>>(p).cols();
}

LineDensity coordinate(const KnownDensity& density, std::size_t k) {
  if (const auto* line = std::get_if<LineDensity>(&density)) return *line;
  return as_space(density).marginal_line(k);
}

struct Range {
  double low = HUGE_VAL, high = -HUGE_VAL;
  void hold(double x) { low = std::min(low, x), high = std::max(high, x); }
};

void hold(Range& range, const KnownDensity& density, std::size_t k) {
  const LineDensity line = coordinate(density, k);
  range.hold(line.quantile(0.01, 0.99)), range.hold(line.quantile(0.99, 0.01));
}

Range range_of(const FitTarget& p, const std::vector<KnownDensity>& all, std::size_t k) {
  Range range;
  if (const auto* density = std::get_if<KnownDensity>(&p)) hold(range, *density, k);
  if (const auto* rows = std::get_if<Matrix<double>>(&p))
    for (std::size_t i = 0; i < rows->rows(); ++i) range.hold((*rows)(i, k));
  for (const KnownDensity& density : all) hold(range, density, k);
  const double spread = range.high - range.low, pad = spread > 0 ? kPad * spread : 1;
  return {range.low - pad, range.high + pad};
}

std::vector<double> evenly(double low, double high, std::size_t count) {
  std::vector<double> places(count);
  for (std::size_t i = 0; i < count; ++i)
    places[i] = std::lerp(low, high, static_cast<double>(i) / static_cast<double>(count - 1));
  return places;
}

// ---- the line ----

std::vector<double> values_at(const KnownDensity& density, const std::vector<double>& places) {
  const KnownDensity line = coordinate(density, 0);
  std::vector<double> values;
  for (double x : places) values.push_back(std::exp(log_density(line, {&x, 1})));
  return values;
}

// Points as a histogram, a step at each place.
std::vector<double> values_at(const Matrix<double>& rows, const std::vector<double>& places) {
  const double low = places.front(), high = places.back(), n = static_cast<double>(rows.rows());
  const auto bins = static_cast<std::size_t>(std::clamp(2 * std::sqrt(n), 10.0, 80.0));
  std::vector<double> counts(bins, 0);
  const auto bin = [&](double x) {
    const double at = (x - low) / (high - low) * static_cast<double>(bins);
    return std::min(static_cast<std::size_t>(std::max(at, 0.0)), bins - 1);
  };
  for (std::size_t i = 0; i < rows.rows(); ++i) counts[bin(rows(i, 0))] += 1;
  std::vector<double> values;
  for (double x : places) values.push_back(counts[bin(x)] * static_cast<double>(bins) / (n * (high - low)));
  return values;
}

std::vector<double> values_at(const FitTarget& p, const std::vector<double>& places) {
  return std::visit([&](const auto& target) { return values_at(target, places); }, p);
}

double peak_of(const std::vector<double>& values) {
  double peak = 0;
  for (double v : values) peak = std::isfinite(v) ? std::max(peak, v) : peak;
  return peak;
}

void fill_under(Drawing& to, const Axes& axes, const std::vector<double>& x, const std::vector<double>& y,
                Colour colour, double opacity) {
  std::vector<report::Place> around = {axes(x.front(), 0)};
  for (std::size_t i = 0; i < x.size(); ++i) around.push_back(axes(x[i], std::min(y[i], axes.box().high[1])));
  around.push_back(axes(x.back(), 0));
  to.area(std::move(around), colour, opacity);
}

// A curve that leaves the frame at its top runs along it.
void draw_curve(Drawing& to, const Axes& axes, const std::vector<double>& x, std::vector<double> y,
                Colour colour) {
  for (double& v : y) v = std::isfinite(v) ? std::min(v, axes.box().high[1]) : v;
  axes.curve(to, x, y, {colour, 2, 1});
}

Colour colour_of(std::size_t q) { return report::class_colour(q == 0 ? 0 : q + 1); }

// ---- the plane ----

Surface surface_of(const Box& box, const std::function<double(std::span<const double>)>& value) {
  Surface surface{box, Matrix<double>(kSide, kSide)};
  for (std::size_t r = 0; r < kSide; ++r)
    for (std::size_t c = 0; c < kSide; ++c) {
      const auto node = surface.at(static_cast<double>(r), static_cast<double>(c));
      surface.values(r, c) = value(node);
    }
  return surface;
}

Surface surface_of(const Box& box, const KnownDensity& density) {
  const KnownDensity space = as_space(density);
  return surface_of(box, [&](std::span<const double> x) { return std::exp(log_density(space, x)); });
}

std::vector<double> levels_of_density(const Surface& surface) {
  const auto values = surface.values.span();
  const double peak = peak_of({values.begin(), values.end()});
  std::vector<double> levels;
  for (double share : kShares) levels.push_back(share * peak);
  return levels;
}

// Panels of one size, side by side, three a row, as far from each other as the widest words above them need.
struct Layout {
  double width, height;
  std::size_t count;
  double words;

  static Layout of(const Box& box, const std::vector<std::string>& names) {
    double words = 0;
    for (const std::string& name : names) words = std::max(words, report::words_width(name));
    const double wide = box.high[0] - box.low[0], high = box.high[1] - box.low[1];
    const double scale = 340 / std::max(wide, high);
    return {std::max(std::round(wide * scale), 200.0), std::max(std::round(high * scale), 160.0),
            names.size(), words};
  }
  Panel at(std::size_t i) const {
    return {60 + std::max(width + 70, words + 20) * static_cast<double>(i % 3),
            36 + (height + 80) * static_cast<double>(i / 3), width, height};
  }
  Drawing drawing(const std::string& legend = {}) const {
    const Panel last = at(count - 1), right = at(std::min<std::size_t>(count, 3) - 1);
    return {static_cast<std::size_t>(
                std::max(right.left + std::max(width, words), 84 + report::words_width(legend))) +
                24,
            static_cast<std::size_t>(last.top + height) + 60};
  }
};

}  // namespace

void check_drawn_dimension(const std::string& path, std::size_t d) {
  if (d > 2)
    throw RequestError(Complaint{path, fmt::format("{} coordinates", d), "one or two, which can be drawn"});
}

DensityScene::DensityScene(const FitTarget& p, const std::vector<KnownDensity>& all) : p_(p) {
  const Range x = range_of(p, all, 0);
  box_.low[0] = x.low, box_.high[0] = x.high;
  if (cli::dimension_of(p) == 2) {
    const Range y = range_of(p, all, 1);
    box_.low[1] = y.low, box_.high[1] = y.high;
    return;
  }
  const std::vector<double> places = evenly(x.low, x.high, kPlaces);
  const double own = peak_of(values_at(p, places));
  double top = own;
  for (const KnownDensity& density : all) top = std::max(top, peak_of(values_at(density, places)));
  box_.low[1] = 0, box_.high[1] = 1.08 * std::min(top, kMostOver * own);
}

Drawing DensityScene::draw(const std::string& p_name, const std::vector<NamedDensity>& q) const {
  return cli::dimension_of(p_) == 1 ? draw_line(p_name, q) : draw_plane(p_name, q);
}

Drawing DensityScene::draw_line(const std::string& p_name, const std::vector<NamedDensity>& q) const {
  double words = report::words_width(p_name);
  for (const NamedDensity& one : q) words = std::max(words, report::words_width(one.name));
  Drawing drawing(std::max<std::size_t>(760, static_cast<std::size_t>(words) + 110),
                  400 + 18 * (q.size() + 1));
  const Axes axes(box_, {70, 40}, {735, 340});
  const std::vector<double> places = evenly(box_.low[0], box_.high[0], kPlaces);
  axes.draw(drawing, "", "density");
  fill_under(drawing, axes, places, values_at(p_, places), kP, 0.45);
  std::vector<Named> names = {{p_name, kP}};
  for (std::size_t i = 0; i < q.size(); ++i) {
    draw_curve(drawing, axes, places, values_at(q[i].density, places), colour_of(i));
    names.push_back({q[i].name, colour_of(i)});
  }
  report::legend(drawing, {70, 384}, names);
  return drawing;
}

Drawing DensityScene::draw_plane(const std::string& p_name, const std::vector<NamedDensity>& q) const {
  std::vector<std::string> names;
  for (const NamedDensity& one : q) names.push_back(one.name);
  if (names.empty()) names.push_back(p_name);
  const Layout layout = Layout::of(box_, names);
  Drawing drawing = layout.drawing(p_name);
  const auto* density = std::get_if<KnownDensity>(&p_);
  for (std::size_t i = 0; i < layout.count; ++i) {
    const Panel at = layout.at(i);
    const Surface under = density ? surface_of(box_, *density) : Surface{box_, Matrix<double>(2, 2)};
    const Axes axes = draw_contours(
        drawing, at, under, density ? levels_of_density(under) : std::vector<double>{}, Tints::from_white);
    if (const auto* rows = std::get_if<Matrix<double>>(&p_))
      for (std::size_t k = 0, n = std::min(rows->rows(), kMostDrawn); k < n; ++k)
        drawing.disc(axes((*rows)(k * rows->rows() / n, 0), (*rows)(k * rows->rows() / n, 1)), 2, kP, 0.6);
    drawing.words({at.left, at.top - 10}, names[i]);
    if (i >= q.size()) continue;
    const Surface over = surface_of(box_, q[i].density);
    draw_level_lines(drawing, axes, over, levels_of_density(over), {colour_of(i), 2, 0.9});
  }
  if (!q.empty()) report::legend(drawing, {60, static_cast<double>(drawing.height()) - 10}, {{p_name, kP}});
  return drawing;
}

// ---- two densities ----

namespace {

struct Contribution {
  std::string name;
  std::unique_ptr<Divergence> divergence;

  double at(double log_p, double log_q) const {
    if (log_p == -HUGE_VAL && log_q == -HUGE_VAL) return 0;
    return divergence->cell_terms()->term(Cell::of_logs(log_p, log_q)).sum;
  }
};

std::vector<Contribution> contributions_of(const std::vector<Spec>& specs) {
  std::vector<Contribution> found;
  for (const Spec& spec : specs) {
    std::unique_ptr<Divergence> made = make_divergence(spec);
    const CellTerms* terms = made->cell_terms();
    if (terms && !terms->renyi_order()) found.push_back({spec.text(), std::move(made)});
  }
  return found;
}

double best_discriminator(double log_p, double log_q) { return 1 / (1 + std::exp(log_q - log_p)); }

// Contributions on one axis, each over its largest value, which the legend says.
void draw_contributions(Drawing& to, const Axes& axes, const std::vector<double>& places,
                        const std::vector<Contribution>& contributions, const KnownDensity& p,
                        const KnownDensity& q, double legend_at) {
  std::vector<Named> names;
  for (const Contribution& contribution : contributions) {
    std::vector<double> y;
    for (double x : places) y.push_back(contribution.at(log_density(p, {&x, 1}), log_density(q, {&x, 1})));
    const double most = peak_of(y);
    for (double& v : y) v = most > 0 ? v / most : v;
    const Colour colour = report::class_colour(names.size() + 2);
    axes.curve(to, places, y, {colour, 2, 1});
    names.push_back({fmt::format("{}, up to {:.3g}", contribution.name, most), colour});
  }
  report::legend(to, {70, legend_at}, names);
}

Drawing draw_pair_on_line(const KnownDensity& p, const KnownDensity& q,
                          const std::vector<Contribution>& contributions) {
  const Range x = range_of(p, {q}, 0);
  const std::vector<double> places = evenly(x.low, x.high, kPlaces), p_at = values_at(p, places),
                            q_at = values_at(q, places);
  const double low_peak = std::min(peak_of(p_at), peak_of(q_at));
  const double top = 1.08 * std::min(std::max(peak_of(p_at), peak_of(q_at)), kMostOver * low_peak);
  const bool more = !contributions.empty();
  Drawing drawing(760, 460 + (more ? 300 + 18 * contributions.size() : 0));
  const Axes axes({{x.low, 0}, {x.high, top}}, {70, 40}, {735, 340});
  axes.draw(drawing, "", "density");
  fill_under(drawing, axes, places, p_at, kP, 0.45);
  fill_under(drawing, axes, places, q_at, kQ, 0.15);
  draw_curve(drawing, axes, places, q_at, kQ);
  std::vector<double> best;
  for (double place : places)
    best.push_back(0.97 * top * best_discriminator(log_density(p, {&place, 1}), log_density(q, {&place, 1})));
  axes.curve(drawing, places, best, {kBest, 2, 1});
  report::legend(drawing, {70, 384}, {{"p", kP}, {"q", kQ}, {"D* = p/(p+q), from 0 to 1", kBest}});
  if (!more) return drawing;
  const Axes below({{x.low, 0}, {x.high, 1.05}}, {70, 470}, {735, 680});
  below.draw(drawing, "", "what each place adds to a divergence, over its largest value");
  draw_contributions(drawing, below, places, contributions, p, q, 724);
  return drawing;
}

Drawing draw_pair_in_plane(const KnownDensity& p, const KnownDensity& q,
                           const std::vector<Contribution>& contributions) {
  const Range x = range_of(p, {q}, 0), y = range_of(p, {q}, 1);
  const Box box = {{x.low, y.low}, {x.high, y.high}};
  const KnownDensity p_space = as_space(p), q_space = as_space(q);
  std::vector<std::string> names = {"p", "q", "D*: 0.1, 0.2, ... 0.9"};
  for (const Contribution& contribution : contributions) names.push_back("adds to " + contribution.name);
  const Layout layout = Layout::of(box, names);
  Drawing drawing = layout.drawing();
  const auto panel = [&](std::size_t i, const Surface& surface, const std::vector<double>& levels,
                         Tints tints) {
    const Panel at = layout.at(i);
    draw_contours(drawing, at, surface, levels, tints);
    drawing.words({at.left, at.top - 10}, names[i]);
  };
  const auto of_both = [&](const auto& function) {
    return surface_of(box, [&](std::span<const double> at) {
      return function(log_density(p_space, at), log_density(q_space, at));
    });
  };
  const Surface p_at = surface_of(box, p), q_at = surface_of(box, q);
  panel(0, p_at, levels_of_density(p_at), Tints::from_white);
  panel(1, q_at, levels_of_density(q_at), Tints::from_white);
  panel(2, of_both(best_discriminator), {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}, Tints::two_sided);
  for (std::size_t i = 0; i < contributions.size(); ++i) {
    const Surface adds = of_both([&](double a, double b) { return contributions[i].at(a, b); });
    panel(3 + i, adds, levels_of_density(adds), Tints::from_white);
  }
  return drawing;
}

}  // namespace

Drawing draw_pair(const KnownDensity& p, const KnownDensity& q, const std::vector<Spec>& divergences) {
  const std::vector<Contribution> contributions = contributions_of(divergences);
  return pushforward::dimension_of(p) == 1 ? draw_pair_on_line(p, q, contributions)
                                           : draw_pair_in_plane(p, q, contributions);
}

}  // namespace pushforward::cli
