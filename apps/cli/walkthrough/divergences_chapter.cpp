// SPDX-License-Identifier: Apache-2.0
//
// Every divergence between two densities, at settings that the page's sliders can reach.
//
// The page computes its own numbers while a slider moves; those of `settings` are the program's, and a test
// compares.
#include <fmt/format.h>

#include "chapter.hpp"
#include "pushforward/density.hpp"

namespace pushforward::cli::walkthrough {
namespace {

struct Setting {
  std::string id, p, q;
};

const std::vector<std::pair<std::string, std::string>>& measures() {
  static const std::vector<std::pair<std::string, std::string>> list = {
      {"tv", "tv"},         {"hellinger", "hellinger"},
      {"l2", "l2"},         {"chi2", "chi2"},
      {"kl", "kl"},         {"reverse_kl", "reverse-kl"},
      {"js", "js"},         {"cross_entropy", "cross-entropy"},
      {"w1", "w1"},         {"w2", "w2"},
      {"energy", "energy"}, {"mmd", "mmd:bandwidth=1"}};
  return list;
}

Json measured(const Setting& setting) {
  const KnownDensity p = parse_density(setting.p), q = parse_density(setting.q);
  Json values = {{"id", setting.id}, {"p", setting.p}, {"q", setting.q}};
  for (const auto& [key, spec] : measures())
    values["values"][key] = json_number(density_divergence(parse_spec(spec), p, q).value);
  values["values"]["entropy"] = json_number(density_entropy(p).value);
  return values;
}

}  // namespace

Json divergences_chapter(const Demonstration&) {
  const std::vector<Setting> settings = {
      {"shift", "normal(0,1)", "normal(2,1)"},
      {"scale", "normal(0,1)", "normal(0,2)"},
      {"both", "normal(-1,0.5)", "normal(1.5,1.5)"},
      {"apart", "uniform(-2,0)", "uniform(1,3)"},
      {"overlap", "uniform(-2,0)", "uniform(-1,1)"},
      {"tails", "laplace(0,1)", "normal(0,1)"},
      {"humps", "0.5*normal(-2,0.5)+0.5*normal(2,0.5)", "normal(0,2)"},
  };
  Json result;
  for (const Setting& setting : settings) result["settings"][setting.id] = measured(setting);
  return result;
}

}  // namespace pushforward::cli::walkthrough
