// SPDX-License-Identifier: Apache-2.0
// Two tables beside each other: gaps and associations by hand.
#include <cmath>

#include <gtest/gtest.h>

#include "pages/columns.hpp"

namespace pushforward::pages {
namespace {

TableColumn column(const std::string& name, ColumnKind kind, std::vector<std::string> categories = {}) {
  TableColumn made;
  made.name = name, made.kind = kind, made.categories = std::move(categories);
  return made;
}

ColumnTable table(const std::string& name, std::vector<TableColumn> columns,
                  const std::vector<double>& cells) {
  ColumnTable made{name, std::move(columns), {}};
  made.cells = Matrix<double>(cells.size() / made.columns.size(), made.columns.size());
  std::copy(cells.begin(), cells.end(), made.cells.data());
  return made;
}

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

TEST(Columns, GapsByHand) {
  const std::vector<TableColumn> number = {column("x", ColumnKind::number)};
  // F_x steps at 1, 2, 3, 4 and F_y at 3, 4, 5, 6: at 2, they are 2/4 and 0.
  EXPECT_DOUBLE_EQ(column_gap(table("a", number, {1, 2, 3, 4}), table("b", number, {3, 4, 5, 6}), 0), 0.5);
  EXPECT_DOUBLE_EQ(column_gap(table("a", number, {1, 2}), table("b", number, {2, 1}), 0), 0);
  // A quarter of the cells is missing on one side: that alone is a gap.
  EXPECT_DOUBLE_EQ(column_gap(table("a", number, {1, 1, 1, 1}), table("b", number, {1, 1, 1, kMissing}), 0),
                   0.25);
  const std::vector<TableColumn> word = {column("c", ColumnKind::category, {"u", "v", "w"})};
  // Shares 1/2, 1/2, 0 against 1/4, 1/4, 1/2: half of 1/4 + 1/4 + 1/2.
  EXPECT_DOUBLE_EQ(column_gap(table("a", word, {0, 0, 1, 1}), table("b", word, {0, 1, 2, 2}), 0), 0.5);
}

TEST(Columns, TheWorstComesFirst) {
  const std::vector<TableColumn> two = {column("same", ColumnKind::number),
                                        column("off", ColumnKind::number)};
  const Json block = columns_block(table("a", two, {1, 1, 2, 2}), table("b", two, {1, 5, 2, 6}));
  EXPECT_EQ(block["columns"][0]["name"], "off");
  EXPECT_EQ(block["columns"][1]["gap"], 0.0);
  for (const char* side : {"a", "b"}) {
    double sum = 0;
    for (const Json& share : block["columns"][0][side]) sum += share.get<double>();
    EXPECT_NEAR(sum, 1, 1e-4);  // shares are written with five digits
  }
}

TEST(Columns, AssociationsByHand) {
  const std::vector<TableColumn> mixed = {column("x", ColumnKind::number), column("y", ColumnKind::number),
                                          column("c", ColumnKind::category, {"u", "v"}),
                                          column("d", ColumnKind::category, {"p", "q"})};
  // y = −2x; c is u for the small x; d does not depend on c.
  const ColumnTable data = table("a", mixed, {1, -2, 0, 0, 2, -4, 0, 1, 3, -6, 1, 0, 4, -8, 1, 1});
  const Matrix<double> m = association(data, {0, 1, 2, 3});
  EXPECT_NEAR(m(0, 1), -1, 1e-12);
  // Group means 1.5 and 3.5 about 2.5: between 4·1, all 5: η = √(4/5).
  EXPECT_NEAR(m(0, 2), std::sqrt(0.8), 1e-12);
  EXPECT_NEAR(m(2, 0), m(0, 2), 0);
  EXPECT_NEAR(m(2, 3), 0, 1e-7);  // the root of a difference of equal terms
  EXPECT_NEAR(m(2, 2), 1, 1e-12);
}

TEST(Columns, ConstantsGoWithNothing) {
  const std::vector<TableColumn> two = {column("x", ColumnKind::number), column("one", ColumnKind::number)};
  EXPECT_TRUE(std::isnan(association(table("a", two, {1, 7, 2, 7, 3, 7}), {0, 1})(0, 1)));
}

}  // namespace
}  // namespace pushforward::pages
