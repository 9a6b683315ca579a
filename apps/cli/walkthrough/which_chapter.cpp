// SPDX-License-Identifier: Apache-2.0
//
// Which distance sees what: five ways to be wrong, by every distance, in multiples of its own floor.
#include <cmath>

#include "chapter.hpp"
#include "pushforward/density.hpp"
#include "pushforward/distance.hpp"
#include "pushforward/floor.hpp"
#include "pushforward/random.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kRows = 800, kColumns = 4;

Matrix<double> normal_rows(std::uint64_t seed, std::string_view stream) {
  const Matrix<double> flat =
      sample_density(parse_density("normal(0,1)"), kRows * kColumns, Draw{seed}.on(stream));
  Matrix<double> rows(kRows, kColumns);
  std::copy_n(flat.data(), rows.size(), rows.data());
  return rows;
}

using Change = void (*)(double* row, std::size_t i);

struct Wrong {
  const char* id;
  Change change;
};

// What is done to rows that were right.
constexpr Wrong kWrongs[] = {
    {"same", [](double*, std::size_t) {}},
    {"shifted", [](double* row, std::size_t) { row[0] += 0.5; }},
    {"narrow",
     [](double* row, std::size_t) {
       for (std::size_t k = 0; k < kColumns; ++k) row[k] *= 0.7;
     }},
    {"correlated", [](double* row, std::size_t) { row[1] = 0.8 * row[0] + 0.6 * row[1]; }},
    {"collapsed", [](double* row, std::size_t) { row[0] = std::abs(row[0]); }},
    {"outliers",
     [](double* row, std::size_t i) {
       if (i % 50 == 0) row[2] += 12;
     }},
};

constexpr const char* kSpecs[] = {"mmd",          "mmd:bandwidth=10", "energy",  "w1",    "w2",
                                  "sinkhorn:p=2", "sliced",           "frechet", "kl-knn"};

}  // namespace

Json which_chapter(const Demonstration& demonstration) {
  const Matrix<double> x = normal_rows(demonstration.seed, "which x");
  Json rows = Json::array();
  std::size_t done = 0;
  for (const char* text : kSpecs) {
    demonstration.progress(static_cast<double>(done++) / static_cast<double>(std::size(kSpecs)));
    const Spec spec = parse_spec(text);
    Json cells = Json::object();
    for (const Wrong& wrong : kWrongs) {
      Matrix<double> y = normal_rows(demonstration.seed, "which y");
      for (std::size_t i = 0; i < kRows; ++i) wrong.change(y.row(i), i);
      const std::unique_ptr<Distance> distance = make_distance(spec, demonstration.seed);
      const double value = *distance->measure({x}, {y}).value;
      const Floor floor =
          measure_floor(*distance, facts_of(spec), {x}, {y}, {.splits = 5, .seed = demonstration.seed});
      cells[wrong.id] = {{"value", value}, {"floor", floor.value}, {"times", value / floor.value}};
    }
    rows.push_back({{"name", text}, {"title", find_distance(spec.name).title}, {"cells", cells}});
  }
  return {{"rows", kRows}, {"columns", kColumns}, {"distances", rows}};
}

}  // namespace pushforward::cli::walkthrough
