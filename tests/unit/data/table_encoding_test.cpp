// SPDX-License-Identifier: Apache-2.0
// A table's cells as a network sees them, and back.
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "io/table_reader.hpp"
#include "pushforward/table_encoding.hpp"

namespace pushforward {
namespace {

Dataset as_table(std::string_view text) {
  io::TableRows rows = io::parse_table(io::bytes_of(text), {}, "t.csv");
  Dataset data;
  data.shape = {1, rows.values.cols(), 1, false};
  data.rows_data = std::move(rows.values);
  data.table = true, data.header = rows.header;
  data.schema = std::make_shared<const TableSchema>(std::move(rows.schema));
  return data;
}

const Matrix<double>& values(const Dataset& data) { return std::get<Matrix<double>>(data.rows_data); }

Dataset mixed() {
  std::string text = "zeros,size,sort,member,day,gap\n";
  for (int i = 0; i < 400; ++i)
    text += fmt::format("{},{:.2f},{},{},2020-01-{:02},{}\n", i % 10 == 0 ? i : 0, std::exp(i * 0.01),
                        i % 3 == 0   ? ""
                        : i % 3 == 1 ? "x"
                                     : "y",
                        i % 4 ? "True" : "False", 1 + i % 28, i % 5 == 0 ? "" : fmt::format("{}", i % 7));
  return as_table(text);
}

TEST(TableEncoding, ComesBackExactly) {
  const Dataset data = mixed();
  for (const NumberScale scale : {NumberScale::plain, NumberScale::quantile}) {
    const TableEncoding encoding(data, scale);
    const Dataset encoded = encoding.encode(data);
    const Dataset back = encoding.decode(encoded.floats(0, encoded.rows()).view());
    for (std::size_t i = 0; i < data.rows(); ++i)
      for (std::size_t j = 0; j < data.cols(); ++j) {
        const double before = values(data)(i, j), after = values(back)(i, j);
        EXPECT_EQ(std::isnan(before), std::isnan(after));
        // Dates are 1.6e9 seconds, which float32 holds to 128: within a day.
        if (!std::isnan(before)) {
          EXPECT_NEAR(after, before, j == 4 ? 86400 : 0) << i << " " << j;
        }
      }
  }
}

TEST(TableEncoding, QuantilesMakeEveryColumnNormal) {
  const Dataset data = mixed();
  const TableEncoding encoding(data, NumberScale::quantile);
  const Dataset encoded = encoding.encode(data);
  for (const std::size_t column : {0u, 1u}) {  // nine tenths zeros; exponential growth
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < encoded.rows(); ++i) {
      const double z = values(encoded)(i, column);
      sum += z, squares += z * z;
    }
    // Of 400 draws of N(0, 1): a mean within 4/√400, a mean square within 4·√(2/400).
    EXPECT_NEAR(sum / 400, 0, 0.2) << column;
    EXPECT_NEAR(squares / 400, 1, 0.29) << column;
  }
}

TEST(TableEncoding, BlocksSayWhatBelongsTogether) {
  EXPECT_EQ(TableEncoding(mixed(), NumberScale::quantile).blocks(), "n2 c3 b n1 n1 m");
  const std::vector<TableBlock> blocks = parse_blocks("n2 c3 b n1 m", "t");
  ASSERT_EQ(blocks.size(), 5u);
  EXPECT_EQ(blocks[1].begin, 2u);
  EXPECT_EQ(blocks[2].begin, 5u);
  EXPECT_THROW(parse_blocks("m", "t"), RequestError);
  EXPECT_THROW(parse_blocks("x3", "t"), RequestError);
}

TEST(TableEncoding, NumbersAloneStayAsTheyAre) {
  const Dataset data = as_table("a,b\n1,2\n3,4\n");
  const TableEncoding encoding(data, NumberScale::plain);
  EXPECT_TRUE(encoding.identity());
  EXPECT_EQ(values(encoding.encode(data))(1, 1), 4);
}

TEST(TableEncoding, OtherColumnsAreRefusedByName) {
  const TableEncoding encoding(as_table("a,b\n1,2\n3,4\n"), NumberScale::plain);
  EXPECT_THROW(encoding.encode(as_table("b,a\n1,2\n3,4\n")), RequestError);
  EXPECT_THROW(encoding.encode(as_table("a\n1\n2\n")), RequestError);
}

TEST(TableUnits, MeasuresInStandardDeviations) {
  const Dataset data = as_table("a,s\n1,x\n3,y\n1,x\n3,y\n");
  const Tensor rows = TableUnits(data).measured(data).floats(0, 4);
  EXPECT_FLOAT_EQ(rows(0, 0), -1);
  EXPECT_FLOAT_EQ(rows(1, 0), 1);
  const float d = rows(0, 1) - rows(1, 1), e = rows(0, 2) - rows(1, 2);
  EXPECT_FLOAT_EQ(d * d + e * e, 1);  // two categories that differ lie 1 apart
}

}  // namespace
}  // namespace pushforward
