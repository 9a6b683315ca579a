// SPDX-License-Identifier: Apache-2.0
//
// What tells two samples apart is MMD's witness, f(z) = (E k(z, X) − E k(z, Y))/MMD: high where X has more,
// low where Y has. It is drawn over the line or the plane, and in more dimensions as shares of its values at
// both samples' rows; the rows where it is highest and lowest are those that differ most.
#include "pages/reading_page.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "pages/figure_rows.hpp"
#include "pages/line_grid.hpp"
#include "pages/rows_seen.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/table.hpp"
#include "pushforward/two_sample.hpp"
#include "pushforward/witness.hpp"

namespace pushforward::pages {
namespace {

constexpr std::size_t kMostRows = 2000;  // that the witness is asked at, and that are drawn
constexpr std::size_t kTestedRows =
    1000;  // of either sample: a second at most, and few differences escape it
constexpr std::size_t kTelling = 10, kImages = 60, kBins = 40;

// Rows spread evenly, at most so many.
std::vector<std::uint32_t> spread(std::size_t n, std::size_t most = kMostRows) {
  std::vector<std::uint32_t> rows(std::min(n, most));
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint32_t>(i * n / rows.size());
  return rows;
}

// One of the two samples: what is shown of it, and the witness there.
struct Side {
  std::string name;
  Dataset data;
  std::vector<double> f;
};

std::vector<double> first_function(const Witness& witness, const Points& at) {
  Matrix<double> values(at.n(), witness.names().size());
  witness.values(at, values.view());
  std::vector<double> f(at.n());
  for (std::size_t i = 0; i < f.size(); ++i) f[i] = values(i, 0);
  return f;
}

struct Seen {
  Side x, y;
  std::unique_ptr<Witness> witness{};
};

Matrix<double> in_units(const TwoSamples& pair, const Points& places) {
  if (pair.in_units) return pair.in_units(places);
  Matrix<double> same(places.n(), places.d());
  for (std::size_t i = 0; i < same.rows(); ++i)
    for (std::size_t j = 0; j < same.cols(); ++j) same(i, j) = places.at(i, j);
  return same;
}

Seen look(const TwoSamples& pair, std::uint64_t seed) {
  Seen seen{{"X: " + pair.x.name, pair.x.select(spread(pair.x.rows())), {}},
            {"Y: " + pair.y.name, pair.y.select(spread(pair.y.rows())), {}}};
  if (seen.x.data.rows() < 2 || seen.y.data.rows() < 2) return seen;
  Matrix<double> storage[2];
  const Matrix<double> in_x = in_units(pair, seen.x.data.points(storage[0])),
                       in_y = in_units(pair, seen.y.data.points(storage[1]));
  const Points x(in_x), y(in_y);
  seen.witness = make_distance(Spec{"mmd"}, seed)->witness({x}, {y});
  seen.x.f = first_function(*seen.witness, x), seen.y.f = first_function(*seen.witness, y);
  return seen;
}

std::vector<std::size_t> order_of(const std::vector<double>& f, bool highest) {
  std::vector<std::size_t> order(f.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return highest ? f[a] > f[b] : f[a] < f[b]; });
  return order;
}

// `whole` is what the side's rows were spread over: a row is called by its place there.
Json telling_rows(const Side& side, const Dataset& whole, bool highest, const std::string& other) {
  const bool images = side.data.shape.image;
  std::vector<std::size_t> order = order_of(side.f, highest);
  order.resize(std::min(order.size(), images ? 2 * kTelling : kTelling));
  const std::string caption = fmt::format("Rows of {} where {} has fewest like them.", side.name, other);
  if (!images) {
    const std::vector<std::uint32_t> places = spread(whole.rows());
    for (std::size_t& row : order) row = places[row];
    return rows_block(column_table(side.name, whole), order, caption);
  }
  if (side.data.shape.channels != 1 && side.data.shape.channels != 3) return nullptr;
  const std::vector<std::uint32_t> index(order.begin(), order.end());
  const Dataset some = side.data.select(index);
  return images_block(some.floats(0, some.rows()).view(), some.shape, {.columns = 2 * kTelling}, caption,
                      caption);
}

Json line_block(const Seen& seen, const TwoSamples& pair) {
  Matrix<double> storage[2];
  const Points x = seen.x.data.points(storage[0]), y = seen.y.data.points(storage[1]);
  const Matrix<double> grid = line_grid(x, y);
  const std::vector<double> f = first_function(*seen.witness, Points(in_units(pair, Points(grid))));
  const Curve witness{"f", {grid.data(), grid.data() + grid.rows()}, f, std::size_t{2}};
  const double low = grid(0, 0), high = grid(grid.rows() - 1, 0);
  const auto shares = [&](const Side& side, const Points& points) {
    std::vector<double> values(points.n());
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = points.at(i, 0);
    return share_curve(side.name, values, low, high, kBins);
  };
  const std::vector<Curve> both = {shares(seen.x, x), shares(seen.y, y)};
  return beside_block(Json::array({curves_block(both, "shares", "x", "share"),
                                   curves_block(std::span(&witness, 1), "witness", "x", "f(x)")}),
                      "Shares of both samples in equal bins, and the witness: high where X has more.");
}

Json plane_of(const Seen& seen, const TwoSamples& pair) {
  const Tensor x = seen.x.data.floats(0, seen.x.data.rows()), y = seen.y.data.floats(0, seen.y.data.rows());
  constexpr std::size_t kSide = 40;
  const report::Box box = report::box_of(x.view(), y.view());
  report::Surface surface{box, Matrix<double>(kSide, kSide)};
  const Tensor nodes = report::Surface::nodes(box, kSide, kSide);
  const std::vector<double> f = first_function(*seen.witness, Points(in_units(pair, Points(nodes.view()))));
  std::copy(f.begin(), f.end(), surface.values.data());
  CloudOptions options{.alternative = "Both samples over the witness",
                       .caption = "Tints: the witness, blue where X has more, orange where Y has.",
                       .surface = &surface};
  const std::vector<std::string>& names = pair.x.columns;
  if (names.size() == 2) options.x_label = names[0], options.y_label = names[1];
  return plane_block({{seen.x.name, x.view()}, {seen.y.name, y.view()}}, options);
}

Json witness_shares(const Seen& seen) {
  const auto [low_x, high_x] = std::minmax_element(seen.x.f.begin(), seen.x.f.end());
  const auto [low_y, high_y] = std::minmax_element(seen.y.f.begin(), seen.y.f.end());
  const double low = std::min(*low_x, *low_y), high = std::max(*high_x, *high_y);
  if (!(high > low)) return nullptr;
  const std::vector<Curve> curves = {share_curve(seen.x.name, seen.x.f, low, high, kBins),
                                     share_curve(seen.y.name, seen.y.f, low, high, kBins)};
  return beside_block(Json::array({curves_block(curves, "the witness's values", "f", "share")}),
                      "Where the curves agree, the witness cannot tell the samples apart.");
}

void add_images(Page& page, const Seen& seen) {
  const RowShape shape = seen.x.data.shape;
  if (!shape.image || !seen.y.data.shape.image || (shape.channels != 1 && shape.channels != 3)) return;
  page.section("Both samples");
  for (const Side* side : {&seen.x, &seen.y})
    page.add(images_block(side->data.floats(0, std::min(kImages, side->data.rows())).view(), shape, {},
                          side->name, side->name));
}

// Between categories lie no places at which the witness could be drawn.
bool holds_numbers(const Dataset& data) { return !data.schema || data.schema->plain(); }

void add_witness(Page& page, const Seen& seen, const TwoSamples& pair) {
  if (!seen.witness || seen.x.f.empty()) return;
  page.section("What tells them apart",
               "MMD's witness: a function that is high where X has more rows, and low where Y has.");
  if (holds_numbers(pair.x) && pair.x.cols() <= 2)
    page.add(pair.x.cols() == 1 ? line_block(seen, pair) : plane_of(seen, pair));
  else
    page.add(witness_shares(seen));
  page.section("Rows that differ most", "Where the witness is highest in X, and lowest in Y.");
  page.add(telling_rows(seen.x, pair.x, true, "Y"));
  page.add(telling_rows(seen.y, pair.y, false, "X"));
}

std::string verdict(const std::vector<Spec>& specs, const std::vector<Fields>& readings) {
  std::string text;
  for (std::size_t i = 0; i < specs.size(); ++i)
    if (const Field* times = find_field(readings[i], "times_floor")) {
      const double ratio = std::get<double>(times->value);
      text += (text.empty() ? "" : ", ") + specs[i].name +
              (ratio <= 1 ? " within its floor"
                          : fmt::format(" {:.{}f} times its floor", ratio, ratio < 10 ? 1 : 0));
    }
  return text.empty() ? ""
                      : "By " + text + ". A floor is what the same distance reads between two halves of X.";
}

// Whether chance alone would do it, by the distance that sees every difference and has nothing to choose.
std::string tested(const TwoSamples& pair, std::uint64_t seed) {
  if (pair.weighted || std::min(pair.x.rows(), pair.y.rows()) < 2) return "";
  const Dataset some_x = pair.x.select(spread(pair.x.rows(), kTestedRows)),
                some_y = pair.y.select(spread(pair.y.rows(), kTestedRows));
  Matrix<double> storage[2];
  const Matrix<double> x = in_units(pair, some_x.points(storage[0])),
                       y = in_units(pair, some_y.points(storage[1]));
  const Spec energy{"energy"};
  PermutationOptions options;
  options.seed = seed;
  const PermutationTest test =
      permutation_test(*make_distance(energy, seed), facts_of(energy), {Points(x)}, {Points(y)}, options);
  const auto count = static_cast<double>(options.permutations);
  const bool least =
      !(test.p_value > 1 / (1 + count));  // a bound: more relabellings might find a smaller one
  return fmt::format(
      "{}: {} by a permutation test of the energy distance ({} relabellings of {} and {} rows).",
      test.reject ? "They differ" : "No difference is found",
      fmt::format("p {} {:.3g}", least ? "≤" : "=", test.p_value), options.permutations, x.rows(), y.rows());
}

}  // namespace

Page reading_page(const TwoSamples& pair, const std::vector<Spec>& specs, const std::vector<Fields>& readings,
                  std::uint64_t seed) {
  const Dataset &x = pair.x, &y = pair.y;
  Page page(
      fmt::format("{} and {}", x.name, y.name),
      fmt::format("X: {} rows of {}. Y: {} rows of {}. A row is {}.", x.rows(), x.name, y.rows(), y.name,
                  x.shape.image ? "an image of " + x.shape.text()
                                : fmt::format("{} {}{}", x.cols(), holds_numbers(x) ? "number" : "column",
                                              x.cols() == 1 ? "" : "s")));
  page.section("Do they differ?", tested(pair, seed));
  page.add(figures_block({}, figure_rows(readings, specs), verdict(specs, readings)));
  const Seen seen = look(pair, seed);
  add_witness(page, seen, pair);
  add_images(page, seen);
  if (!x.shape.image) add_columns(page, column_table("X", x), column_table("Y", y));
  return page;
}

}  // namespace pushforward::pages
