// SPDX-License-Identifier: Apache-2.0
// Tables as people have them: what kind each column is, and what is written back.
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/cells.hpp"
#include "io/csv.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::io {
namespace {

TableRows table(std::string_view text, TableRequest request = {}) {
  return parse_table(bytes_of(text), request, "t.csv");
}

std::vector<double> column_of(const TableRows& rows, std::size_t c) {
  std::vector<double> out;
  for (std::size_t i = 0; i < rows.values.rows(); ++i) out.push_back(rows.values(i, c));
  return out;
}

TEST(TableReader, InfersEveryKind) {
  const TableRows rows = table(
      "age,income,sex,member,joined,id\n"
      "30,1.25,F,True,2020-02-29,a1\n"
      "41,2.5,M,False,2020-03-01,a1\n"
      "52,,F,True,1969-12-31,a2\n");
  using enum ColumnKind;
  const std::vector<ColumnKind> kinds = {whole, number, category, truth, date, category};
  for (std::size_t c = 0; c < kinds.size(); ++c) EXPECT_EQ(rows.schema.columns[c].kind, kinds[c]) << c;
  EXPECT_EQ(rows.schema.columns[1].decimals, 2);
  EXPECT_TRUE(rows.schema.columns[1].missing);
  EXPECT_TRUE(std::isnan(rows.values(2, 1)));
  EXPECT_EQ(column_of(rows, 2), (std::vector<double>{0, 1, 0}));
  EXPECT_EQ(column_of(rows, 3), (std::vector<double>{1, 0, 1}));
  EXPECT_EQ(column_of(rows, 4), (std::vector<double>{18321 * 86400.0, 18322 * 86400.0, -86400}));
}

TEST(TableReader, TellsSeparatorsAndDecimalCommas) {
  for (const char* text :
       {"a;b\n1,5;2\n3;4\n", "a\tb\n1.5\t2\n3\t4\n", "a|b\n1.5|2\n3|4\n", "a,b\n1.5,2\n3,4\n",
        "\xEF\xBB\xBF"
        "a,b\r\n1.5,2\r\n\r\n3,4\r\n",
        "# made by me\na,b\n1.5,2\n3,4\n", "# a,b\n1.5,2\n3,4\n", "a,b,\n1.5,2,\n3,4,\n"}) {
    const TableRows rows = table(text);
    EXPECT_EQ(column_of(rows, 0), (std::vector<double>{1.5, 3})) << text;
    EXPECT_EQ(rows.schema.columns[1].name, "b") << text;
    EXPECT_EQ(rows.values.cols(), 2u) << text;
  }
}

TEST(TableReader, ReadsUtf16AndLatin1) {
  Bytes utf16 = {0xFF, 0xFE};
  for (const char c : std::string("a,b\n1,2\n"))
    utf16.push_back(static_cast<std::uint8_t>(c)), utf16.push_back(0);
  EXPECT_EQ(column_of(parse_table(utf16, {}, "t.csv"), 1), (std::vector<double>{2}));
  EXPECT_EQ(table("gr\xF6\xDF"
                  "e,b\n1,2\n")
                .schema.columns[0]
                .name,
            "größe");
}

TEST(TableReader, ReadsNumbersAsPeopleSpellThem) {
  const TableRows rows = table("a,b,c\n\"1,234\",10%,$5\n\"2,345.5\",20%,-$6\n");
  EXPECT_EQ(column_of(rows, 0), (std::vector<double>{1234, 2345.5}));
  EXPECT_EQ(column_of(rows, 1), (std::vector<double>{10, 20}));
  EXPECT_EQ(column_of(rows, 2), (std::vector<double>{5, -6}));
  EXPECT_EQ(column_of(table("a;b\n1.234,5;1\n2;2\n"), 0), (std::vector<double>{1234.5, 2}));
}

// What other programs write of 1.1 + 0.05: a schema with 16 decimals could not be read back.
TEST(TableReader, LongNumbersAreWrittenWithAsManyDigitsAsTheyTake) {
  const TableRows rows = table("a\n1.1500000000000001\n0.5\n");
  EXPECT_EQ(rows.schema.columns[0].decimals, -1);
  EXPECT_EQ(parse_schema(schema_text(rows.schema), "schema"), rows.schema);
}

TEST(TableReader, FindsColumnsByNameWhateverTheirOrder) {
  const TableRows trained = table("a,b\n1,x\n2,y\n");
  TableRequest request;
  request.schema = &trained.schema;
  const TableRows other = table("b,a\ny,7\n", request);
  EXPECT_EQ(column_of(other, 0), (std::vector<double>{7}));
  EXPECT_EQ(column_of(other, 1), (std::vector<double>{1}));
  EXPECT_COMPLAINT(table("a,c\n1,x\n", request), {"'c'", "a, b", "--drop c"});
  EXPECT_COMPLAINT(table("a\n1\n", request), {"no column 'b'"});
  EXPECT_COMPLAINT(table("a,b\n1,z\n", request), {"column 2 'b'", "'z'", "one of x, y"});
  EXPECT_COMPLAINT(table("a,b\n,x\n", request), {"column 1 'a'", "an empty cell", "no missing cells"});
  EXPECT_COMPLAINT(table("a,b\nq,x\n", request), {"'q'", "a number"});
}

TEST(TableReader, MapsUnknownCategoriesWhereTheSchemaAllowsIt) {
  TableSchema schema = table("a,b\n1,x\n2,rest\n").schema;
  schema.columns[1].other = "rest";
  TableRequest request;
  request.schema = &schema;
  EXPECT_EQ(column_of(table("a,b\n1,z\n", request), 1), (std::vector<double>{0}));
}

TEST(TableReader, LeavesOutWhatTellsNothing) {
  std::string text = ",note,x,empty\n";
  for (int i = 0; i < 30; ++i) text += fmt::format("{},text {},{},\n", i, i, i % 7);
  const TableRows rows = table(text);
  EXPECT_EQ(rows.values.cols(), 1u);
  EXPECT_TRUE(rows.schema.columns[0].counts);
  EXPECT_EQ(rows.schema.columns[1].kind, ColumnKind::key);
  EXPECT_EQ(rows.remarks.size(), 3u);
  TableRequest request;
  request.columns = {"x", "note"}, request.drop = {"2"};
  EXPECT_EQ(table(text, request).schema.columns.size(), 1u);
  request.drop = {"nope"};
  EXPECT_COMPLAINT(table(text, request), {"--drop", "'nope'"});
}

TEST(TableReader, AWordAmongNumbersIsRefusedByPlace) {
  std::string text = "x\n";
  for (int i = 0; i < 1500; ++i) text += "1\n";
  EXPECT_COMPLAINT(table(text + "word\n"), {"row 1501 (line 1502)", "'word'", "--drop x"});
  EXPECT_COMPLAINT(table("x\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\nfive\n"), {"row 11", "'five'"});
}

TEST(TableReader, LaterCellsMayMakeAColumnText) {
  std::string text = "x\n";
  for (int i = 0; i < 1200; ++i) text += i % 2 ? "True\n" : "False\n";
  const TableRows rows = table(text + "maybe\n");
  EXPECT_EQ(rows.schema.columns[0].categories, (std::vector<std::string>{"False", "True", "maybe"}));
  EXPECT_EQ(rows.values(1200, 0), 2);
  EXPECT_EQ(rows.values(1, 0), 1);
}

TEST(TableReader, SaysHowOtherProgramsFilesAreConverted) {
  EXPECT_COMPLAINT(table("PK\x03\x04 …"), {"Excel", "save it as CSV"});
  EXPECT_COMPLAINT(table("PAR1…"), {"Parquet", "to_csv"});
}

// None of them is a word among numbers, which would be a mistake.
TEST(TableReader, NumbersOfSeveralFormsAreCategories) {
  std::string text = "a,b\n";
  for (int i = 0; i < 8; ++i) text += "$1,1\n01,2\n1%,3\n";
  const TableRows rows = table(text);
  ASSERT_EQ(rows.schema.columns.size(), 2u);
  EXPECT_EQ(rows.schema.columns[0].kind, ColumnKind::category);
  EXPECT_EQ(rows.schema.columns[0].categories.size(), 3u);
}

TEST(TableReader, BombsEndInOneSentence) {
  const Bytes zeros(40'000'000, '0');
  EXPECT_COMPLAINT(parse_table(gzipped(zeros), {}, "bomb.csv.gz"), {"bomb.csv.gz", "300 times"});
  std::string wide(200'000, ',');
  EXPECT_COMPLAINT(table(wide + std::string(200'000, '\n') + "1\n"), {"1 cells"});
}

TEST(TableWriter, WritesATableOfTheSameKind) {
  const TemporaryFolder folder;
  const std::string text =
      "price;member;joined;sort;n\n"
      "$1.234,50;true;31.12.2020;\"a;b\";1\n"
      "$0,25;false;01.01.2021;;22\n";
  const TableRows rows = table(text);
  write_table(folder / "t.csv", rows.schema, rows.values.view());
  EXPECT_EQ(text_of(read_file(folder / "t.csv")), text);
}

TEST(Cells, DatesGoThereAndBack) {
  for (const char* cell :
       {"1900-02-28", "1999-12-31 23:59:59", "2000-02-29T00:00:00Z", "31.01.2020", "12/31/2020"}) {
    const std::string form = date_form_of(cell, false);
    ASSERT_NE(form, "") << cell;
    EXPECT_EQ(date_text(*date_in(cell, form), form), cell);
  }
  EXPECT_EQ(date_form_of("2021-02-29", false), "");
  EXPECT_EQ(date_form_of("31/12/2020", true), "DD/MM/YYYY");
}

TEST(Cells, ValuesComeBackAsTheirColumnHasThem) {
  TableColumn column;
  column.decimals = 1, column.low = 0, column.high = 9.5;
  EXPECT_EQ(nearest_value(column, 3.14159), 3.1);
  EXPECT_EQ(nearest_value(column, 12), 9.5);
  EXPECT_EQ(cell_text(column, 3), "3.0");
  column.kind = ColumnKind::whole, column.decimals = 0;
  EXPECT_EQ(nearest_value(column, 2.6), 3);
  EXPECT_EQ(cell_text(column, 3), "3");
}

// The k-th column without a name is the schema's k-th; of those left out, neither side is asked.
TEST(TableReader, MatchesColumnsWithoutNamesInTheirOrder) {
  TableRequest request;
  const TableSchema schema = table("a,,\n1.5,x,3\n2.5,y,4\n2.5,x,4\n").schema;
  request.schema = &schema;
  const TableRows again = table(",a,\ny,2.5,7\n", request);
  EXPECT_EQ(again.values.rows(), 1u);
  EXPECT_EQ(column_of(again, 0), std::vector<double>{2.5});
  EXPECT_EQ(column_of(again, 1), std::vector<double>{1});
  EXPECT_EQ(column_of(again, 2), std::vector<double>{7});
  request.drop = {"2"};
  const TableRows fewer = table("a,,\n2.5,?,7\n", request);
  EXPECT_EQ(fewer.schema.columns.size(), 2u);
  EXPECT_EQ(column_of(fewer, 1), std::vector<double>{7});
}

TEST(Schema, ReadsBackWhatItWrites) {
  TableSchema schema =
      table("price,sort,day,ok\n\"$1,000.5\",\"a \"\"x\"\"\\\",2020-01-01,True\n$2,,2020-01-02,\n").schema;
  schema.columns[1].other = schema.columns[1].categories[0];
  EXPECT_EQ(parse_schema(schema_text(schema), "s.toml"), schema);
}

TEST(Schema, RefusesWhatDoesNotFitByColumn) {
  EXPECT_COMPLAINT(parse_schema("", "s.toml"), {"no [[column]]"});
  EXPECT_COMPLAINT(parse_schema("[[column]]\nname=\"a\"\nkind=\"numbr\"\n", "s.toml"), {"'a'", "number"});
  EXPECT_COMPLAINT(parse_schema("[[column]]\nname=\"a\"\nkind=\"category\"\n", "s.toml"),
                   {"'a'", "no categories"});
  EXPECT_COMPLAINT(parse_schema("[[column]]\nname=\"a\"\nkind=\"number\"\nlow=2\nhigh=1\n", "s.toml"),
                   {"low 2"});
  EXPECT_COMPLAINT(parse_schema("[[column]]\nname=\"a\"\nkind=\"number\"\nlo=2\n", "s.toml"),
                   {"'lo'", "low"});
}

}  // namespace
}  // namespace pushforward::io
