// SPDX-License-Identifier: Apache-2.0
#include "run_rows.hpp"

#include "conditions.hpp"
#include "io/csv.hpp"
#include "io/ending.hpp"
#include "pushforward/table_encoding.hpp"

namespace pushforward::cli {
namespace {

bool is_text_table(const std::string& path) {
  return io::has_ending(path, ".csv") || io::has_ending(path, ".tsv");
}

}  // namespace

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
