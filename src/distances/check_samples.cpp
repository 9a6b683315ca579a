// SPDX-License-Identifier: Apache-2.0
//
// What every distance asks of its input, in one place and with one wording.
//
// A sample that cannot be measured is refused before any work, with the entry that is at fault: a NaN that
// slips into a sort or a kernel sum comes out as a wrong number or a hang. Finding one must not cost what
// measuring costs, so a row's bits are first or-ed together (a number is infinite or NaN when all its
// exponent bits are set; integer work, which the compiler vectorises) and only a bad row is looked at again
// for the column. Cost: one pass over the points. Rejected: summing x·0 (the order of a floating-point sum
// keeps it scalar).
#include <bit>
#include <cmath>
#include <type_traits>

#include <fmt/format.h>

#include "pushforward/distance.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr double kWeightTolerance = 1e-6;  // SPEC section 1

template <class T>
bool row_is_finite(const T* row, std::size_t d) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits exponent = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
  Bits bad = 0;
  for (std::size_t k = 0; k < d; ++k) bad |= (std::bit_cast<Bits>(row[k]) & exponent) == exponent;
  return bad == 0;
}

void check_finite(std::string_view where, std::string_view which, const Points& points) {
  std::visit(
      [&](auto view) {
        for (std::size_t i = 0; i < view.rows; ++i) {
          if (row_is_finite(view.row(i), view.cols)) continue;
          std::size_t k = 0;
          while (std::isfinite(view(i, k))) ++k;
          throw RequestError(
              Complaint{std::string(where),
                        fmt::format("{} in row {}, column {} of the {} sample (counted from 0)",
                                    std::isnan(view(i, k)) ? "NaN" : "infinity", i, k, which),
                        "finite numbers"});
        }
      },
      points.data);
}

void check_weights(std::string_view where, std::string_view which, const Sample& sample, const Facts& facts) {
  const std::span<const double> weights = sample.weights;
  if (weights.empty()) return;
  const auto refuse = [&](const std::string& got, const std::string& wanted, const std::string& hint = {}) {
    throw RequestError(Complaint{std::string(where), got, wanted, hint});
  };
  if (!facts.weighted)
    refuse(
        fmt::format("weights of the {} sample", which), "none",
        "this estimator counts observations; energy, w1, w2, sinkhorn and mmd:estimator=biased take weights");
  if (weights.size() != sample.n())
    refuse(fmt::format("{} weights of the {} sample", weights.size(), which),
           fmt::format("{}, one a row", sample.n()));
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!std::isfinite(weights[i]) || weights[i] < 0)
      refuse(fmt::format("weight {} in row {} of the {} sample", weights[i], i, which),
             "weights of at least 0");
    sum += weights[i];
  }
  if (std::abs(sum - 1) > kWeightTolerance)
    refuse(fmt::format("weights of the {} sample that sum to {:.9g}", which, sum), "1 (within 1e-6)",
           "divide them by their sum");
}

void check_size(std::string_view where, std::string_view which, const Sample& sample, const Facts& facts) {
  if (sample.n() == 0 || sample.d() == 0)
    throw RequestError(Complaint{std::string(where),
                                 fmt::format("an empty {} sample ({}x{})", which, sample.n(), sample.d()),
                                 "at least one observation of one feature"});
  if (sample.n() < facts.smallest_n)
    throw RequestError(Complaint{
        std::string(where),
        fmt::format("{} observation{} in the {} sample", sample.n(), sample.n() == 1 ? "" : "s", which),
        fmt::format("at least {}", facts.smallest_n)});
  if (facts.largest_d != 0 && sample.d() > facts.largest_d)
    throw RequestError(Complaint{std::string(where), fmt::format("{} features", sample.d()),
                                 fmt::format("at most {}", facts.largest_d)});
}

}  // namespace

void check_samples(std::string_view where, const Sample& x, const Sample& y, const Facts& facts) {
  check_size(where, "first", x, facts), check_size(where, "second", y, facts);
  if (x.d() != y.d())
    throw RequestError(Complaint{
        std::string(where), fmt::format("{} features in the first sample and {} in the second", x.d(), y.d()),
        "the same number"});
  check_finite(where, "first", x.points), check_finite(where, "second", y.points);
  check_weights(where, "first", x, facts), check_weights(where, "second", y, facts);
}

}  // namespace pushforward
