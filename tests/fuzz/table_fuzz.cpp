// SPDX-License-Identifier: Apache-2.0
// Tables of any kind: what is read is written and read again by its own schema, which is text and back.
#include "fuzz.hpp"
#include "io/cells.hpp"
#include "io/table_reader.hpp"

namespace pushforward::fuzz {

void target(ByteSpan bytes) {
  if (bytes.empty()) return;
  io::TableRequest request;
  if ((bytes[0] & 1) != 0) request.label_column = "1";
  if ((bytes[0] & 2) != 0) request.drop = {"2"};
  const io::TableRows rows = io::parse_table(bytes.subspan(1), request, "fuzz.csv");
  const TableSchema schema = parse_schema(schema_text(rows.schema), "fuzz.toml");
  std::size_t at = 0;
  for (const TableColumn& column : schema.columns) {
    if (column.kind == ColumnKind::key) continue;
    for (std::size_t i = 0; i < rows.values.rows(); ++i) io::cell_text(column, rows.values(i, at));
    ++at;
  }
}

std::vector<Bytes> seeds() {
  return {bytes_from("0a,b\n1,x\n3,y\n"), bytes_from("1a;b\n1,5;2020-01-01\n2;2021-12-31\n"),
          bytes_from("2,k,m\n0,True,$1\n1,,$2\n"), bytes_from("0# x\na\tb\n1,234\t10%\n"),
          bytes_from("0\xFF\xFE"
                     "a\0,\0b\0\n\0")};
}

}  // namespace pushforward::fuzz
