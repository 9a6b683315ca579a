// SPDX-License-Identifier: Apache-2.0
// Data from a program's own memory: see pushforward/rows.hpp.
#include "pushforward/rows.hpp"

#include <fmt/format.h>

#include "core/memory.hpp"
#include "data/parts.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

void want_one_each(const std::string& name, const char* what, std::size_t got, std::size_t wanted,
                   const char* of) {
  if (got != 0 && got != wanted)
    throw RequestError(
        Complaint{name, fmt::format("{} {}", got, what), fmt::format("{}, one for each {}", wanted, of)});
}

Dataset named(Dataset data, const RowsOptions& options) {
  want_one_each(options.name, "labels", options.labels.size(), data.rows(), "row");
  want_one_each(options.name, "columns' names", options.columns.size(), data.cols(), "column");
  data.labels = options.labels, data.columns = options.columns;
  return data;
}

template <class T>
Dataset from_values(std::span<const T> values, const std::vector<std::size_t>& shape,
                    const RowsOptions& options) {
  io::ArrayView array(values, shape);
  if (shape.empty() || io::bytes_needed(array.dtype, shape, options.name) != values.size_bytes())
    throw RequestError(Complaint{options.name, fmt::format("{} values", values.size()),
                                 "as many as the shape " + io::text_of_shape(shape) + " has"});
  return named(data::from_array(array, options.name, options.layout), options);
}

}  // namespace

Dataset data_from(std::span<const float> values, const std::vector<std::size_t>& shape,
                  const RowsOptions& options) {
  return from_values(values, shape, options);
}
Dataset data_from(std::span<const double> values, const std::vector<std::size_t>& shape,
                  const RowsOptions& options) {
  return from_values(values, shape, options);
}
Dataset data_from(std::span<const std::uint8_t> values, const std::vector<std::size_t>& shape,
                  const RowsOptions& options) {
  return from_values(values, shape, options);
}

Dataset data_from(const std::vector<std::vector<double>>& rows, const RowsOptions& options) {
  const std::size_t width = rows.empty() ? 0 : rows[0].size();
  std::vector<double> values;
  values.reserve(checked_product({rows.size(), width}, options.name));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].size() != width)
      throw RequestError(Complaint{fmt::format("{}: row {}", options.name, i + 1),
                                   fmt::format("{} values", rows[i].size()),
                                   fmt::format("{}, as row 1 has", width)});
    values.insert(values.end(), rows[i].begin(), rows[i].end());
  }
  return data_from(std::span<const double>(values), {rows.size(), width}, options);
}

Dataset data_from(std::size_t rows, const RowShape& shape,
                  const std::function<void(std::size_t row, std::span<float> out)>& write,
                  const RowsOptions& options) {
  if (rows == 0 || shape.size() == 0)
    throw RequestError(
        Complaint{options.name, fmt::format("{} rows of {}", rows, shape.size()), "at least one value"});
  require_memory(checked_product({rows, shape.size(), sizeof(float)}, options.name), options.name);
  Matrix<float> values(rows, shape.size());
  for (std::size_t i = 0; i < rows; ++i) write(i, {values.row(i), shape.size()});
  Dataset data;
  data.name = options.name, data.shape = shape, data.rows_data = std::move(values);
  data::check_finite(data, options.name);
  return named(std::move(data), options);
}

}  // namespace pushforward
