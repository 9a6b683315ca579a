// SPDX-License-Identifier: Apache-2.0
// pushforward fit: a family's density fitted to a known one, or to a sample, by any divergence.
#include <chrono>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "command.hpp"
#include "core/row.hpp"
#include "data_options.hpp"
#include "density_picture.hpp"
#include "divergence_list.hpp"
#include "drawing_output.hpp"
#include "endings.hpp"
#include "io/gif.hpp"
#include "output.hpp"
#include "pushforward/data.hpp"
#include "pushforward/density_fit.hpp"
#include "pushforward/divergence.hpp"
#include "pushforward/error.hpp"

namespace pushforward::cli {
namespace {

struct Options {
  std::string p, family, picture;
  LoadOptions load{};  // of DATA
  std::vector<std::string> by;
};

// A density begins with a family, a weight or a bracket, and has brackets; else it is DATA.
FitTarget read_target(const Options& options, std::uint64_t seed) {
  const bool density = !std::filesystem::exists(options.p) && options.p.find('(') != std::string::npos;
  if (density) return parse_density(options.p);
  LoadOptions load = options.load;
  load.seed = seed;
  return load_data(options.p, load).doubles();
}

// ---- does q cover p? ----

// Shares by draws of p and of q: p's mass where q is at least 1 % of its peak (among the draws), and the same
// of q. Nothing for a sample, whose density is unknown.
struct Cover {
  double of_p, of_q;
};

double share_inside(const Matrix<double>& draws, const KnownDensity& density, double log_least) {
  std::size_t inside = 0;
  for (std::size_t i = 0; i < draws.rows(); ++i)
    inside += log_density(density, {draws.row(i), draws.cols()}) >= log_least;
  return static_cast<double>(inside) / static_cast<double>(draws.rows());
}

double log_peak(const Matrix<double>& draws, const KnownDensity& density) {
  double peak = -HUGE_VAL;
  for (std::size_t i = 0; i < draws.rows(); ++i)
    peak = std::max(peak, log_density(density, {draws.row(i), draws.cols()}));
  return peak;
}

Cover cover_of(const KnownDensity& p, const KnownDensity& q, std::uint64_t seed) {
  constexpr std::size_t kDraws = 4000;
  const KnownDensity sp = dimension_of(p) > 1 ? KnownDensity(as_space(p)) : p,
                     sq = dimension_of(q) > 1 ? KnownDensity(as_space(q)) : q;
  const Matrix<double> x = sample_density(p, kDraws, Draw{seed}.on("cover p")),
                       y = sample_density(q, kDraws, Draw{seed}.on("cover q"));
  const double share = std::log(0.01);
  return {share_inside(x, sq, log_peak(y, sq) + share), share_inside(y, sp, log_peak(x, sp) + share)};
}

std::string cover_text(const Cover& cover) {
  const char* word = cover.of_p > 0.9 ? (cover.of_q > 0.9 ? "fits" : "covers") : "picks";
  return fmt::format("{}: {:.0f} % of P lies where q does, {:.0f} % of q where P does", word,
                     100 * cover.of_p, 100 * cover.of_q);
}

// ---- one divergence ----

struct Result {
  Spec by;
  DensityFit fit;
  std::optional<Cover> cover;
  double seconds;
};

Result fit_by(const FitTarget& target, const Spec& family, const Spec& by, std::uint64_t seed) {
  const auto start = std::chrono::steady_clock::now();
  Result result{by, fit_density(target, family, by, {.seed = seed}), {}, 0};
  if (const auto* p = std::get_if<KnownDensity>(&target))
    result.cover = cover_of(*p, result.fit.optima[0].q, seed);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

Json parameters_json(const FitParameters& parameters) {
  Json object = Json::object();
  for (const auto& [name, value] : parameters) object[name] = json_number(value);
  return object;
}

// Every other divergence at the optimum that there is for these two.
std::vector<std::pair<std::string, double>> others_at(const FitTarget& target, const KnownDensity& q,
                                                      const std::string& but) {
  std::vector<std::pair<std::string, double>> values;
  const auto* p = std::get_if<KnownDensity>(&target);
  if (p == nullptr) return values;
  for (const DivergenceEntry& entry : divergences()) {
    if (!entry.by_default || entry.name == but || !has_density_divergence({entry.name}, *p, q)) continue;
    try {
      values.emplace_back(entry.name, density_divergence({entry.name}, *p, q).value);
    } catch (const RequestError&) {  // without a moment, or a finite standard error
    }
  }
  return values;
}

std::string unit_of(const Result& result) { return density_unit(find_divergence(result.by.name), false); }

Json json_of(const Result& result, const FitTarget& target) {
  const LocalOptimum& best = result.fit.optima[0];
  Json item = {{"by", result.by.text()}, {"value", json_number(best.reading.value)}};
  if (best.reading.error_estimate) item["error_estimate"] = json_number(*best.reading.error_estimate);
  item["unit"] = unit_of(result);
  item["q"] = text_of(best.q, 17);
  item["parameters"] = parameters_json(best.parameters);
  if (!result.fit.objective.empty()) item["objective"] = result.fit.objective;
  if (result.cover)
    item["share_of_p_covered"] = result.cover->of_p, item["share_of_q_inside"] = result.cover->of_q;
  Json others = Json::object();
  for (const auto& [name, value] : others_at(target, best.q, result.by.name))
    others[name] = json_number(value);
  if (!others.empty()) item["others"] = others;
  Json optima = Json::array();
  for (const LocalOptimum& optimum : result.fit.optima)
    optima.push_back({{"value", json_number(optimum.reading.value)},
                      {"q", text_of(optimum.q, 17)},
                      {"parameters", parameters_json(optimum.parameters)},
                      {"starts", optimum.starts}});
  item["optima"] = std::move(optima);
  item["evaluations"] = result.fit.evaluations;
  item["seconds"] = result.seconds;
  return item;
}

void print_one(const Result& result, const FitTarget& target) {
  const LocalOptimum& best = result.fit.optima[0];
  Fields fields = {{"q", text_of(best.q, 8)}, {result.by.text(), best.reading.value}};
  if (best.reading.error_estimate) fields.emplace_back("error_estimate", *best.reading.error_estimate);
  fields.emplace_back("unit", unit_of(result));
  if (!result.fit.objective.empty()) fields.emplace_back("value_is", result.fit.objective);
  for (const auto& [name, value] : best.parameters) fields.emplace_back(name, fmt::format("{:.8g}", value));
  if (result.cover) fields.emplace_back("reading", cover_text(*result.cover));
  print_fields(fields);
  std::vector<std::vector<std::string>> rows;
  for (const LocalOptimum& optimum : result.fit.optima)
    rows.push_back(
        {short_number(optimum.reading.value), text_of(optimum.q), fmt::format("{}", optimum.starts)});
  print_line("");
  print_table({"local optima", "q", "starts that ended here"}, rows);
  const auto others = others_at(target, best.q, result.by.name);
  if (others.empty()) return;
  rows.clear();
  for (const auto& [name, value] : others) rows.push_back({name, short_number(value)});
  print_line("");
  print_table({"other divergences", "at the optimum"}, rows);
}

// A line each.
void print_several(const std::vector<Result>& results) {
  std::vector<std::vector<std::string>> rows;
  for (const Result& result : results) {
    const LocalOptimum& best = result.fit.optima[0];
    rows.push_back({result.by.text(), short_number(best.reading.value), text_of(best.q),
                    fmt::format("{}", result.fit.optima.size()),
                    result.cover ? cover_text(*result.cover) : result.fit.objective});
  }
  print_table({"by", "value", "q", "optima", "reading"}, rows);
}

// ---- pictures ----

constexpr std::size_t kFrames = 40;
constexpr int kHundredths = 8;

std::string p_name(const FitTarget& target) {
  if (const auto* p = std::get_if<KnownDensity>(&target)) return "p = " + text_of(*p, 4);
  return fmt::format("p, {} points", std::get<Matrix<double>>(target).rows());
}

// On the line with its parameters, for which a panel of the plane has no room.
NamedDensity named(const Result& result, const KnownDensity& q) {
  return {dimension_of(q) == 1 ? result.by.text() + ": " + text_of(q, 3) : "q by " + result.by.text(), q};
}

std::size_t dimension_of_target(const FitTarget& target) {
  const auto* p = std::get_if<KnownDensity>(&target);
  return p ? dimension_of(*p) : std::get<Matrix<double>>(target).cols();
}

report::Drawing draw(const FitTarget& target, const std::vector<Result>& results) {
  std::vector<KnownDensity> all;
  std::vector<NamedDensity> shown;
  for (const Result& result : results)
    all.push_back(result.fit.optima[0].q), shown.push_back(named(result, all.back()));
  return DensityScene(target, all).draw(p_name(target), shown);
}

// Every fit on its way from its start to its optimum, each in as many frames.
void write_moving(const std::string& path, const FitTarget& target, const std::vector<Result>& results) {
  std::vector<KnownDensity> all;
  for (const Result& result : results) {
    all.push_back(result.fit.path.front()), all.push_back(result.fit.optima[0].q);
  }
  const DensityScene scene(target, all);
  std::vector<io::Image> frames;
  for (std::size_t i = 0; i < kFrames; ++i) {
    std::vector<NamedDensity> shown;
    for (const Result& result : results) {
      const std::vector<KnownDensity>& way = result.fit.path;
      shown.push_back(named(
          result, i + 1 == kFrames ? result.fit.optima[0].q : way[i * (way.size() - 1) / (kFrames - 1)]));
    }
    frames.push_back(scene.draw(p_name(target), shown).pixels());
  }
  const io::Image last = frames.back();
  frames.insert(frames.end(), 100 / kHundredths, last);
  io::write_gif(path, frames, kHundredths);
}

void write_picture(const std::string& path, const FitTarget& target, const std::vector<Result>& results) {
  if (has_ending(path, ".gif")) return write_moving(path, target, results);
  write_drawing(path, draw(target, results), "A density p, and what is fitted to it");
}

void run(const Options& options, const Common& common) {
  if (!options.picture.empty()) check_output(options.picture, {".png", ".svg", ".gif"}, common.force);
  const FitTarget target = read_target(options, common.seed);
  if (!options.picture.empty()) check_drawn_dimension(options.picture, dimension_of_target(target));
  const Spec family = parse_spec(options.family, "--family");
  std::vector<Spec> specs;
  for (const std::string& text : options.by)
    for (Spec& spec : parse_divergences(text, "--by")) specs.push_back(std::move(spec));
  if (specs.empty()) specs = {{"kl"}};
  std::vector<Result> results;
  for (const Spec& by : specs) results.push_back(fit_by(target, family, by, common.seed));
  if (!options.picture.empty()) write_picture(options.picture, target, results);
  if (common.json) {
    Json list = Json::array();
    for (const Result& result : results) list.push_back(json_of(result, target));
    return print_json(list);
  }
  if (results.size() == 1) return print_one(results[0], target);
  print_several(results);
}

}  // namespace

Command fit_command() {
  return {
      "fit", "A family's density fitted to a known one or to a sample, by any divergence", "Measure",
      "  pushforward fit '0.5*normal(-2.5,0.5)+0.5*normal(2.5,0.5)' --family normal --by kl,reverse-kl\n"
      "                                            forward KL covers both, reverse KL picks one\n"
      "  pushforward fit 'laplace(0,1)' --family mixture:2 --by js\n"
      "  pushforward fit '0.5*normal(-3,1)+0.5*normal(3,1)' --family normal --by kl,reverse-kl -o fit.gif\n"
      "  pushforward fit DATA.csv --family gamma --by kl        maximum likelihood\n"
      "  pushforward fit '0.5*mvnormal(-2+0,1+0+0+1)+0.5*mvnormal(2+0,1+0+0+1)' \\\n"
      "      --family mvnormal --by reverse-kl\n"
      "The direction is that of the name: kl is KL(P||Q) with Q the family. Every local optimum that\n"
      "was found is told, with how many starting points ended there.\n",
      [](CommandLine& line, const Common& common) {
        auto options = std::make_shared<Options>();
        line.text("P", options->p, "A density (see density --help), or DATA, a row per observation",
                  {.required = true});
        line.text("--family", options->family,
                  "normal, mixture:K, laplace, uniform, exponential, gamma, beta, student or mvnormal",
                  {.required = true});
        line.texts("--by", options->by, "SPEC[,SPEC…] of divergence --list (default: kl)",
                   {.words = [] { return names_of(divergences()); }});
        line.text("-o,--output", options->picture,
                  "Draws p and each fitted q; a .gif moves from the start to the optimum",
                  {.type = "FILE.png|.svg|.gif", .written = true});
        line.text("--label-column", options->load.label_column,
                  "Column of a CSV or TSV that is not a feature", {.type = "NAME", .group = "Data"});
        add_table_options(line, options->load);
        return [options, &common] { run(*options, common); };
      }};
}

}  // namespace pushforward::cli
