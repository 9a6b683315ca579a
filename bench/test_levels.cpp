// SPDX-License-Identifier: Apache-2.0
//
// How often `pushforward test` rejects a hypothesis that is true: at a level of 0.05, on four kinds of data.
//
//   build/release/bench/test_levels [repetitions=2000] [SPEC …]
//
// prints a line a distance: the share rejected for normal data, a lattice, two categories, and a rare event
// (one row of the pool differs from all others), 99 relabellings each; then whether each is at most 0.05 and
// three binomial errors, and for normal data, where nothing ties, also at least 0.05 less as much. Ties make
// the others conservative. A distance that refuses repeated rows says "refused". Status 1 where a share is
// too large.
#include <cmath>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"
#include "pushforward/two_sample.hpp"

namespace {

using namespace pushforward;

constexpr double kLevel = 0.05;
constexpr std::size_t kRows = 20, kFeatures = 2;  // in the pool: half are x's

using Kind = std::function<Matrix<double>(std::size_t rows, const Draw& draw)>;

double uniform(const Draw& draw, std::size_t index) {
  return uniform01(draw, static_cast<std::uint32_t>(index));
}

Matrix<double> normal(std::size_t rows, const Draw& draw) {
  Matrix<double> pool(rows, kFeatures);
  fill_normal(pool.span(), draw, 0.0, 1.0);
  return pool;
}

Matrix<double> lattice(std::size_t rows, const Draw& draw) {
  Matrix<double> pool(rows, kFeatures);
  for (std::size_t e = 0; e < pool.size(); ++e) pool.data()[e] = std::floor(4 * uniform(draw, e)) / 10;
  return pool;
}

Matrix<double> categories(std::size_t rows, const Draw& draw) {
  Matrix<double> pool(rows, kFeatures);
  for (std::size_t i = 0; i < rows; ++i) pool(i, 0) = uniform(draw, i) < 0.4, pool(i, 1) = 1 - pool(i, 0);
  return pool;
}

Matrix<double> rare(std::size_t rows, const Draw& draw) {
  Matrix<double> pool(rows, kFeatures);
  pool(static_cast<std::size_t>(uniform(draw, 0) * static_cast<double>(rows)), 0) = 1;
  return pool;
}

bool rejects(const Spec& spec, const Facts& facts, const Kind& kind, std::size_t repetition) {
  const std::size_t rows = facts.learned ? 3 * kRows : kRows;
  const Matrix<double> pool = kind(rows, Draw{repetition}.on("test levels"));
  const Sample x{Points(View<const double>(pool.view()).slice(0, rows / 2))},
      y{Points(View<const double>(pool.view()).slice(rows / 2, rows))};
  PermutationOptions options;
  options.permutations = 99, options.seed = repetition;
  return permutation_test(*make_distance(spec, repetition), facts, x, y, options).reject;
}

// Absent where a distance does not take such data.
std::optional<double> share_rejected(const std::string& text, const Kind& kind, std::size_t repetitions) {
  const Spec spec = parse_spec(text);
  const Facts facts = facts_of(spec);
  std::vector<char> rejected(repetitions);
  try {
    parallel_tasks(repetitions, [&](std::size_t r) { rejected[r] = rejects(spec, facts, kind, r); });
  } catch (const RequestError&) {
    return {};
  }
  double sum = 0;
  for (const char one : rejected) sum += one;
  return sum / static_cast<double>(repetitions);
}

const std::vector<std::string> kSpecs = {"mmd",
                                         "mmd:bandwidth=1",
                                         "mmd:kernel=laplacian",
                                         "mmd:kernel=imq",
                                         "mmd:kernel=rq",
                                         "mmd:kernel=polynomial",
                                         "mmd:kernel=energy",
                                         "mmd:root=yes",
                                         "mmd:estimator=biased",
                                         "mmd:estimator=biased,root=yes",
                                         "mmd:estimator=linear",
                                         "mmd:estimator=block",
                                         "mmd-fuse",
                                         "mmdagg:relabellings=999",
                                         "energy",
                                         "w1",
                                         "w2",
                                         "w:p=3",
                                         "sinkhorn",
                                         "sinkhorn:debias=no",
                                         "sliced:projections=20",
                                         "max-sliced:projections=10",
                                         "kl-knn:k=3",
                                         "frechet",
                                         "histogram:bins=4",
                                         "c2st:hidden=8,steps=20",
                                         "c2st-logit:hidden=8,steps=20",
                                         "jsd-critic:hidden=8,steps=20",
                                         "w1-critic:hidden=8,steps=20",
                                         "f-critic:hidden=8,steps=20",
                                         "ls-critic:hidden=8,steps=20",
                                         "hinge-critic:hidden=8,steps=20"};

// Whether all shares of a distance are as they should be.
bool told(const std::string& spec, std::size_t repetitions) {
  const double error = 3 * std::sqrt(kLevel * (1 - kLevel) / static_cast<double>(repetitions));
  std::string line = fmt::format("{:32}", spec);
  bool right = true;
  const Kind kinds[] = {normal, lattice, categories, rare};
  for (std::size_t k = 0; k < 4; ++k) {
    const std::optional<double> share = share_rejected(spec, kinds[k], repetitions);
    line += share ? fmt::format("  {:7.4f}", *share) : fmt::format("  {:>7}", "refused");
    right = right && (!share || *share <= kLevel + error);
    if (k == 0 && share && *share < kLevel - error) line += " low";
  }
  std::puts((line + (right ? "" : "   too large")).c_str());
  std::fflush(stdout);
  return right;
}

}  // namespace

int main(int count, char** words) {
  try {
    const std::size_t repetitions = count > 1 ? std::stoul(words[1]) : 2000;
    const std::vector<std::string> specs =
        count > 2 ? std::vector<std::string>(words + 2, words + count) : kSpecs;
    std::puts("                                   normal  lattice  categories  rare");
    bool right = true;
    for (const std::string& spec : specs) right = told(spec, repetitions) && right;
    return right ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "test_levels: %s\n", error.what());
    return 2;
  }
}
