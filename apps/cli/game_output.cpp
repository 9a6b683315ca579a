// SPDX-License-Identifier: Apache-2.0
#include "game_output.hpp"

#include <fmt/format.h>

#include "output.hpp"
#include "pushforward/distance_names.hpp"

namespace pushforward::cli {

void print_game(const KnownDensity& p, const KnownDensity& q, const std::vector<std::string>& networks,
                std::size_t draws, const Common& common) {
  std::vector<Spec> specs;
  for (const std::string& text : networks)
    for (Spec& spec : parse_distances(text, "--game")) specs.push_back(std::move(spec));
  const std::vector<GameRow> found = density_game(p, q, specs, draws, common.seed);
  if (common.json) {
    Json list = Json::array();
    for (const GameRow& row : found) {
      list.push_back({{"discriminator", row.discriminator}, {"value", json_number(row.value)}});
      if (row.error) list.back()["error"] = json_number(*row.error);
      list.back()["jsd"] = json_number(row.jsd);
      list.back()["how"] = row.how;
    }
    return print_json(list);
  }
  std::vector<std::vector<std::string>> cells;
  for (const GameRow& row : found)
    cells.push_back({row.discriminator, short_number(row.value),
                     row.error ? "± " + fmt::format("{:.2g}", *row.error) : "exact", short_number(row.jsd),
                     row.how});
  print_table({"discriminator", "value of the game", "precision", "JSD that it gives", "how"}, cells);
}

}  // namespace pushforward::cli
