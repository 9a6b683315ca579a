// SPDX-License-Identifier: Apache-2.0
//
// Data that a program holds itself: from a span of numbers, from rows, or from a function that writes a row.
//
// They become what a file of the same array would: an array N×D has rows of D columns; N×H×W, N×H×W×C or
// N×C×H×W (C = 1 or 3) are images, whose bytes 0…255 count as 0…1. Values are copied, once.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pushforward/data.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct RowsOptions {
  std::string name = "rows";           ///< what errors and a run's files call them
  std::vector<std::int32_t> labels{};  ///< one a row, or none
  std::vector<std::string> columns{};  ///< names of the columns, or none
  std::string layout{};  ///< order of the axes, "nhwc" or "nchw"; empty: guessed by the rule above
};

/// `values` in C order, as many as the product of `shape`. RequestError for another number of values, no
/// rows, more than four axes, values that are not finite (the row and column are named), and labels or
/// columns that are not as many as there are rows or columns.
Dataset data_from(std::span<const float> values, const std::vector<std::size_t>& shape,
                  const RowsOptions& options = {});
Dataset data_from(std::span<const double> values, const std::vector<std::size_t>& shape,
                  const RowsOptions& options = {});
Dataset data_from(std::span<const std::uint8_t> values, const std::vector<std::size_t>& shape,
                  const RowsOptions& options = {});
/// A row each, all of one length.
Dataset data_from(const std::vector<std::vector<double>>& rows, const RowsOptions& options = {});
/// `write` is called with 0, 1, …, rows − 1, and writes that row of `shape` (an image's pixels row by row,
/// channels last).
Dataset data_from(std::size_t rows, const RowShape& shape,
                  const std::function<void(std::size_t row, std::span<float> out)>& write,
                  const RowsOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop
