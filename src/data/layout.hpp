// SPDX-License-Identifier: Apache-2.0
//
// --layout: what the axes of an array mean, a letter each, in the array's order.
//
//   n rows   h height   w width   c channels   d the numbers of a row that is no picture
//
// "nchw" is PyTorch's order, "hwcn" that of MATLAB's files. Without n the array is one row; rows are kept as
// h × w × c, channels last.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "pushforward/shape.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::data {

/// Where number j of row i is found in the array's elements (C order): i·stride + from[j].
struct Layout {
  RowShape shape;
  std::size_t rows = 1, stride = 0;
  std::vector<std::size_t> from{};

  bool rows_first() const { return stride == from.size(); }
};

/// RequestError for letters that are none, are there twice, or are not as many as axes.
Layout parse_layout(std::string_view letters, const std::vector<std::size_t>& axes, std::string_view where);

/// Brings decoded elements into rows; where rows come first, in place.
template <class T>
void arrange(const Layout& layout, Matrix<T>& elements) {
  const std::size_t size = layout.from.size();
  Matrix<T> out;
  if (!layout.rows_first() || elements.cols() != size) out.resize(layout.rows, size);
  std::vector<T> row(size);
  for (std::size_t i = 0; i < layout.rows; ++i) {
    const T* source = elements.data() + i * layout.stride;
    for (std::size_t j = 0; j < size; ++j) row[j] = source[layout.from[j]];
    std::copy(row.begin(), row.end(), (out.size() > 0 ? out : elements).row(i));
  }
  if (out.size() > 0) elements = std::move(out);
}

}  // namespace pushforward::data
