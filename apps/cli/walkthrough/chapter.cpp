// SPDX-License-Identifier: Apache-2.0
// What chapters share.
#include "chapter.hpp"

#include <algorithm>
#include <cmath>

#include "pushforward/data.hpp"

namespace pushforward::cli::walkthrough {

std::vector<std::string> missing_data(const Chapter& chapter) {
  std::vector<std::string> missing;
  if (chapter.data.empty()) return missing;
  for (const NamedData& set : named_data())
    if (!set.present && std::find(chapter.data.begin(), chapter.data.end(), set.name) != chapter.data.end())
      missing.push_back(set.name);
  return missing;
}

Json numbers(std::span<const double> values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(json_number(value));
  return list;
}

Json rounded(std::span<const double> values, int digits) {
  Json list = Json::array();
  for (const double value : values) {
    const double size = std::abs(value);
    if (size == 0 || !std::isfinite(value)) {
      list.push_back(json_number(value));
      continue;
    }
    const double scale = std::pow(10.0, digits - 1 - static_cast<int>(std::floor(std::log10(size))));
    list.push_back(json_number(std::round(value * scale) / scale));
  }
  return list;
}

Json thousandths(View<const float> points) {
  Json list = Json::array();
  for (std::size_t i = 0; i < points.rows; ++i)
    for (std::size_t k = 0; k < points.cols; ++k)
      list.push_back(std::lround(1000 * static_cast<double>(points(i, k))));
  return list;
}

std::vector<double> evenly(double first, double last, std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = first + (last - first) * static_cast<double>(i) / static_cast<double>(count - 1);
  return values;
}

}  // namespace pushforward::cli::walkthrough
