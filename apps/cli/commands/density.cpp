// SPDX-License-Identifier: Apache-2.0
// pushforward density: distributions known by their densities, and what lies between them.
#include <chrono>
#include <numbers>

#include <fmt/format.h>

#include "command.hpp"
#include "core/row.hpp"
#include "density_picture.hpp"
#include "divergence_list.hpp"
#include "drawing_output.hpp"
#include "endings.hpp"
#include "game_output.hpp"
#include "output.hpp"
#include "pushforward/density.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"
#include "table_output.hpp"

namespace pushforward::cli {
namespace {

constexpr std::size_t kCouplingRows = 1000, kGameDraws = 10000;

struct Options {
  std::string p, q, coupling, picture;
  std::vector<std::string> metrics, game;
  std::size_t draws = 0, points = 0, split = 0;  // 0: not given
  bool bits = false;
};

DensityOptions how_to_draw(const Options& options, const Common& common) {
  DensityOptions how{.seed = common.seed};
  if (options.draws > 0) how.draws = options.draws;
  return how;
}

double in_bits(double nats, bool bits) { return bits ? nats / std::numbers::ln2 : nats; }

// The precision of a reading, scaled like its value.
void add_precision(Json& item, const DensityReading& reading, double scale) {
  if (reading.error_estimate) item["error_estimate"] = json_number(*reading.error_estimate * scale);
  if (reading.standard_error) item["standard_error"] = json_number(*reading.standard_error * scale);
}

std::string precision_text(const DensityReading& reading, double scale) {
  if (reading.error_estimate) return "± " + fmt::format("{:.1g}", *reading.error_estimate * scale);
  if (reading.standard_error) return "se " + fmt::format("{:.2g}", *reading.standard_error * scale);
  return "exact";
}

// ---- one density ----

void add_reading(Fields& to, const std::string& key, const DensityReading& reading, bool bits) {
  to.emplace_back(key, in_bits(reading.value, bits));
  if (reading.error_estimate)
    to.emplace_back(key + "_error_estimate", in_bits(*reading.error_estimate, bits));
  if (reading.standard_error)
    to.emplace_back(key + "_standard_error", in_bits(*reading.standard_error, bits));
}

// A Student of few degrees of freedom has no mean, or no variance.
FieldValue moment(double value) {
  return std::isnan(value) ? FieldValue(std::string("none")) : FieldValue(value);
}

Fields describe(const KnownDensity& density, const Options& options, const Common& common) {
  const DensityOptions how = how_to_draw(options, common);
  const DensityReading h = density_entropy(density, how);
  Fields result = {{"entropy", in_bits(h.value, options.bits)}};
  if (h.error_estimate) result.emplace_back("error_estimate", in_bits(*h.error_estimate, options.bits));
  if (h.standard_error) result.emplace_back("standard_error", in_bits(*h.standard_error, options.bits));
  if (const auto* line = std::get_if<LineDensity>(&density)) {
    result.emplace_back("mean", 0.0), result.back().value = moment(line->mean());
    result.emplace_back("sd", 0.0), result.back().value = moment(std::sqrt(line->variance()));
  }
  if (options.split > 0) {
    const JointReading joint = joint_density_entropies(density, options.split, how);
    const auto add = [&](const char* key, const DensityReading& reading) {
      add_reading(result, key, reading, options.bits);
    };
    add("joint", joint.joint), add("x", joint.x), add("y", joint.y);
    add("y_given_x", joint.y_given_x), add("x_given_y", joint.x_given_y);
    add("mutual_information", joint.mutual_information);
  }
  result.emplace_back("unit", options.bits ? "bits" : "nats");
  result.emplace_back("estimator", h.estimator);
  return result;
}

// ---- two densities ----

struct Row {
  Json json;
  std::vector<std::string> cells;
};

Row measure(const Spec& spec, const KnownDensity& p, const KnownDensity& q, const Options& options,
            const Common& common) {
  const auto start = std::chrono::steady_clock::now();
  const DivergenceEntry& entry = find_divergence(spec.name);
  const DensityReading reading = density_divergence(spec, p, q, how_to_draw(options, common));
  const double scale = in_divergence_unit(entry, 1, options.bits);
  const std::string unit = density_unit(entry, options.bits);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  Json item = {{"metric", spec.name}, {"estimator", reading.estimator}};
  item["value"] = json_number(reading.value * scale);
  add_precision(item, reading, scale);
  item["unit"] = unit;
  item["seconds"] = seconds;
  Fields used = options_used(entry, spec);
  if (reading.standard_error)
    used.emplace_back("draws", how_to_draw(options, common).draws), used.emplace_back("seed", common.seed);
  if (!used.empty()) item["options"] = to_json(used);
  return {std::move(item),
          {labelled(entry, spec), short_number(reading.value * scale), precision_text(reading, scale), unit,
           reading.estimator}};
}

std::vector<Spec> chosen(const Options& options, const KnownDensity& p, const KnownDensity& q) {
  std::vector<Spec> specs = chosen_divergences(options.metrics);
  if (options.metrics.empty())
    std::erase_if(specs, [&](const Spec& spec) { return !has_density_divergence(spec, p, q); });
  return specs;
}

void write_line_coupling(const LineDensity& p, const LineDensity& q, const std::string& path,
                         std::size_t points) {
  const LineCoupling c = line_coupling(p, q, points);
  Matrix<double> rows(points, 3);
  for (std::size_t i = 0; i < points; ++i) rows(i, 0) = c.u[i], rows(i, 1) = c.x[i], rows(i, 2) = c.y[i];
  write_table(path, rows.view(), {"u", "x", "y"});
}

// Draws of P beside where the map takes them.
void write_gaussian_coupling(const GaussianDensity& p, const GaussianDensity& q, const std::string& path,
                             std::size_t points, std::uint64_t seed) {
  const GaussianMap map = gaussian_map(p, q);
  const Matrix<double> x = sample_density(p, points, Draw{seed}.on("coupling"));
  const std::size_t d = p.d();
  Matrix<double> rows(points, 2 * d);
  std::vector<std::string> columns;
  for (std::size_t k = 0; k < 2 * d; ++k)
    columns.push_back(fmt::format("{}{}", k < d ? "x" : "y", k % d + 1));
  for (std::size_t i = 0; i < points; ++i)
    for (std::size_t a = 0; a < d; ++a) {
      rows(i, a) = x(i, a), rows(i, d + a) = map.shift[a];
      for (std::size_t b = 0; b < d; ++b) rows(i, d + a) += map.matrix(a, b) * x(i, b);
    }
  write_table(path, std::as_const(rows).view(), columns);
}

void write_coupling(const KnownDensity& p, const KnownDensity& q, const Options& options,
                    const Common& common) {
  check_output(options.coupling, table_endings(), common.force);
  const std::size_t points = options.points > 0 ? options.points : kCouplingRows;
  const auto *x = std::get_if<LineDensity>(&p), *y = std::get_if<LineDensity>(&q);
  if (x && y) return write_line_coupling(*x, *y, options.coupling, points);
  const auto *gx = std::get_if<GaussianDensity>(&p), *gy = std::get_if<GaussianDensity>(&q);
  if (gx && gy) return write_gaussian_coupling(*gx, *gy, options.coupling, points, common.seed);
  throw RequestError(Complaint{"--coupling", "densities without a known map",
                               "two on the line, or two mvnormal",
                               "`pushforward transport` couples samples of any two"});
}

// With -m those, else a few that everybody knows.
void draw(const KnownDensity& p, const KnownDensity* q, const Options& options) {
  if (!q)
    return write_drawing(options.picture, DensityScene(p, {}).draw("p = " + text_of(p, 4), {}), "A density");
  const std::vector<Spec> specs = options.metrics.empty()
                                      ? std::vector<Spec>{{"tv"}, {"kl"}, {"reverse-kl"}, {"js"}}
                                      : chosen_divergences(options.metrics);
  write_drawing(options.picture, draw_pair(p, *q, specs),
                "Two densities, the best discriminator, and what each place adds to divergences");
}

void run(const Options& options, const Common& common) {
  if (!options.picture.empty()) check_output(options.picture, {".png", ".svg"}, common.force);
  if (options.points > 0 && options.coupling.empty())
    throw RequestError(Complaint{"--points", "no --coupling", "--coupling FILE, whose rows it counts"});
  const KnownDensity p = parse_density(options.p);
  if (options.q.empty()) {
    if (!options.metrics.empty() || !options.coupling.empty() || !options.game.empty())
      throw RequestError(Complaint{"density", "one density", "two, P and Q, for -m, --coupling and --game"});
    if (!options.picture.empty()) check_drawn_dimension(options.picture, dimension_of(p));
    const Fields result = describe(p, options, common);
    if (!options.picture.empty()) draw(p, nullptr, options);
    return common.json ? print_json(to_json(result)) : print_fields(result);
  }
  if (options.split > 0)
    throw RequestError(Complaint{"--split", "two densities", "one, a joint density of X and Y"});
  const KnownDensity q = parse_density(options.q);
  if (!options.picture.empty()) check_drawn_dimension(options.picture, dimension_of(p));
  if (!options.game.empty()) {
    if (dimension_of(p) != dimension_of(q))
      throw RequestError(Complaint{
          "--game", fmt::format("P of {} coordinates and Q of {}", dimension_of(p), dimension_of(q)),
          "as many in both"});
    for (const auto& [option, given] :
         {std::pair{"-m", !options.metrics.empty()}, std::pair{"--coupling", !options.coupling.empty()}})
      if (given)
        throw RequestError(Complaint{"--game", fmt::format("{} beside it", option), "one of the two"});
    if (!options.picture.empty()) draw(p, &q, options);
    return print_game(p, q, options.game, options.draws > 0 ? options.draws : kGameDraws, common);
  }
  Json list = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const Spec& spec : chosen(options, p, q)) {
    Row row = measure(spec, p, q, options, common);
    list.push_back(std::move(row.json)), rows.push_back(std::move(row.cells));
  }
  if (!options.coupling.empty()) write_coupling(p, q, options, common);
  if (!options.picture.empty()) draw(p, &q, options);
  if (!common.json) return print_table({"divergence", "value", "precision", "unit", "how"}, rows);
  print_json(list);
}

}  // namespace

Command density_command() {
  return {
      "density",
      "How far apart two known densities are: mixtures on the line and in R^d",
      "Measure",
      "  pushforward density 'normal(0,1)' '0.5*normal(-2,1)+0.5*normal(2,1)'\n"
      "  pushforward density 'uniform(0,1)' 'laplace(0,2)' -m w2 --coupling MAP.csv\n"
      "  pushforward density 'mvnormal(0+1,1+.5+.5+2)' 'mvnormal(M2.npy,C2.npy)' -m kl,w2,tv\n"
      "  pushforward density '0.5*mvnormal(0+0,1+0+0+1)+0.5*normal(2,1)*laplace(0,1)' --split 1\n"
      "                                             H(Y|X) and I(X;Y)\n"
      "  pushforward density 'normal(0,1)' 'normal(2,1)' --game jsd-critic:hidden=4,jsd-critic:hidden=32\n"
      "  pushforward density 'normal(0,1)' '0.5*normal(-2,1)+0.5*normal(2,1)' -m kl,js -o pair.svg\n"
      "Families: normal(mean,sd), uniform(a,b), laplace(mean,scale), exponential(rate), gamma(shape,rate),\n"
      "beta(a,b), student(df[,mean,scale]), mvnormal(MEAN,COV) of files or of numbers joined by '+', the\n"
      "covariance row by row. A number before '*' is a weight, '*' between families puts coordinates side\n"
      "by side, and brackets hold a mixture: (0.5*normal(-2,1)+0.5*normal(2,1))*laplace(0,1).\n",
      [](CommandLine& line, const Common& common) {
        auto options = std::make_shared<Options>();
        line.text("P", options->p,
                  "A density, such as normal(0,1), a mixture 0.5*…+0.5*…, or mvnormal(MEAN,COV)",
                  {.required = true});
        line.text("Q", options->q, "Another one; without it P's entropy is printed");
        line.texts("-m,--metric", options->metrics,
                   "SPEC[,SPEC…] of divergence --list (default: all that apply)",
                   {.words = [] { return names_of(divergences()); }});
        line.text("-o,--output", options->picture,
                  "Draws the densities; two with D* = p/(p+q) and what each place adds to divergences",
                  {.type = "FILE.png|.svg", .written = true});
        line.text("--coupling", options->coupling,
                  "Write the optimal coupling: u,x,y on the line; draws and their images for two mvnormal",
                  {.type = "FILE.csv|.npy", .written = true});
        line.count("--points", options->points, "Rows of the coupling (default 1000)", {.most = 100'000'000});
        line.texts("--game", options->game,
                   "The game of a GAN: its value at D = p/(p+q), -ln 4 + 2·JSD, and what these "
                   "discriminators reach: "
                   "jsd-critic:hidden=16[,…]");
        line.count("--draws", options->draws, "Draws from each (default 200000, for --game 10000)",
                   {.least = 2, .most = 2'000'000'000});
        line.count("--split", options->split,
                   "Entropies and information of X, the first K coordinates, and Y, the others");
        line.flag("--bits", options->bits, "Bits in place of nats");
        return [options, &common] { run(*options, common); };
      },
      {},
      {},
      "fewer --draws or --points take less"};
}

}  // namespace pushforward::cli
