// SPDX-License-Identifier: Apache-2.0
// The order is drawn anew when its epoch is first asked for, so that resume needs only the step.
#include "train/batches.hpp"

#include <algorithm>

namespace pushforward {

std::size_t Batches::gather(const Dataset& data, std::uint64_t step, std::size_t repeat, const OwnSlices& own,
                            Tensor& batch) {
  const std::size_t epoch = step / plan_.steps_per_epoch, at = step % plan_.steps_per_epoch;
  if (epoch_ != epoch) fill_permutation(order_, {plan_.seed, stream_id("shuffle"), epoch});
  epoch_ = epoch;
  const std::size_t end = std::min(plan_.rows, (at + 1) * plan_.batch);
  // Too small a rest gets rows of the batch before it as well.
  const std::size_t begin = std::min(at * plan_.batch, end - std::min(end, plan_.least_rows));
  const std::size_t shift = repeat * plan_.batch * (plan_.steps_per_epoch / 2 + 1);
  const std::size_t count = end - begin, first = own.row(own.first, count), last = own.row(own.end, count);
  index_.resize(last - first);
  for (std::size_t i = first; i < last; ++i) index_[i - first] = order_[(begin + i + shift) % plan_.rows];
  batch.resize(index_.size(), data.cols());
  if (!index_.empty()) data.gather(index_, batch);
  return count;
}

}  // namespace pushforward
