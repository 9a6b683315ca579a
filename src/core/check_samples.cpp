// SPDX-License-Identifier: Apache-2.0
//
// What every function of two samples refuses, in one place and in one wording.
//
// Each reads its samples through here, so the check must cost next to nothing beside one pass over
// memory. A number is infinite or NaN exactly when its exponent bits are all ones, so a whole sample is
// judged by integer arithmetic without a branch: adding one to a full exponent carries into the sign bit,
// which an OR over all elements keeps. (Summing x − x would do the same, but a compiler may not reorder that
// sum, so it would not be vectorised.) Only when the answer is yes does a second pass look for the place.
#include <bit>
#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "pushforward/error.hpp"
#include "pushforward/sample.hpp"

namespace pushforward {
namespace {

template <class T>
bool all_finite(std::span<const T> values) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  constexpr Bits kExponent = sizeof(T) == 4 ? Bits{0x7F800000u} : static_cast<Bits>(0x7FF0000000000000ull);
  constexpr Bits kOne = kExponent & (~kExponent + 1);  // the exponent's lowest bit
  Bits seen = 0;
  for (const T value : values) seen |= (std::bit_cast<Bits>(value) & kExponent) + kOne;
  return (seen & ~(~Bits{0} >> 1)) == 0;
}

std::string name_of(double value) { return std::isnan(value) ? "NaN" : value > 0 ? "infinity" : "-infinity"; }

void check_finite(std::string_view where, std::string_view sample, const Points& points) {
  if (std::visit([](auto v) { return all_finite(v.span()); }, points.data)) return;
  for (std::size_t i = 0; i < points.n(); ++i)
    for (std::size_t k = 0; k < points.d(); ++k)
      if (!std::isfinite(points.at(i, k)))
        throw RequestError(Complaint{std::string(where),
                                     fmt::format("{} in the {} sample, row {}, column {} (counting from 0)",
                                                 name_of(points.at(i, k)), sample, i, k),
                                     "finite numbers", "remove or repair that row"});
}

void check_size(std::string_view where, std::string_view sample, std::size_t n,
                const SampleRequirements& needs) {
  const std::size_t smallest = std::max<std::size_t>(1, needs.smallest_n);
  if (n >= smallest) return;
  throw RequestError(Complaint{std::string(where), fmt::format("{} points in the {} sample", n, sample),
                               fmt::format("at least {}", smallest)});
}

void check_weights(std::string_view where, std::string_view sample, const Sample& s,
                   const SampleRequirements& needs) {
  if (s.weights.empty()) return;
  const auto complain = [&](std::string got, std::string wanted, std::string hint) {
    throw RequestError(Complaint{std::string(where), std::move(got), std::move(wanted), std::move(hint)});
  };
  if (!needs.weighted)
    complain(fmt::format("weights for the {} sample", sample), "none",
             "this estimator is defined for equal weights only");
  if (s.weights.size() != s.n())
    complain(fmt::format("{} weights for the {} points of the {} sample", s.weights.size(), s.n(), sample),
             "a weight for each point", "");
  double sum = 0;
  for (std::size_t i = 0; i < s.n(); ++i) {
    if (!(s.weights[i] >= 0 && std::isfinite(s.weights[i])))
      complain(fmt::format("weight {} at row {} (counting from 0) of the {} sample", s.weights[i], i, sample),
               "weights that are finite and not negative", "");
    sum += s.weights[i];
  }
  if (!(std::abs(sum - 1) <= 1e-6))
    complain(fmt::format("weights of the {} sample that sum to {:.9g}", sample, sum),
             "a sum of 1 within 1e-6", "divide them by their sum");
}

}  // namespace

void check_samples(std::string_view where, const Sample& x, const Sample& y,
                   const SampleRequirements& needs) {
  check_size(where, "first", x.n(), needs);
  check_size(where, "second", y.n(), needs);
  if (x.d() != y.d())
    throw RequestError(Complaint{
        std::string(where), fmt::format("{} columns in the first sample and {} in the second", x.d(), y.d()),
        "the same number"});
  if (x.d() == 0)
    throw RequestError(Complaint{std::string(where), "points without columns", "at least one column"});
  if (needs.largest_d > 0 && x.d() > needs.largest_d)
    throw RequestError(Complaint{std::string(where), fmt::format("points with {} columns", x.d()),
                                 fmt::format("at most {}", needs.largest_d)});
  check_finite(where, "first", x.points);
  check_finite(where, "second", y.points);
  check_weights(where, "first", x, needs);
  check_weights(where, "second", y, needs);
}

}  // namespace pushforward
