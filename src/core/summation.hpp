// SPDX-License-Identifier: Apache-2.0
//
// A sum whose rounding error does not grow with the number of terms.
//
// Neumaier's variant of Kahan's compensated summation [Z. angew. Math. Mech. 54 (1974) 39–51]: what each
// addition loses is collected in a second number. The error is about one rounding of the result plus n·ε² of
// Σ|terms|, for four additions a term. Pairwise summation would be faster and grows like log n; where this is
// used, a logarithm per term costs more than the additions do. An infinite term makes the sum infinite, and
// stays so.
#pragma once

#include <cmath>

namespace pushforward {

class CompensatedSum {
 public:
  void add(double term) {
    const double next = sum_ + term;
    if (std::isfinite(next))
      lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  double value() const { return std::isfinite(sum_) ? sum_ + lost_ : sum_; }

 private:
  double sum_ = 0, lost_ = 0;
};

}  // namespace pushforward
