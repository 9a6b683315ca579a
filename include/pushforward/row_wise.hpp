// SPDX-License-Identifier: Apache-2.0
//
// A model whose loss is a mean over the rows of a batch, so that the batch may be taken in slices: by one
// process after the other, or by several at once (--slices).
#pragma once

#include <string>

#pragma GCC visibility push(default)
namespace pushforward {

class RowWise {
 public:
  virtual ~RowWise() = default;
  /// What looks across rows nevertheless, with these options ("--coupling exact"), or "".
  virtual std::string across_rows() const { return {}; }
};

}  // namespace pushforward
#pragma GCC visibility pop
