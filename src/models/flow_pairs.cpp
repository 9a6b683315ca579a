// SPDX-License-Identifier: Apache-2.0
// Pairs of a step's own rows, or of many steps' at once.
#include "models/flow_pairs.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {

FlowPairs::FlowPairs(const FlowOptions& options, std::size_t features)
    : source_(options, features),
      coupling_(options.coupling),
      batch_(*options.training.batch),
      coupled_(options.coupling_batch.value_or(batch_)) {
  if (coupled_ < batch_)
    throw RequestError(Complaint{"--coupling-batch", fmt::format("{}", coupled_),
                                 fmt::format("at least --batch, {}", batch_)});
  if (options.condition.size && coupled_ > batch_)
    throw RequestError(Complaint{"--coupling-batch", "--condition beside it", "one of them",
                                 "conditions are coupled in batches of --batch"});
}

FlowPairs::Rows FlowPairs::of(View<const float> batch, const Step& step) {
  if (coupling_.independent() || coupled_ == batch_ || training_ == nullptr || !step.pass.training) {
    group_.reset();
    couple(batch, step.inputs, step.pass.draw);
    return {from_.view(), to_.view(), told_.view()};
  }
  const std::uint64_t steps = coupled_ / batch_, group = step.step / steps;
  if (group_ != group) couple_many(group, step.pass.draw.seed);
  const std::size_t first = step.step % steps * batch_;
  const std::size_t last = first + std::min(batch.rows, batch_);
  return {std::as_const(from_).view().slice(first, last), std::as_const(to_).view().slice(first, last)};
}

void FlowPairs::couple(View<const float> to, View<const float> conditions, const Draw& draw) {
  from_.resize(to.rows, to.cols), to_.resize(to.rows, to.cols);
  source_.fill(from_, draw.on("source"));
  const std::vector<std::uint32_t> pairs = coupling_.pairs(from_, to, conditions, draw.on("coupling"));
  for (std::size_t i = 0; i < to.rows; ++i) std::copy_n(to.row(pairs[i]), to.cols, to_.row(i));
  told_.resize(conditions.rows, conditions.cols);
  for (std::size_t i = 0; i < told_.rows(); ++i)
    std::copy_n(conditions.row(pairs[i]), conditions.cols, told_.row(i));
}

void FlowPairs::couple_many(std::uint64_t group, std::uint64_t seed) {
  gather(group, seed);
  couple(rows_, {}, {seed, 0, group});
  group_ = group;
}

// Coupling batches follow one another through permutations of the training rows.
void FlowPairs::gather(std::uint64_t group, std::uint64_t seed) {
  const std::size_t n = training_->rows();
  std::vector<std::uint32_t> order(n), index(coupled_);
  std::uint64_t shuffled = ~std::uint64_t{0};
  for (std::size_t k = 0; k < coupled_; ++k) {
    const std::uint64_t place = group * coupled_ + k, epoch = place / n;
    if (epoch != shuffled) fill_permutation(order, {seed, stream_id("coupling rows"), epoch});
    shuffled = epoch;
    index[k] = order[place % n];
  }
  rows_.resize(coupled_, training_->cols());
  training_->gather(index, rows_);
}

}  // namespace pushforward
