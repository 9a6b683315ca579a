// SPDX-License-Identifier: Apache-2.0
//
// Toys: small distributions with a known shape, for seeing what a distance or a generator does.
//
// Row i is a function of (seed, i): a longer toy begins with a shorter one, and neither threads nor the order
// of drawing matter. Uniform numbers come from one Philox stream, the Gaussian noise from another, so `noise`
// never moves the points that it is added to. Everything is multiplied by `scale` last.
//
//   8gaussians    centres (cos 2πk/8, sin 2πk/8), sd 0.01; labels k           [Metz et al., "Unrolled GANs",
//   2017] 25gaussians   centres {−4,−2,0,2,4}², sd 0.05; labels k                   [Dumoulin et al., "ALI",
//   2017] moons         (cos t, sin t) and (1−cos t, ½−sin t), t ~ U(0,π), sd 0.05; labels 0, 1
//   [scikit-learn] swissroll     (t cos t, t sin t)/7.5, t ~ U(1.5π, 4.5π), sd 1/30      [Gulrajani et al.,
//   "WGAN-GP", 2017] spiral        ±(−cos t, sin t)·t/3, t = 3π√u, sd 0.1; labels 0, 1    [Grathwohl et al.,
//   "FFJORD", 2019] checkerboard  the 8 cells with even coordinate sum of a 4×4 board on [−4,4]², no noise
//   [FFJORD] rings         circles of radius 0.75, 1.5, 2.25, 3, sd 0.08; labels 0 … 3 [FFJORD] lines (θ, u),
//   u ~ U(0,1), no noise      [Arjovsky, Chintala & Bottou, "Wasserstein GAN", 2017, Example 1] gaussian
//   N(mean·1, noise²·I) in d dimensions; mean 0, sd 1
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>

#include "core/memory.hpp"
#include "core/synonyms.hpp"
#include "core/whole_number.hpp"
#include "data/parts.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward::data {
namespace {

using std::numbers::pi;

struct Point {
  double x = 0, y = 0;
  std::int32_t label = 0;
};

// One of 0 … count−1, from u in [0, 1).
std::int32_t choose(double u, int count) { return static_cast<std::int32_t>(u * count); }

// Each maps two uniform numbers (and the toy's own options) to a point without noise.
Point on_ring(double u, double, const Toy&) {
  const std::int32_t k = choose(u, 8);
  return {std::cos(2 * pi * k / 8), std::sin(2 * pi * k / 8), k};
}
Point on_grid(double u, double, const Toy&) {
  const std::int32_t k = choose(u, 25);
  return {2.0 * (k / 5) - 4, 2.0 * (k % 5) - 4, k};
}
Point on_moons(double u, double v, const Toy&) {
  const double t = pi * v;
  if (choose(u, 2) == 0) return {std::cos(t), std::sin(t), 0};
  return {1 - std::cos(t), 0.5 - std::sin(t), 1};
}
Point on_roll(double u, double, const Toy&) {
  const double t = 1.5 * pi * (1 + 2 * u);
  return {t * std::cos(t) / 7.5, t * std::sin(t) / 7.5};
}
Point on_spiral(double u, double v, const Toy&) {
  const double t = 3 * pi * std::sqrt(v), x = -std::cos(t) * t / 3, y = std::sin(t) * t / 3;
  return choose(u, 2) == 0 ? Point{x, y, 0} : Point{-x, -y, 1};
}
Point on_board(double u, double v, const Toy&) {
  // Cell k: column k/2, row 2·(k mod 2) + (column mod 2). The rest of 8u is again uniform.
  const std::int32_t k = choose(u, 8), column = k / 2, row = 2 * (k % 2) + column % 2;
  return {-4 + 2 * (column + (8 * u - k)), -4 + 2 * (row + v)};
}
Point on_circles(double u, double v, const Toy&) {
  const std::int32_t k = choose(u, 4);
  const double radius = 0.75 * (k + 1);
  return {radius * std::cos(2 * pi * v), radius * std::sin(2 * pi * v), k};
}
Point on_line(double u, double, const Toy& toy) { return {toy.theta, u}; }

struct Kind {
  std::string name;
  double noise;  // by default
  bool labelled;
  int modes;  // the first uniform number chooses among so many centres; 0 where there are none
  Point (*point)(double, double, const Toy&);
};

const std::vector<Kind>& kinds() {
  static const std::vector<Kind> table = {
      {"8gaussians", 0.01, true, 8, on_ring}, {"25gaussians", 0.05, true, 25, on_grid},
      {"moons", 0.05, true, 0, on_moons},     {"swissroll", 1.0 / 30, false, 0, on_roll},
      {"spiral", 0.1, true, 0, on_spiral},    {"checkerboard", 0, false, 0, on_board},
      {"rings", 0.08, true, 0, on_circles},   {"lines", 0, false, 0, on_line},
      {"gaussian", 1, false, 0, nullptr}};
  return table;
}

const Kind& kind_called(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kinds()) names.push_back(kind.name);
  return kinds()[find_word("toy", name, names)];
}

Modes modes_of(const Kind& kind, const Toy& toy) {
  Modes modes;
  for (int k = 0; k < kind.modes; ++k) {
    const Point centre = kind.point((k + 0.5) / kind.modes, 0, toy);
    modes.centres.push_back(toy.scale * centre.x);
    modes.centres.push_back(toy.scale * centre.y);
  }
  if (kind.modes > 0) modes.sd = std::abs(toy.scale) * toy.noise;
  return modes;
}

std::uint64_t row_step(std::size_t row) { return static_cast<std::uint64_t>(row); }

Matrix<double> rows_for(const Toy& toy) {
  const std::string what = fmt::format("{} × {} numbers of toy:{}", toy.n, toy.d, toy.name);
  require_memory(checked_product({toy.n, toy.d, sizeof(double)}, what), what, "n=N is how many rows");
  Matrix<double> rows;
  rows.resize(toy.n, toy.d);
  return rows;
}

void fill_planar(const Kind& kind, const Toy& toy, Matrix<double>& rows, std::vector<std::int32_t>& labels) {
  const Draw shape = Draw{toy.seed}.on("toy"), noise = Draw{toy.seed}.on("toy noise");
  for (std::size_t i = 0; i < toy.n; ++i) {
    const Draw here = shape.at(row_step(i));
    const Point point = kind.point(uniform01(here, 0), uniform01(here, 1), toy);
    double shift[2] = {0, 0};
    if (toy.noise > 0) fill_normal(std::span<double>(shift), noise.at(row_step(i)), 0, toy.noise);
    rows(i, 0) = toy.scale * (point.x + shift[0]);
    rows(i, 1) = toy.scale * (point.y + shift[1]);
    if (kind.labelled) labels.push_back(point.label);
  }
}

void fill_gaussian(const Toy& toy, Matrix<double>& rows) {
  const Draw noise = Draw{toy.seed}.on("toy noise");
  for (std::size_t i = 0; i < toy.n; ++i) {
    const std::span<double> row(rows.row(i), toy.d);
    fill_normal(row, noise.at(row_step(i)), toy.mean, toy.noise);
    for (double& value : row) value *= toy.scale;
  }
}

}  // namespace

Toy parse_toy(std::string_view text, std::uint64_t default_seed) {
  const Spec spec = parse_spec(text, "toy");
  const Kind& kind = kind_called(spec.name);
  SpecReader read(spec);
  Toy toy{kind.name};
  toy.n = static_cast<std::size_t>(read.count("n", 100000, 1, std::numeric_limits<std::uint32_t>::max()));
  toy.scale = read.number("scale", 1);
  toy.noise = read.number("noise", kind.noise, 0, std::numeric_limits<double>::max());
  toy.seed = read.seed("seed", default_seed);
  if (kind.name == "lines") toy.theta = read.number("theta", 0);
  if (kind.name == "gaussian") {
    toy.d = static_cast<std::size_t>(read.count("d", 2, 1, kMostUnits));
    toy.mean = read.number("mean", 0);
  }
  read.finish();
  if (toy.scale == 0) throw RequestError(Complaint{"toy: scale", "0", "a number other than 0"});
  return toy;
}

Dataset make_toy(const Toy& toy) {
  const Kind& kind = kind_called(toy.name);
  Dataset data;
  data.name = "toy:" + toy.name;
  data.shape = {1, toy.d, 1, false};
  Matrix<double> rows = rows_for(toy);
  if (kind.point != nullptr)
    fill_planar(kind, toy, rows, data.labels);
  else
    fill_gaussian(toy, rows);
  data.rows_data = std::move(rows);
  data.modes = modes_of(kind, toy);
  check_finite(data, data.name);
  return data;
}

}  // namespace pushforward::data
