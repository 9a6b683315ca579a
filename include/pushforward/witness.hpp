// SPDX-License-Identifier: Apache-2.0
//
// A witness: the function by which a distance tells two samples apart.
//
// Many distances are a supremum over functions. The maximum mean discrepancy is the largest difference of
// means E_p f − E_q f over the unit ball of a kernel's space, W₁ the largest over functions of slope at most
// 1; a discriminator D maximises a likelihood. The function that attains it says where the samples differ:
// high where p has more mass, low where q has.
//
// Letters: n points of d features, k columns.
#pragma once

#include <string>
#include <vector>

#include "pushforward/fields.hpp"
#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward {

class Witness {
 public:
  virtual ~Witness() = default;
  /// The functions' names, one a column: "f"; "d" and "log_ratio" of a classifier.
  virtual std::vector<std::string> names() const { return {"f"}; }
  /// Writes the functions' values at n points (n × k).
  virtual void values(const Points& at, View<double> out) const = 0;
  /// "value" (the distance), "over" (which functions the supremum is taken over), and what proves or bounds
  /// it: "difference_of_means", "largest_slope", "gap", "norm", … where they exist.
  virtual Fields about() const = 0;
};

}  // namespace pushforward
