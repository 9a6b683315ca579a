// SPDX-License-Identifier: Apache-2.0
//
// SPEC strings: NAME[:key=value,key=value…], the way a user names a distance, an optimiser or a schedule.
//
// In a list, a piece that holds '=' belongs to the SPEC before it and any other piece begins the next, so
// "mmd:estimator=biased,bandwidth=1+2+4,energy" is two. A positional value ("gaussian:0.3", "step:10") is
// kept under the empty key. Several values of one key are joined by '+'.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pushforward/fields.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

struct Spec {
  std::string name;
  std::vector<std::pair<std::string, std::string>> options{};  ///< in the order given; "" = positional

  /// As the user would write it.
  std::string text() const;
};

/// An option as a registry row lists it and a user sees it: its name, its default as text ("" = not set), and
/// a sentence. A flag takes no value on the command line and is "yes" or "no".
struct OptionRow {
  std::string name, fallback, meaning;
  bool flag = false;
};

/// How many of anything there may be where no smaller limit is stated.
inline constexpr long long kMostCount = 2'147'483'647;

/// Parses one SPEC; `where` names it in errors.
Spec parse_spec(std::string_view text, std::string_view where = "spec");
/// Parses a comma-separated list of SPECs.
std::vector<Spec> parse_spec_list(std::string_view text, std::string_view where = "spec list");

/// Reads the options of a SPEC one by one, with defaults, checks each value, and remembers what was used.
///
///   SpecReader read(spec);
///   config.estimator = read.word("estimator", "unbiased", {"unbiased", "biased"});
///   config.k = read.count("k", 5, 1);
///   read.finish();                       // refuses whatever was not asked for, naming the nearest key
class SpecReader {
 public:
  explicit SpecReader(const Spec& spec) : spec_(spec), taken_(spec.options.size(), false) {}

  bool has(std::string_view key) const;
  std::string text(std::string_view key, std::string_view fallback);
  std::string word(std::string_view key, std::string_view fallback, std::vector<std::string> valid);
  bool yes(std::string_view key, bool fallback);  ///< yes/no, true/false, 1/0
  double number(std::string_view key, double fallback);
  double number(std::string_view key, double fallback, double low, double high);  ///< low ≤ value ≤ high
  double positive(std::string_view key, double fallback);                         ///< > 0 and finite
  /// Whole, minimum ≤ value ≤ maximum; 1e3 is whole, too.
  long long count(std::string_view key, long long fallback, long long minimum = 0,
                  long long maximum = kMostCount);
  std::uint64_t seed(std::string_view key, std::uint64_t fallback);                 ///< 0 … 2^64−1
  std::vector<double> numbers(std::string_view key, std::vector<double> fallback);  ///< joined by '+'
  /// Refuses options that nobody asked for.
  void finish() const;

 private:
  const std::string* find(std::string_view key);
  std::string where(std::string_view key) const;

  const Spec& spec_;
  std::vector<bool> taken_;
  std::vector<std::string> asked_{};
};

/// Parses a finite number that is the whole of `text`; RequestError otherwise.
double parse_number(std::string_view text, std::string_view where);
/// Parses a whole number that is the whole of `text`; RequestError otherwise.
long long parse_count(std::string_view text, std::string_view where);
/// Splits at `separator`; empty pieces are kept.
std::vector<std::string> split(std::string_view text, char separator);

}  // namespace pushforward
#pragma GCC visibility pop
