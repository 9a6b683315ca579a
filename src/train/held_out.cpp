// SPDX-License-Identifier: Apache-2.0
#include "train/held_out.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "train/checkpoint.hpp"

namespace pushforward {

HeldOut::HeldOut(const Dataset& training, const Dataset* own, const Dataset& inputs,
                 const Dataset& own_inputs, const TrainPlan& plan)
    : training_(training), own_(own), inputs_(inputs), own_inputs_(own_inputs), plan_(plan) {
  if (own != nullptr && own->cols() != training.cols())
    throw RequestError(Complaint{"--validation " + own->name, fmt::format("rows of {}", own->shape.text()),
                                 fmt::format("{}, as the training data", training.shape.text())});
  const bool pairs = inputs.rows() > 0;
  if (pairs && own != nullptr && own_inputs.rows() == 0)
    throw RequestError(
        Complaint{"pairs", "--validation " + own->name, "a share of the pairs, --validation 0.1"});
  if (pairs && inputs.rows() != training.rows())
    throw RequestError(
        Complaint{"pairs", fmt::format("{} rows", inputs.rows()), fmt::format("{}", training.rows())});
  index_.reserve(kBatch);
}

Dataset HeldOut::rows() const {
  if (own()) return *own_;
  return training_.slice(first(), training_.rows());
}

Losses HeldOut::mean_loss(Learner& learner, const Dataset& learnt, Step step) {
  EpochSums sums;
  Losses names;
  for (std::size_t begin = first(); begin < learnt.rows(); begin += kBatch) {
    index_.resize(std::min(kBatch, learnt.rows() - begin));
    std::iota(index_.begin(), index_.end(), static_cast<std::uint32_t>(begin));
    batch_.resize(index_.size(), learnt.cols());
    learnt.gather(index_, batch_);
    if (inputs().rows() > 0) {
      input_batch_.resize(index_.size(), inputs().cols());
      inputs().gather(index_, input_batch_);
      step.inputs = input_batch_.view();
    }
    step.pass = {false, {plan_.seed, stream_id("validation"), begin}, plan_.precision};
    names = learner.validate(batch_, step);
    sums.add(names, index_.size());
  }
  return sums.mean(names);
}

}  // namespace pushforward
