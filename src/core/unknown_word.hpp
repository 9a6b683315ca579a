// SPDX-License-Identifier: Apache-2.0
//
// The error for a word that a reader does not know, with the words that it does know as a list. So whoever
// wants that list asks the reader itself, with a word that is none: completion in a shell has no list of its
// own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pushforward/error.hpp"

namespace pushforward {

class UnknownWord : public RequestError {
 public:
  UnknownWord(const RequestError& error, std::vector<std::string> valid)
      : RequestError(error), valid_(std::move(valid)) {}
  const std::vector<std::string>& valid() const { return valid_; }

 private:
  std::vector<std::string> valid_;
};

}  // namespace pushforward
