// SPDX-License-Identifier: Apache-2.0
#include "data/digest.hpp"

#include <algorithm>

#include "core/hash.hpp"

namespace pushforward {

std::uint64_t digest_of(const Dataset& data) {
  Hash64 hash;
  std::visit(
      [&]<class T>(const Matrix<T>& rows) {
        const std::uint64_t facts[] = {sizeof(T), rows.rows(), rows.cols()};
        hash.update(facts, sizeof facts), hash.update(&data.scale, sizeof data.scale);
        hash.update(rows.data(), rows.size() * sizeof(T));
      },
      data.rows_data);
  return std::max<std::uint64_t>(1, hash.value());
}

}  // namespace pushforward
