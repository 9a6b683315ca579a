// SPDX-License-Identifier: Apache-2.0
// Row ⌊i·n/count⌋ for i = 0 … count−1, of n.
#include "train/evenly.hpp"

#include <algorithm>

namespace pushforward {

Tensor evenly_spaced_rows(const Dataset& data, std::size_t first, std::size_t count) {
  const std::size_t n = data.rows() - first;
  std::vector<std::uint32_t> index(std::min(count, n));
  for (std::size_t i = 0; i < index.size(); ++i)
    index[i] = static_cast<std::uint32_t>(first + i * n / index.size());
  Tensor rows(index.size(), data.cols());
  data.gather(index, rows);
  return rows;
}

}  // namespace pushforward
