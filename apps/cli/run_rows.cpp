// SPDX-License-Identifier: Apache-2.0
#include "run_rows.hpp"

#include "conditions.hpp"
#include "io/csv.hpp"
#include "pushforward/table_encoding.hpp"
#include "table_output.hpp"

namespace pushforward::cli {

std::vector<std::string> encoded_columns(const Run& run) {
  std::vector<std::string> names;
  if (!run.encoding || !run.encoding->header()) return names;
  for (const TableColumn& column : run.encoding->schema().columns) {
    if (column.kind == ColumnKind::key) continue;
    if (column.kind != ColumnKind::category) names.push_back(column.name);
    if (column.kind == ColumnKind::category)
      for (const std::string& category : column.categories) names.push_back(column.name + "=" + category);
    if (column.missing) names.push_back(column.name + " missing");
  }
  return names;
}

void write_run_rows(const Run& run, const std::string& path, Tensor& rows, RowsOutput how,
                    const Dataset* conditions) {
  how.shape = written_shape(run);
  if (!run.encoding) {
    restore_units(run, rows);
    return write_rows(path, rows, how);
  }
  const Dataset data = conditions != nullptr ? restore_rows(run, rows, *conditions) : restore_rows(run, rows);
  if (is_text_table(path) && data.header)
    return io::write_table(path, *data.schema, std::get<Matrix<double>>(data.rows_data).view());
  how.columns = data.columns;
  write_rows(path, data.floats(0, data.rows()), how);
}

}  // namespace pushforward::cli
