// SPDX-License-Identifier: Apache-2.0
//
// A chapter of the walk-through: numbers that its page shows, computed by the library now.
//
// The text, in both languages, is web/chapters/ID.md; {{path}} in it is a number of the JSON that `compute`
// returns, and the page's figures read the same JSON. To add one: both files, a row in chapters.cpp and in
// web/contents.mjs.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../output.hpp"
#include "pushforward/tensor.hpp"

namespace pushforward::cli::walkthrough {

struct Demonstration {
  std::uint64_t seed = 0;
  bool quick = false;  ///< shorter trainings
  /// Says how far the chapter is, 0 … 1; throws Interrupted on Ctrl-C.
  std::function<void(double)> progress{};
};

struct Chapter {
  std::string id;
  std::function<Json(const Demonstration&)> compute;
  /// Named data sets that it reads ("mnist"); where one is missing, its page says how to fetch it.
  std::vector<std::string> data{};
};

std::span<const Chapter> chapters();
/// Of the named data sets that it reads, those that are not in the cache.
std::vector<std::string> missing_data(const Chapter& chapter);

/// Numbers as JSON, infinities as "inf".
Json numbers(std::span<const double> values);
/// The same with `digits` significant digits: of pictures, where more would be bytes without a meaning.
Json rounded(std::span<const double> values, int digits = 5);
/// Points in whole thousandths, x and y in turns: a picture shows no more.
Json thousandths(View<const float> points);

/// f at each of `values`, for curves.
template <class F>
std::vector<double> map(std::span<const double> values, F f) {
  std::vector<double> results;
  results.reserve(values.size());
  for (const double value : values) results.push_back(f(value));
  return results;
}
/// `count` numbers from `first` to `last`, evenly spaced.
std::vector<double> evenly(double first, double last, std::size_t count);

}  // namespace pushforward::cli::walkthrough
