// SPDX-License-Identifier: Apache-2.0
// Takes rows of a sample, evenly spread, and averages what a distance reads on several such subsamples.
#include "pushforward/subsample.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

template <class T>
void take(View<const T> from, std::span<const std::uint32_t> rows, Matrix<T>& to) {
  to.resize(rows.size(), from.cols);
  for (std::size_t i = 0; i < rows.size(); ++i) std::copy_n(&from(rows[i], 0), from.cols, to.row(i));
}

}  // namespace

RowsOf::RowsOf(const Sample& sample, std::span<const std::uint32_t> rows)
    : in_floats_(std::holds_alternative<View<const float>>(sample.points.data)) {
  if (in_floats_)
    take(std::get<View<const float>>(sample.points.data), rows, floats_);
  else
    take(std::get<View<const double>>(sample.points.data), rows, doubles_);
  if (sample.weights.empty()) return;
  for (const std::uint32_t row : rows) weights_.push_back(sample.weights[row]);
  const double sum = std::accumulate(weights_.begin(), weights_.end(), 0.0);
  if (!(sum > 0))
    throw RequestError(Complaint{"weights", "only rows of weight 0 in a subsample", "some weight",
                                 "leave out rows of weight 0"});
  for (double& weight : weights_) weight /= sum;
}

RowsOf evenly_spread(const Sample& sample, std::size_t count, std::size_t first) {
  const std::size_t rows = std::min(count, sample.n()), stride = sample.n() / std::max<std::size_t>(1, rows);
  std::vector<std::uint32_t> taken(rows);
  for (std::size_t i = 0; i < rows; ++i) taken[i] = static_cast<std::uint32_t>(first % stride + i * stride);
  return {sample, taken};
}

Reading measure_subsamples(const Distance& distance, const Sample& x, const Sample& y,
                           const SubsampleOptions& options) {
  if (options.rows == 0) throw RequestError(Complaint{"subsample", "0 rows", "at least 1"});
  if (x.n() <= options.rows && y.n() <= options.rows) return distance.measure(x, y);
  // A sample that is used whole does not limit the other's subsamples.
  const auto fit = [&](const Sample& s) {
    return s.n() <= options.rows ? options.most : s.n() / options.rows;
  };
  const std::size_t count = std::max<std::size_t>(1, std::min({options.most, fit(x), fit(y)}));
  std::vector<double> values;
  Reading reading;
  for (std::size_t r = 0; r < count; ++r) {
    const RowsOf some_x = evenly_spread(x, options.rows, r), some_y = evenly_spread(y, options.rows, r);
    reading = distance.measure(some_x.sample(), some_y.sample());
    if (!reading.value) break;
    values.push_back(*reading.value);
  }
  if (values.size() > 1) reading.extra.clear();  // gaps and parts are of one subsample
  reading.extra.emplace_back("sampled_rows", options.rows);
  reading.extra.emplace_back("subsamples", std::max<std::size_t>(1, values.size()));
  if (values.size() < 2) return reading;
  const auto size = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / size;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  reading.value = mean, reading.standard_error = std::sqrt(squares / (size * (size - 1)));
  return reading;
}

}  // namespace pushforward
