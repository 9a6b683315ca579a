// SPDX-License-Identifier: Apache-2.0
#include "transport/barycenter_input.hpp"

#include <cmath>

#include <fmt/format.h>

#include "core/summation.hpp"
#include "pushforward/error.hpp"
#include "transport/atoms.hpp"

namespace pushforward::transport {

std::vector<double> checked_shares(std::span<const double> shares, std::size_t count) {
  if (count == 0) throw RequestError(Complaint{"barycenter", "no measures", "at least one"});
  if (shares.empty()) return std::vector<double>(count, 1 / static_cast<double>(count));
  if (shares.size() != count)
    throw RequestError(Complaint{"barycenter: shares", fmt::format("{} numbers", shares.size()),
                                 fmt::format("{}, one a measure", count)});
  CompensatedSum sum;
  for (std::size_t k = 0; k < count; ++k) {
    if (!(shares[k] >= 0 && std::isfinite(shares[k])))
      throw RequestError(Complaint{"barycenter: shares", fmt::format("{} of measure {}", shares[k], k + 1),
                                   "a finite number, at least 0"});
    sum.add(shares[k]);
  }
  if (!(sum.value() > 0 && std::isfinite(sum.value())))
    throw RequestError(
        Complaint{"barycenter: shares", fmt::format("a sum of {}", sum.value()), "a finite sum above 0"});
  std::vector<double> divided(shares.begin(), shares.end());
  for (double& share : divided) share /= sum.value();
  return divided;
}

void check_measures(std::span<const Sample> measures) {
  for (std::size_t k = 0; k < measures.size(); ++k) {
    const Sample& measure = measures[k];
    const std::string name = fmt::format("measure {}", k + 1);
    if (measure.d() != measures[0].d())
      throw RequestError(
          Complaint{"barycenter",
                    fmt::format("{} columns in measure 1 and {} in {}", measures[0].d(), measure.d(), name),
                    "the same number"});
    check_samples("barycenter: " + name, {measure.points, {}}, {measure.points, {}}, {});
    check_weights(name, measure.weights, measure.n(), false);
  }
}

}  // namespace pushforward::transport
