// SPDX-License-Identifier: Apache-2.0
// Splits a sample into random halves and measures between them.
#include "pushforward/floor.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/value_of.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/subsample.hpp"

namespace pushforward {

Floor measure_floor(Distance& distance, const Facts& facts, const Sample& x, const Sample& y,
                    const FloorOptions& options) {
  const std::size_t rows = x.n() / 2, least = std::max<std::size_t>(1, facts.smallest_n);
  if (!facts.single_value) throw RequestError("a floor requires a distance with a single value");
  if (options.splits == 0) throw RequestError(Complaint{"floor", "0 splits", "at least 1"});
  if (rows < least)
    throw RequestError(
        Complaint{"floor", fmt::format("{} rows in X", x.n()), fmt::format("at least {}", 2 * least)});
  if (!facts.learned) distance.freeze(x, y);  // a learned one would keep the network of x and y
  const Draw draw = Draw{options.seed}.on("floor");
  double squares = 0;
  for (std::size_t split = 0; split < options.splits; ++split) {
    const std::vector<std::uint32_t> order = permutation(x.n(), draw.at(split));
    const std::span<const std::uint32_t> all(order);
    const RowsOf a(x, all.first(rows)), b(x, all.subspan(rows, rows));
    squares += std::pow(value_of("floor", distance.measure(a.sample(), b.sample())), 2);
  }
  return {std::sqrt(squares / static_cast<double>(options.splits)), options.splits, rows};
}

}  // namespace pushforward
