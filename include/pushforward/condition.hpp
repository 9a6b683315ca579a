// SPDX-License-Identifier: Apache-2.0
//
// Conditional models, p(x|c): what a row is told about beside its numbers [Mirza & Osindero, "Conditional
// generative adversarial nets", 2014; Sohn, Lee & Yan, NeurIPS 2015].
//
// A condition c is a label, as one of K, or columns of a table as a network sees them (table_encoding.hpp).
// The columns leave the rows: the model makes the others, and what comes back has all of them again. In
// training, conditions are Run::inputs, a row each, and find the model as Step::inputs.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/data.hpp"
#include "pushforward/random.hpp"
#include "pushforward/run.hpp"
#include "pushforward/table_encoding.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// A model that a condition can enter.
class Conditional {
 public:
  virtual ~Conditional() = default;
  /// Numbers of a condition; 0 where the run has none.
  virtual std::size_t condition_width() const = 0;
  /// What the passes that follow are told: row i of theirs takes row i mod n of these.
  virtual void tell(View<const float> conditions) = 0;
};

/// What a run knows of its conditions.
class Conditions {
 public:
  /// `what` is "label", or columns of a table by commas; `training` as loaded. RequestError where it has none
  /// such.
  Conditions(std::string_view what, const Dataset& training);
  /// From a run directory, and to it: condition.safetensors and, of columns, condition_table.safetensors.
  explicit Conditions(const std::string& run);
  void write(const std::string& run) const;

  /// Numbers of a condition.
  std::size_t width() const;
  /// Of conditions on a label: how the labels are called, in their order. Empty on columns.
  const std::vector<std::string>& labels() const { return labels_; }
  bool columns() const { return schema_ != nullptr; }
  /// Of the whole table, the columns among them; null on a label.
  std::shared_ptr<const TableSchema> schema() const { return schema_; }
  /// Of those columns alone.
  std::shared_ptr<const TableSchema> told_schema() const { return encoding_.shared_schema(); }

  /// The conditions of rows as loaded, or of tables of the columns alone, n × width. RequestError that names
  /// a label never seen.
  Dataset of(const Dataset& rows) const;
  /// Rows as loaded without the columns; rows that have lost them already are given back.
  Dataset rest(Dataset rows) const;
  /// And with them again.
  Dataset whole(const Dataset& rest, const Dataset& conditions) const;

  /// n conditions as often as in training; `where` fixes some of it, "label=7" or "cut=Ideal" each, and the
  /// rest is drawn among the training rows that have the same categories. RequestError that names a category
  /// never seen.
  Dataset draw(std::size_t n, const std::vector<std::string>& where, const Draw& draw) const;

 private:
  void learn(const Dataset& training);
  void take_columns(std::string_view what, const Dataset& training);
  void take_labels(const Dataset& training);
  std::size_t label_place(const Dataset& rows, std::int32_t label) const;
  /// Numbers of a condition that were asked for; exact ones are those of categories.
  struct Fixed {
    std::vector<float> values{};
    std::vector<bool> given{}, exact{};
  };
  void fix(std::string_view word, Fixed& fixed) const;
  void fix_column(const std::string& name, const std::string& text, Fixed& fixed) const;
  struct Seen {
    std::vector<std::size_t> rows{};
    std::vector<double> up_to{};
  };
  Seen seen_with(const Fixed& fixed) const;

  std::vector<std::string> labels_{};
  std::shared_ptr<const TableSchema> schema_{};
  bool header_ = false;
  std::vector<std::size_t> places_{};  ///< of the columns among those of schema_ that are no keys
  TableEncoding encoding_{};           ///< of the columns
  Tensor seen_{};                      ///< conditions of the training rows, each once
  std::vector<double> up_to_{};        ///< shares of them, added up
};

/// The conditions of rows as loaded; no rows where the run has none.
Dataset conditions_of(const Run& run, const Dataset& rows);
/// n of them as Conditions::draw gives them; no rows where the run has none.
Dataset drawn_conditions(const Run& run, std::size_t n, const std::vector<std::string>& where,
                         std::uint64_t seed);
/// Tells a run's model the conditions of `count` rows from `first` on, over again where there are fewer;
/// nothing to do where the run has none.
void tell(const Run& run, const Dataset& conditions, std::size_t first, std::size_t count);
/// Of a run's table, the columns that it is conditioned on among them; null where the run has no table.
std::shared_ptr<const TableSchema> whole_schema(const Run& run);
/// restore_rows with the columns that the rows were conditioned on.
Dataset restore_rows(const Run& run, Tensor& rows, const Dataset& conditions);

}  // namespace pushforward
#pragma GCC visibility pop
