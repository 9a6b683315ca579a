// SPDX-License-Identifier: Apache-2.0
//
// How long a measurement will take, told before it begins.
//
// What is measured is timed on subsamples of a and 2a rows (more where that takes no time). Its cost grows as
// a power of the rows, t = c·s^p with s = √(n·m), so p = log₂(t₂/t₁), held within 1 (every row is read) and 3
// (a flow on a dense graph), and t(n, m) = t₂ (s/2a)^p. The answer is rough (within a factor of two or
// three), and says so.
#pragma once

#include <functional>
#include <optional>

#include "pushforward/sample.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// Something measured of two samples; its result does not matter here.
using Work = std::function<void(const Sample& x, const Sample& y)>;

/// Seconds that `work` will take on these samples, from runs on `rows` and 2·`rows` of them. Absent where
/// both have fewer than 20·`rows` rows (it is quick enough), or where so few rows are refused.
std::optional<double> seconds_ahead(const Work& work, const Sample& x, const Sample& y, std::size_t rows);

}  // namespace pushforward
#pragma GCC visibility pop
