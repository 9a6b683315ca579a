// SPDX-License-Identifier: Apache-2.0
// What a data set tells about itself, and its rows in double precision; the batch gather is in gather.cpp.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "data/parts.hpp"
#include "pushforward/error.hpp"

namespace pushforward {

std::size_t Dataset::rows() const {
  return std::visit([](const auto& m) { return m.rows(); }, rows_data);
}

std::size_t Dataset::cols() const {
  return std::visit([](const auto& m) { return m.cols(); }, rows_data);
}

Matrix<double> Dataset::doubles() const {
  Matrix<double> out;
  out.resize(rows(), cols());
  std::visit(
      [&](const auto& m) {
        std::transform(m.data(), m.data() + m.size(), out.data(),
                       [this](auto v) { return static_cast<double>(v) * scale; });
      },
      rows_data);
  return out;
}

Points Dataset::points(Matrix<double>& storage) const {
  if (scale == 1) {
    if (const auto* floats = std::get_if<Matrix<float>>(&rows_data)) return floats->view();
    if (const auto* wide = std::get_if<Matrix<double>>(&rows_data)) return wide->view();
  }
  storage = doubles();
  return static_cast<const Matrix<double>&>(storage).view();
}

std::pair<double, double> Dataset::range() const {
  return std::visit(
      [this](const auto& m) {
        const auto [low, high] = std::minmax_element(m.data(), m.data() + m.size());
        if (m.empty()) return std::pair(0.0, 0.0);
        const double a = static_cast<double>(*low) * scale, b = static_cast<double>(*high) * scale;
        return std::pair(std::min(a, b), std::max(a, b));
      },
      rows_data);
}

Dataset Dataset::select(std::span<const std::uint32_t> index) const {
  Dataset out;
  out.name = name, out.shape = shape, out.scale = scale, out.table = table;
  out.standardized = standardized, out.remarks = remarks, out.schema = schema, out.header = header;
  out.label_names = label_names, out.columns = columns, out.modes = modes;
  for (std::uint32_t i : index) {
    if (i >= rows())
      throw RequestError(Complaint{name, fmt::format("row {}", i), fmt::format("one below {}", rows())});
    if (!labels.empty()) out.labels.push_back(labels[i]);
  }
  std::visit(
      [&]<class T>(const Matrix<T>& from) {
        Matrix<T> to;
        to.resize(index.size(), from.cols());
        for (std::size_t i = 0; i < index.size(); ++i)
          std::copy_n(from.row(index[i]), from.cols(), to.row(i));
        out.rows_data = std::move(to);
      },
      rows_data);
  return out;
}

namespace data {

void check_finite(const Dataset& data, std::string_view where) {
  std::visit(
      [&]<class T>(const Matrix<T>& m) {
        if constexpr (std::is_floating_point_v<T>) {
          const T* end = m.data() + m.size();
          const T* bad = std::find_if(m.data(), end, [](T v) { return !std::isfinite(v); });
          if (bad == end) return;
          const auto at = static_cast<std::size_t>(bad - m.data());
          throw RequestError(
              Complaint{fmt::format("{}: row {}, column {}", where, at / m.cols() + 1, at % m.cols() + 1),
                        std::isnan(*bad) ? "NaN" : "infinity", "a finite number"});
        }
      },
      data.rows_data);
}

}  // namespace data
Dataset Dataset::slice(std::size_t begin, std::size_t end) const {
  std::vector<std::uint32_t> index(end - begin);
  std::iota(index.begin(), index.end(), static_cast<std::uint32_t>(begin));
  return select(index);
}

Tensor Dataset::spaced(std::size_t first, std::size_t count) const {
  const std::size_t n = rows() - first;
  std::vector<std::uint32_t> index(std::min(count, n));
  for (std::size_t i = 0; i < index.size(); ++i)
    index[i] = static_cast<std::uint32_t>(first + i * n / index.size());
  Tensor out(index.size(), cols());
  gather(index, out);
  return out;
}

}  // namespace pushforward
