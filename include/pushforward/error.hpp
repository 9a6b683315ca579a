// SPDX-License-Identifier: Apache-2.0
//
// Errors that tell the user what to do.
//
// Every failure names the place, what was got, what was wanted and, where there is one, the next step;
// the message is one line: "WHERE: got …, wanted …; HINT". Two kinds exist, because a caller treats them
// differently: a *request* was wrong (a bad option, a bad file: the command line exits with 2), or the
// *work* failed (diverged, disk full: it exits with 1). A result that did not converge is neither: it is
// a result that says so.
#pragma once

#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#pragma GCC visibility push(default)
namespace pushforward {

/// The four parts of a message; `hint` may be empty.
struct Complaint {
  std::string where;   ///< function, file and row, or option that the message is about
  std::string got;     ///< what was there
  std::string wanted;  ///< what should have been there
  std::string hint{};  ///< what to do next
};

/// Base of all exceptions that this library throws on purpose.
class Error : public std::runtime_error {
 public:
  explicit Error(const Complaint& complaint);
  explicit Error(const std::string& one_line) : std::runtime_error(one_line) {}
};

/// The caller asked for something that cannot be: bad option, bad file, shapes that do not fit.
class RequestError : public Error {
 public:
  using Error::Error;
};

/// The request was fine but the work failed: the disk is full, the loss turned into NaN.
class WorkError : public Error {
 public:
  using Error::Error;
};

/// The word of `valid` nearest to `word` by edit distance, or "" when none is near (more than a third of it
/// differs).
std::string nearest_word(std::string_view word, std::span<const std::string> valid);

/// The error for an unknown word: lists the valid ones and names the nearest.
RequestError unknown_word(std::string where, std::string_view word, std::span<const std::string> valid);

}  // namespace pushforward
#pragma GCC visibility pop
