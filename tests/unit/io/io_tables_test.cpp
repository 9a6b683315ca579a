// SPDX-License-Identifier: Apache-2.0
// IDX and CSV: what they hold, and one line about what they should not.
#include <cmath>

#include <gtest/gtest.h>

#include "io/csv.hpp"
#include "io/idx.hpp"
#include "unit/io/io_support.hpp"

namespace pushforward::io {
namespace {

// --- IDX
// ---------------------------------------------------------------------------------------------------------

TEST(Idx, ReadsBytesAndBigEndianNumbers) {
  const Bytes file = idx_bytes(0x08, {2, 1, 3}, {1, 2, 3, 4, 5, 6});
  const ArrayView images = parse_idx(file, "i");
  EXPECT_EQ(images.shape, (std::vector<std::size_t>{2, 1, 3}));
  EXPECT_EQ(to_vector<double>(images, "i"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(to_vector<double>(parse_idx(idx_bytes(0x09, {2}, {0xFF, 1}), "i"), "i"),
            (std::vector<double>{-1, 1}));
  EXPECT_EQ(to_vector<double>(parse_idx(idx_bytes(0x0B, {2}, {1, 2, 0xFF, 0xFE}), "i"), "i"),
            (std::vector<double>{258, -2}));
  EXPECT_EQ(to_vector<double>(parse_idx(idx_bytes(0x0C, {1}, {0, 1, 0, 0}), "i"), "i"),
            (std::vector<double>{65536}));
  EXPECT_EQ(to_vector<double>(parse_idx(idx_bytes(0x0D, {1}, {0x3F, 0x80, 0, 0}), "i"), "i"),
            (std::vector<double>{1}));
  EXPECT_EQ(to_vector<double>(parse_idx(idx_bytes(0x0E, {1}, {0xC0, 0, 0, 0, 0, 0, 0, 0}), "i"), "i"),
            (std::vector<double>{-2}));
}

TEST(Idx, ReadsGzippedFilesAlike) {
  const Bytes plain = idx_bytes(0x08, {100, 4, 5}, Bytes(2000, 7));
  const ArrayFile file = parse_idx_maybe_gzipped(gzipped(plain), "i.gz");
  EXPECT_EQ(file.bytes, plain);
  EXPECT_EQ(file.array.rows(), 100u);
}

TEST(Idx, RefusesTruncatedOversizedAndMislabelledFiles) {
  const Bytes whole = idx_bytes(0x08, {2, 2, 2}, Bytes(8));
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_THROW(parse_idx(ByteSpan(whole).first(length), "i"), RequestError) << length;
  EXPECT_COMPLAINT(parse_idx(idx_bytes(0x08, {2, 2, 2}, Bytes(5)), "cut"),
                   {"cut", "5 bytes", "8 for (2, 2, 2)", "truncated"});
  EXPECT_COMPLAINT(parse_idx(idx_bytes(0x08, {2}, Bytes(5)), "long"), {"longer than its header"});
  EXPECT_COMPLAINT(parse_idx(idx_bytes(0x08, {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, Bytes(5)), "huge"),
                   {"memory"});
  EXPECT_COMPLAINT(parse_idx(bytes_of("\x93NUMPY......"), "a.npy"),
                   {"a.npy", "93 4e 55 4d", "not an IDX file"});
  EXPECT_COMPLAINT(parse_idx(idx_bytes(0x07, {1}, Bytes(1)), "i"), {"00 00 07 01"});
}

TEST(Idx, RefusesDamagedGzip) {
  const Bytes zipped = gzipped(idx_bytes(0x08, {100, 4, 5}, Bytes(2000, 7)));
  for (std::size_t length = 2; length < zipped.size() - 9; ++length)
    EXPECT_THROW(parse_idx_maybe_gzipped(
                     Bytes(zipped.begin(), zipped.begin() + static_cast<std::ptrdiff_t>(length)), "i"),
                 RequestError)
        << length;
  EXPECT_COMPLAINT(parse_idx_maybe_gzipped(gzipped(idx_bytes(0x08, {0xFFFFFFFF, 1000}, Bytes(50))), "bomb"),
                   {"bomb", "truncated"});
  EXPECT_COMPLAINT(parse_idx_maybe_gzipped(gzipped(idx_bytes(0x08, {50}, Bytes(51))), "long"), {"longer"});
}

// --- CSV
// ---------------------------------------------------------------------------------------------------------

Table csv(std::string_view text, std::string_view label = {}) {
  return parse_csv(bytes_of(text), ',', label, "t.csv");
}

std::vector<double> values_of(const Table& table) {
  return {table.values.data(), table.values.data() + table.values.size()};
}

TEST(Csv, RecognisesAHeaderByTheNumbersBelowIt) {
  EXPECT_EQ(csv("a,b\n1,2\n3,4\n").columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(csv("a,b\n1,2\n3,4\n").values.rows(), 2u);
  EXPECT_TRUE(csv("1,2\n3,4").columns.empty());
  EXPECT_EQ(csv("1,2\n3,4").values.rows(), 2u);
  EXPECT_EQ(csv("label,0,1\n7,2,3\n").columns, (std::vector<std::string>{"label", "0", "1"}));
  // Columns of words only: the words of the first row are data.
  const Table flowers = csv("5.1,setosa\n4.9,versicolor\n", "2");
  EXPECT_EQ(flowers.values.rows(), 2u);
  EXPECT_EQ(flowers.labels, (std::vector<std::string>{"setosa", "versicolor"}));
}

TEST(Csv, ABrokenValueInTheFirstRowIsNotAHeader) {
  EXPECT_COMPLAINT(csv("nan,1\n2,3\n"), {"row 1 (line 1), column 1", "'nan'"});
  EXPECT_COMPLAINT(csv("1.5,word\n2,3\n"), {"row 1 (line 1), column 2", "'word'"});
}

TEST(Csv, ReadsNumbersInFullPrecision) {
  const Table table = csv("0.1,-1e-320, 1.7976931348623157e308 ,+3\r\n1e-400,.5,5.,-0\r\n");
  EXPECT_EQ(values_of(table), (std::vector<double>{0.1, -1e-320, 1.7976931348623157e308, 3, 0, 0.5, 5, 0}));
}

TEST(Csv, UnderstandsQuotesBlankLinesAndByteOrderMarks) {
  const Table table = csv("\xEF\xBB\xBF\"a \"\"x\"\"\",\"b,\nc\"\n\n\"1\",2\n\r\n3,\"4\"", "");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a \"x\"", "b,\nc"}));
  EXPECT_EQ(values_of(table), (std::vector<double>{1, 2, 3, 4}));
}

TEST(Csv, TakesTheLabelColumnByNameOrNumber) {
  const Table table = csv("a,kind,b\n1,x,2\n3,y,4\n", "kind");
  EXPECT_EQ(table.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table.labels, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(values_of(table), (std::vector<double>{1, 2, 3, 4}));
  EXPECT_EQ(csv("a,kind\n1,x\n", "2").labels, (std::vector<std::string>{"x"}));
  EXPECT_COMPLAINT(csv("a,kind\n1,x\n", "kid"), {"'kid'", "did you mean 'kind'"});
  EXPECT_COMPLAINT(csv("1,2\n", "3"), {"label column", "1 to 2"});
  EXPECT_COMPLAINT(csv("kind\nx\n", "kind"), {"no column but the labels"});
}

TEST(Csv, NamesRowLineAndColumnOfABadCell) {
  const std::string good = "1,2\n1,2\n1,2\n1,2\n1,2\n1,2\n";
  EXPECT_COMPLAINT(csv(good + "1,word\n"),
                   {"t.csv: row 7 (line 7), column 2", "got 'word'", "a finite number"});
  EXPECT_COMPLAINT(csv("a,b\n" + good + "NaN,2\n"), {"row 7 (line 8), column 1 'a'", "'NaN'"});
  EXPECT_COMPLAINT(csv(good + ",2\n"), {"row 7 (line 7), column 1", "an empty cell"});
  EXPECT_COMPLAINT(csv(good + "inf,2\n"), {"'inf'"});
  EXPECT_COMPLAINT(csv(good + "1e999,2\n"), {"'1e999'"});
  EXPECT_COMPLAINT(csv(good + "1 2,2\n"), {"'1 2'"});
  EXPECT_COMPLAINT(csv(good + "1\n"), {"row 7 (line 7)", "1 cells", "2, as in the first row"});
  EXPECT_COMPLAINT(csv(good + "\"1,2\n"), {"line 7", "without end"});
  EXPECT_COMPLAINT(csv(good + "\"1\"x,2\n"), {"line 7", "after a closing quote"});
  EXPECT_COMPLAINT(csv(""), {"no rows"});
  EXPECT_COMPLAINT(csv("a,b\n"), {"a header and no rows"});
  EXPECT_COMPLAINT(csv(std::string_view("\0\xFF\n1\n2,3\n", 9)), {"t.csv"});
}

TEST(Csv, WritesWhatItReads) {
  const TemporaryFolder folder;
  Matrix<float> values(2, 2);
  values(0, 0) = 0.1f, values(0, 1) = -1e-30f, values(1, 0) = 16777216, values(1, 1) = 3;
  const std::vector<std::string> columns = {"plain", "with, \"both\""};
  for (const std::string& path : {folder / "a.csv", folder / "a.tsv"}) {
    write_csv(path, values.view(), columns);
    const Table table = read_csv(path);
    EXPECT_EQ(table.columns, columns);
    for (std::size_t i = 0; i < 4; ++i)
      EXPECT_EQ(static_cast<float>(table.values.data()[i]), values.data()[i]);
  }
  Matrix<double> wide(1, 1);
  wide(0, 0) = std::nextafter(0.1, 1);
  write_csv(folder / "b.csv", wide.view());
  EXPECT_EQ(read_csv(folder / "b.csv").values(0, 0), wide(0, 0));
}

TEST(Lines, OneTextARow) {
  EXPECT_EQ(parse_lines(bytes_of("a\nb c\n\"d,e\"\n"), "l"), (std::vector<std::string>{"a", "b c", "d,e"}));
  EXPECT_COMPLAINT(parse_lines(bytes_of("a\nb,c\n"), "l"), {"l: line 2", "2 cells"});
}

}  // namespace
}  // namespace pushforward::io
