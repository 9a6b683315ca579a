// SPDX-License-Identifier: Apache-2.0
// Figures as cells of a page.
#include <gtest/gtest.h>

#include "pages/figure_rows.hpp"

namespace pushforward::pages {
namespace {

using Texts = std::vector<std::pair<std::string, std::string>>;
Texts texts_of(const Json& rows) {
  Texts texts;
  for (const Json& row : rows) texts.emplace_back(row["name"], cell_text(row["cells"][0]));
  return texts;
}

TEST(Figures, AsRows) {
  const Fields figures = {{"plain", 1.5},
                          {"value", 2.0},
                          {"value_standard_error", 0.25},
                          {"list", std::vector<double>{3, 4}},
                          {"parts", Fields{{"ratio", 0.5}, {"ratio_standard_error", 0.125}}},
                          {"alone_standard_error", 7.0}};
  EXPECT_EQ(texts_of(figure_rows(figures)), (Texts{{"plain", "1.5"},
                                                   {"value", "2 ± 0.25"},
                                                   {"list 1", "3"},
                                                   {"list 2", "4"},
                                                   {"parts ratio", "0.5 ± 0.12"},
                                                   {"alone_standard_error", "7"}}));
  const std::vector<Fields> readings = {{{"value", 1.0}, {"standard_error", 0.5}},
                                        {{"parts", Fields{{"recall", 0.75}}}}};
  EXPECT_EQ(texts_of(figure_rows(readings, {parse_spec("mmd:bandwidth=1"), Spec{"prdc"}})),
            (Texts{{"mmd:bandwidth=1", "1 ± 0.5"}, {"prdc recall", "0.75"}}));
}

// Each run has its own column; a figure that only one of them has leaves gaps, behind the one before it.
TEST(Figures, MergedWithGaps) {
  Json table;
  merge_rows(table, figure_rows(Fields{{"a", 1.0}, {"c", 3.0}}), 0);
  merge_rows(table, figure_rows(Fields{{"a", 2.0}, {"b", 5.0}}), 1);
  std::vector<std::string> lines;
  for (const Json& row : table)
    lines.push_back(row["name"].get<std::string>() + " " + cell_text(row["cells"][0]) + "|" +
                    cell_text(row["cells"][1]));
  EXPECT_EQ(lines, (std::vector<std::string>{"a 1|2", "b |5", "c 3|"}));
}

// What evaluate says has half a sentence on a page.
TEST(Figures, AreExplained) {
  for (const char* name : {"elbo", "squared_error", "memorisation ratio", "stage_squared_errors 2"}) {
    const Json rows = figure_rows(Fields{{name, 1.0}});
    EXPECT_NE(rows[0]["about"], "") << name;
  }
}

}  // namespace
}  // namespace pushforward::pages
