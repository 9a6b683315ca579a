// SPDX-License-Identifier: Apache-2.0
#include "models/condition_input.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/whole_number.hpp"
#include "pushforward/error.hpp"
#include "pushforward/option_table.hpp"

namespace pushforward {
namespace {

// Half the mean squared distance of two rows.
double total_variance(View<const float> rows) {
  double sum = 0;
  for (std::size_t j = 0; j < rows.cols; ++j) {
    double mean = 0, square = 0;
    for (std::size_t i = 0; i < rows.rows; ++i) mean += static_cast<double>(rows(i, j));
    mean /= static_cast<double>(rows.rows);
    for (std::size_t i = 0; i < rows.rows; ++i) square += std::pow(static_cast<double>(rows(i, j)) - mean, 2);
    sum += square / static_cast<double>(rows.rows);
  }
  return sum;
}

}  // namespace

const OptionTable<ConditionOptions>& option_table(const ConditionOptions&) {
  using O = ConditionOptions;
  static const auto table =
      OptionTable<O>("condition")
          .add("condition", &O::on,
               "what rows are told beside their noise or code: label, or columns of a table by commas, which "
               "the model then does not make",
               any_text())
          .add("condition-size", &O::size, "set by the program: how many numbers a condition is",
               count_of(1, kMostUnits));
  return table;
}

void refuse_conditions(std::size_t width, const std::string& command) {
  if (width > 0)
    throw RequestError(
        Complaint{command, "a run with --condition", "one without", "train without --condition for it"});
}

void ToldConditions::tell(View<const float> conditions) {
  if (width_ == 0) return;
  if (conditions.cols != width_ || conditions.rows == 0)
    throw RequestError(Complaint{"condition", fmt::format("{} rows of {}", conditions.rows, conditions.cols),
                                 fmt::format("rows of {}", width_)});
  told_.resize(conditions.rows, width_);
  std::copy_n(conditions.data, conditions.size(), told_.data());
}

void ToldConditions::keep_spaced(std::size_t rows, std::size_t count) {
  if (width_ == 0) return;
  Tensor some(std::min(count, rows), width_);
  for (std::size_t i = 0; i < some.rows(); ++i)
    std::copy_n(of_row(i * rows / some.rows()), width_, some.row(i));
  told_ = std::move(some);
}

const float* ToldConditions::of_row(std::size_t i) const {
  if (told_.rows() == 0)
    throw RequestError(Complaint{"a conditional model", "no conditions", "them first (Conditional::tell)"});
  return told_.row(i % told_.rows());
}

RowShape ConditionInput::shape() const {
  if (told_.width() == 0) return rows_;
  if (!channels_) return {.width = rows_.size() + told_.width()};
  RowShape out = rows_;
  out.channels += told_.width();
  return out;
}

float matching_scale(View<const float> rows, View<const float> conditions) {
  const double own = total_variance(rows), theirs = total_variance(conditions);
  return own > theirs && theirs > 0 ? static_cast<float>(std::sqrt(own / theirs)) : 1.0f;
}

View<const float> ConditionInput::join(View<const float> x) {
  const std::size_t width = told_.width();
  if (width == 0) return x;
  const std::size_t places = channels_ ? rows_.height * rows_.width : 1, own = rows_.size() / places;
  const float scale = scale_ != nullptr ? scale_->value.data[0] : 1.0f;
  joined_.resize(x.rows, rows_.size() + places * width);
  for (std::size_t i = 0; i < x.rows; ++i) {
    const float *from = x.row(i), *condition = told_.of_row(i);
    float* to = joined_.row(i);
    for (std::size_t p = 0; p < places; ++p) {
      to = std::copy_n(from + p * own, own, to);
      for (std::size_t k = 0; k < width; ++k) *to++ = scale * condition[k];
    }
  }
  return std::as_const(joined_).view();
}

View<float> ConditionInput::part(View<float> joined) {
  const std::size_t width = told_.width();
  if (width == 0) return joined;
  const std::size_t places = channels_ ? rows_.height * rows_.width : 1, own = rows_.size() / places;
  part_.resize(joined.rows, rows_.size());
  for (std::size_t i = 0; i < joined.rows; ++i)
    for (std::size_t p = 0; p < places; ++p)
      std::copy_n(joined.row(i) + p * (own + width), own, part_.row(i) + p * own);
  return part_.view();
}

}  // namespace pushforward
