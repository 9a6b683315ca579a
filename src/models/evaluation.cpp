// SPDX-License-Identifier: Apache-2.0
// Walking over data in blocks; sums in float64.
#include "models/evaluation.hpp"

#include <cmath>
#include <numeric>

#include "pushforward/condition.hpp"

namespace pushforward {

Parameter kept(std::string name, std::size_t rows, std::size_t cols) {
  Parameter parameter;
  parameter.name = std::move(name);
  parameter.rows = rows, parameter.cols = cols;
  parameter.trained = false, parameter.decays = false;
  return parameter;
}

EigenMatrix loaded(View<const float> values) {
  using Floats = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<const Floats>(values.data, static_cast<Eigen::Index>(values.rows),
                                  static_cast<Eigen::Index>(values.cols))
      .cast<double>();
}

void store(const EigenMatrix& from, View<float> to) {
  if (static_cast<std::size_t>(from.rows()) != to.rows || static_cast<std::size_t>(from.cols()) != to.cols)
    throw RequestError("model: got a matrix of another shape, wanted the parameter's");
  for (std::size_t i = 0; i < to.size(); ++i) to.data[i] = static_cast<float>(from.data()[i]);
}

void for_evaluation(const Dataset& data, const EvaluateOptions& options,
                    const std::function<void(View<const float>, std::size_t)>& visit) {
  for_blocks(data, std::max<std::size_t>(1, options.batch), [&](View<const float> rows, std::size_t first) {
    visit(rows, first);
    if (options.progress)
      options.progress(static_cast<double>(first + rows.rows) / static_cast<double>(data.rows()));
  });
}

void for_evaluation(Model& model, const Dataset& data, const EvaluateOptions& options,
                    const std::function<void(View<const float>, std::size_t)>& visit) {
  auto* conditional = as<Conditional>(model);
  const bool told = conditional != nullptr && conditional->condition_width() > 0;
  if (told && (options.inputs == nullptr || options.inputs->rows() != data.rows()))
    throw RequestError(
        Complaint{"evaluate", "rows without conditions", "EvaluateOptions::inputs, a row each"});
  for_evaluation(data, options, [&](View<const float> rows, std::size_t first) {
    if (told) conditional->tell(options.inputs->floats(first, first + rows.rows));
    visit(rows, first);
  });
}

std::vector<double> reconstruction_errors(Model& model, const Dataset& data, const EvaluateOptions& options) {
  std::vector<double> errors;
  errors.reserve(data.rows());
  Tensor y;
  for_evaluation(model, data, options, [&](View<const float> x, std::size_t) {
    y.resize(x.rows, x.cols);
    reconstruct(model, x, y);
    for (std::size_t i = 0; i < x.rows; ++i) {
      double sum = 0;
      for (std::size_t j = 0; j < x.cols; ++j) {
        const double difference = static_cast<double>(x(i, j)) - static_cast<double>(y(i, j));
        sum += difference * difference;
      }
      errors.push_back(sum);
    }
  });
  return errors;
}

void refuse_draws(const Draw* draw, const std::string& model) {
  if (draw != nullptr)
    throw RequestError(
        Complaint{"--draw", model + ", which has no noise", "a model with a likelihood", "leave --draw out"});
}

double mean_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(std::max<std::size_t>(1, values.size()));
}

double standard_error_of(const std::vector<double>& values) {
  if (values.size() < 2) return 0;
  const double mean = mean_of(values), n = static_cast<double>(values.size());
  double sum = 0;
  for (double v : values) sum += (v - mean) * (v - mean);
  return std::sqrt(sum / (n - 1) / n);
}

}  // namespace pushforward
