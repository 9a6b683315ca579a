// SPDX-License-Identifier: Apache-2.0
//
// The options and arguments of a command, a line each:
//
//   line.text("RUN", run, "A run directory", {.required = true});
//   line.count("-n,--count", count, "How many", {.least = 1});
//   line.flag("--draw", draw, "Draws, not means");   // --draw, --no-draw, --draw=yes, --draw=no
//
// A name without dashes is an argument by position. Defaults are what the variables hold. CLI11 finds the
// words (command_line.cpp alone includes it: its templates cost ten seconds a file); what the words mean is
// decided here. Numbers are checked as they were typed, against the range that is stated, before they become
// unsigned, and an error names the option as it was typed. Where an option is given twice, the last counts.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/whole_number.hpp"
#include "pushforward/spec.hpp"

namespace pushforward::cli {

/// Thrown to print a help text and succeed.
struct HelpRequested {
  std::string text;
};

/// What help says of any option: whether it must be there, what stands for its value, under which heading;
/// and for completion, which words its value may be (those of a `type` like "x|y" are known without).
struct TextOption {
  bool required = false;
  std::string type{"TEXT"}, group{"Options"};
  bool written =
      false;  ///< the value is a path that the command writes; it may be in a folder yet to be made
  std::function<std::vector<std::string>()> words{};
};
/// Both ends included. A default outside the range means "not given", and help does not show it.
struct CountOption {
  std::uint64_t least = 1, most = static_cast<std::uint64_t>(kMostCount);
  bool required = false;
  std::string type{"N"}, group{"Options"};
};
struct NumberOption {
  double least, most;
  std::string type{"NUMBER"}, group{"Options"};
};
struct FlagOption {
  std::string group{"Options"};
};

/// An option with a value, for completion: all its names, and the words that the value may be (none: any).
struct ValuedOption {
  std::vector<std::string> names, words;
};

class CommandLine {
 public:
  /// `examples` are printed below the help.
  CommandLine(const std::string& command, const std::string& summary, const std::string& examples);
  ~CommandLine();

  void text(const std::string& names, std::string& value, const std::string& help, TextOption how = {});
  /// An option that adds a text each time that it is given, or all the words of a position.
  void texts(const std::string& names, std::vector<std::string>& values, const std::string& help,
             TextOption how = {});
  void count(const std::string& names, std::size_t& value, const std::string& help, CountOption how = {});
  void number(const std::string& names, double& value, const std::string& help, NumberOption how);
  void flag(const std::string& names, bool& value, const std::string& help, FlagOption how = {});
  /// An option of a model, kept as text: given[row.name]. Help says nothing of one in the group "".
  void setting(const OptionRow& row, std::map<std::string, std::string>& given,
               const std::string& group = "Options");

  /// Whether the option, by one of its names, was on the line.
  bool given(const std::string& name) const;
  /// "--count", … of help, for completion.
  std::vector<std::string> names() const;

  /// Those of them that take a value, short names too.
  std::vector<ValuedOption> valued() const;

  /// What was given for options whose values are paths to write.
  std::vector<std::string> written_paths() const;

  /// Fills the variables. Throws HelpRequested, or RequestError that names the nearest option to a misspelt
  /// one.
  void parse(const std::vector<std::string>& words);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace pushforward::cli
