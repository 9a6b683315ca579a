// SPDX-License-Identifier: Apache-2.0
// Two passes over the rows, means first; squares are taken relative to the largest deviation, so that none
// overflows.
#include "train/units.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr double kFar = 64;             // a mean of so many deviations costs float32 two of its seven digits
constexpr double kUnreasonable = 1000;  // and of so many, what learns by gradient learns slowly if at all
constexpr double kLeast = 1e-9,
                 kMost = 1e9;  // deviations whose squares, and small shares of them, float32 holds

// Bytes are exact in float32, and never far from 0.
bool is_bytes(const Dataset& data) { return std::holds_alternative<Matrix<std::uint8_t>>(data.rows_data); }

template <class Visit>
void for_values(const Dataset& data, Visit visit) {
  std::visit(
      [&](const auto& rows) {
        for (std::size_t i = 0; i < rows.rows(); ++i)
          for (std::size_t j = 0; j < rows.cols(); ++j)
            visit(j, static_cast<double>(rows(i, j)) * data.scale);
      },
      data.rows_data);
}

// Means to the last digit: what is left after a first pass is the first one's rounding.
std::vector<double> means_of(const Dataset& data) {
  const auto n = static_cast<double>(std::max<std::size_t>(1, data.rows()));
  std::vector<double> mean(data.cols(), 0);
  for (int pass = 0; pass < 2; ++pass) {
    std::vector<double> sum(data.cols(), 0);
    for_values(data, [&](std::size_t j, double v) { sum[j] += (v - mean[j]) / n; });
    for (std::size_t j = 0; j < mean.size(); ++j) mean[j] += sum[j];
  }
  return mean;
}

// Root mean squares about the means; 0 where a column is constant.
std::vector<double> deviations_of(const Dataset& data, const std::vector<double>& mean) {
  const auto n = static_cast<double>(std::max<std::size_t>(1, data.rows()));
  std::vector<double> largest(data.cols(), 0), sum(data.cols(), 0);
  for_values(data,
             [&](std::size_t j, double v) { largest[j] = std::max(largest[j], std::abs(v - mean[j])); });
  for_values(data, [&](std::size_t j, double v) {
    const double z = largest[j] > 0 ? (v - mean[j]) / largest[j] : 0;
    sum[j] += z * z / n;
  });
  for (std::size_t j = 0; j < sum.size(); ++j) sum[j] = largest[j] * std::sqrt(sum[j]);
  return sum;
}

// A column whose mean is more than `times` its deviation (of a constant one: than the largest), or their
// number.
std::size_t far_column(const std::vector<double>& mean, const std::vector<double>& deviation, double times) {
  const double largest = deviation.empty() ? 0 : *std::max_element(deviation.begin(), deviation.end());
  for (std::size_t j = 0; j < mean.size(); ++j)
    if (std::abs(mean[j]) > times * (deviation[j] > 0 ? deviation[j] : largest)) return j;
  return mean.size();
}

}  // namespace

Standardization column_statistics(const Dataset& data) {
  Standardization out{means_of(data), {}, 0};
  out.deviation = deviations_of(data, out.mean);
  for (double& v : out.deviation) v = v > 0 ? v : 1;  // a constant column stays constant
  return out;
}

Standardization solved_units(const Dataset& data) {
  if (is_bytes(data)) return {};
  Standardization out{means_of(data), deviations_of(data, out.mean), 1};
  const double largest = *std::max_element(out.deviation.begin(), out.deviation.end());
  if (largest > 0 && (largest < kLeast || largest > kMost)) out.scale = std::ldexp(1.0, std::ilogb(largest));
  if (out.scale == 1 && far_column(out.mean, out.deviation, kFar) == data.cols()) return {};
  std::fill(out.deviation.begin(), out.deviation.end(), out.scale);
  return out;
}

void check_float32_holds(const Dataset& data, bool squares) {
  if (is_bytes(data)) return;
  double largest = 0;
  for_values(data, [&](std::size_t, double v) { largest = std::max(largest, std::abs(v)); });
  const double least = squares ? 1e-18 : 1e-36, most = squares ? 1e18 : 1e38;
  if (largest == 0 || (largest >= least && largest <= most)) return;
  throw RequestError(Complaint{
      data.name.empty() ? "training data" : data.name, fmt::format("values of size {:.6g}", largest),
      fmt::format("{:g} to {:g}, which float32 holds{}", least, most, squares ? ", squared, too" : ""),
      squares && largest >= 1e-36 && largest <= 1e38
          ? "--standardize brings columns to mean 0 and deviation 1"
          : "multiply the data by a power of ten first"});
}

std::string offset_advice(const Dataset& data) {
  if (is_bytes(data)) return "";
  const std::vector<double> mean = means_of(data), deviation = deviations_of(data, mean);
  const std::size_t j = far_column(mean, deviation, kUnreasonable);
  if (j == data.cols()) return "";
  const std::string name = j < data.columns.size() ? fmt::format("column '{}'", data.columns[j])
                                                   : fmt::format("column {} (counting from 0)", j);
  return fmt::format(
      "{} has a mean of {:.4g} and a deviation of {:.4g}: networks learn values near 0, and float32 rounds "
      "these to "
      "{:.2g}; --standardize takes means off first and puts them back on output",
      name, mean[j], deviation[j], std::abs(mean[j]) * 0x1p-24);
}

Fields in_data_units(const Run& run, Fields figures) {
  const double scale = run.standardization.scale;
  if (scale == 0 || scale == 1) return figures;
  for (Field& field : figures) {
    if (field.key == "squared_error" || field.key == "noise_variance")
      field.value = std::get<double>(field.value) * scale * scale;
    if (field.key == "log_likelihood")
      field.value = std::get<double>(field.value) - static_cast<double>(run.shape.size()) * std::log(scale);
  }
  return figures;
}

}  // namespace pushforward
