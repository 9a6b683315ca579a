// SPDX-License-Identifier: Apache-2.0
//
// Three histograms a, b, c with no bar in common: transport alone says that b is nearer to a than c.
#include <fmt/format.h>

#include "chapter.hpp"
#include "pushforward/divergence.hpp"

namespace pushforward::cli::walkthrough {
namespace {

constexpr std::size_t kBars = 12;

// Three bars beginning at `first`.
std::vector<double> histogram(std::size_t first) {
  std::vector<double> masses(kBars, 0.0);
  masses[first] = 0.25, masses[first + 1] = 0.5, masses[first + 2] = 0.25;
  return masses;
}

Json measured(const std::vector<double>& p, const std::vector<double>& q) {
  Json values;
  for (const std::string spec : {"tv", "kl", "js", "hellinger", "l2", "emd", "energy"})
    values[spec] = json_number(divergence(parse_spec(spec), p, q));
  const std::pair<const char*, const char*> widths[] = {{"narrow", "0.3"}, {"middle", "1"}, {"wide", "5"}};
  for (const auto& [name, width] : widths)
    values[fmt::format("mmd_{}", name)] = json_number(divergence({"mmd", {{"bandwidth", width}}}, p, q));
  return values;
}

}  // namespace

Json three_histograms_chapter(const Demonstration&) {
  const std::vector<double> a = histogram(0), b = histogram(3), c = histogram(7);
  Json shifts = Json::array();
  for (std::size_t shift = 0; shift + 3 <= kBars; ++shift) shifts.push_back(measured(a, histogram(shift)));
  return {{"a", numbers(a)},       {"b", numbers(b)},       {"c", numbers(c)},
          {"a_b", measured(a, b)}, {"a_c", measured(a, c)}, {"shifts", shifts}};
}

}  // namespace pushforward::cli::walkthrough
