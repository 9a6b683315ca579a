// SPDX-License-Identifier: Apache-2.0
//
// Options as named texts with defaults: what the command line, a config file and a run directory have in
// common.
//
// A model lists its options as rows; the command line makes `--name` of each, `train MODEL --help` prints
// them, and config.toml records every one with the value that was used. Values are checked when they are
// read.
#pragma once

#include <any>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pushforward/spec.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class Options {
 public:
  Options() = default;
  /// All options at their defaults. Later rows of the same name replace earlier ones' defaults.
  explicit Options(std::vector<OptionRow> rows);

  /// Sets an option; RequestError that names the nearest one if there is none of this name.
  void set(std::string_view name, std::string value);
  void set_count(std::string_view name, std::size_t value);
  /// The same of a value that a table (option_table.hpp) has made the text of: nothing reads it again.
  void set(std::string_view name, std::string text, std::any value);
  /// That value; empty where a text was set.
  const std::any& value(std::string_view name) const;
  bool known(std::string_view name) const;
  bool given(std::string_view name) const;  ///< set explicitly, not by default

  bool has(std::string_view name) const { return !text(name).empty(); }
  const std::string& text(std::string_view name) const;
  bool yes(std::string_view name) const;
  double number(std::string_view name, double low, double high) const;
  /// Whole, minimum ≤ value ≤ maximum; 1e3 is whole, too.
  long long count(std::string_view name, long long minimum, long long maximum = kMostCount) const;
  std::uint64_t seed(std::string_view name) const;  ///< 0 … 2^64−1

  const std::vector<OptionRow>& rows() const { return rows_; }

 private:
  std::size_t find(std::string_view name) const;
  std::vector<OptionRow> rows_;
  std::vector<std::string> texts_;
  std::vector<std::any> values_;
  std::vector<bool> given_;
};

}  // namespace pushforward
#pragma GCC visibility pop
