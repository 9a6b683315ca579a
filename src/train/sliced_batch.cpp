// SPDX-License-Identifier: Apache-2.0
// Slice by slice, and what the slices' losses come to.
#include "train/sliced_batch.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pushforward/collective.hpp"
#include "pushforward/error.hpp"
#include "pushforward/row_wise.hpp"

namespace pushforward {
namespace {

Pooled* pooling(Model& model) {
  auto* pooled = as<Pooled>(model);
  return pooled != nullptr && pooled->pools() ? pooled : nullptr;
}

Step of_slice(const Step& step, std::size_t s) {
  Step part = step;
  part.pass.draw.step += static_cast<std::uint64_t>(s) << 40;
  return part;
}

std::string looks_across_rows(const Run& run) {
  const auto* row_wise = as<RowWise>(std::as_const(*run.model));
  if (row_wise == nullptr) return run.entry->name + ", whose loss is no mean over rows";
  if (std::string what = row_wise->across_rows(); !what.empty() && pooling(*run.model) == nullptr)
    return what;
  for (const Parameter* p : run.arena.parameters())
    if (p->name.ends_with("running_mean")) return "batch norm, which takes moments over the batch";
  return {};
}

}  // namespace

bool is_sliced(const Run& run, TrainPlan& plan) {
  const std::size_t ranks = collective().size();
  if (plan.slices == 1 && ranks == 1) return false;
  if (const std::string what = looks_across_rows(run); !what.empty())
    throw RequestError(Complaint{ranks > 1 ? fmt::format("{} ranks", ranks) : "--slices", what,
                                 "a loss that is a mean over rows", "train it on one rank, --slices 1"});
  if (plan.slices < ranks)
    throw RequestError(Complaint{"--slices", fmt::format("{}", plan.slices),
                                 fmt::format("a slice or more for each of {} ranks", ranks),
                                 fmt::format("start {} or fewer processes", plan.slices)});
  if (const std::size_t rows = std::min(plan.batch, plan.rows); plan.slices > rows)
    throw RequestError(Complaint{"--slices", fmt::format("{}", plan.slices),
                                 fmt::format("at most one a row of a batch of {}", rows)});
  if (const Pooled* all = pooling(*run.model)) plan.least_rows = std::max(plan.least_rows, all->least_rows());
  return true;
}

Losses SlicedBatch::accumulate(Model& model, std::size_t phase, View<const float> batch, std::size_t rows,
                               const OwnSlices& own, const Step& step, View<float> gradients) {
  if (Pooled* all = pooling(model)) return pooled(*all, batch, rows, own, step, gradients);
  mine_.assign((own.end - own.first) * kNumbers, 0);
  const std::size_t first_row = own.row(own.first, rows);
  sums_(gradients.span(), [&](std::size_t s, std::span<float> out) {
    const std::size_t begin = own.row(s, rows) - first_row, end = own.row(s + 1, rows) - first_row;
    if (begin == end) return void(std::ranges::fill(out, 0.0f));
    Step part = of_slice(step, s);
    if (step.inputs.wanted()) part.inputs = step.inputs.slice(begin, end);
    const Losses losses = learner(model).accumulate(phase, batch.slice(begin, end), part);
    const double share = static_cast<double>(end - begin) / static_cast<double>(rows);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = static_cast<float>(share) * gradients.data[i], gradients.data[i] = 0;
    double* numbers = &mine_[(s - own.first) * kNumbers];
    numbers[0] = static_cast<double>(losses.count), numbers[1] = share * losses.loss;
    for (std::size_t i = 0; i < losses.count; ++i) numbers[2 + i] = share * losses.parts[i].value;
    named_ = losses;
  });
  return together(own);
}

// All ranks' rows, in their order.
void SlicedBatch::meet(View<const float> mine, std::size_t rows, const OwnSlices& own, Tensor& all) const {
  Collective& ranks = collective();
  std::vector<std::size_t> bytes(ranks.size());
  for (std::size_t r = 0; r < bytes.size(); ++r) {
    const OwnSlices of = OwnSlices::of(own.slices, r, ranks.size());
    bytes[r] = (own.row(of.end, rows) - own.row(of.first, rows)) * mine.cols * sizeof(float);
  }
  all.resize(rows, mine.cols);
  ranks.gather_bytes(std::as_bytes(mine.span()), std::as_writable_bytes(all.span()), bytes);
}

Losses SlicedBatch::pooled(Pooled& model, View<const float> batch, std::size_t rows, const OwnSlices& own,
                           const Step& step, View<float> gradients) {
  const std::size_t first_row = own.row(own.first, rows);
  points_.resize(batch.rows, batch.cols);
  for (std::size_t s = own.first; s < own.end; ++s) {
    const std::size_t begin = own.row(s, rows) - first_row, end = own.row(s + 1, rows) - first_row;
    if (begin == end) continue;
    const View<const float> made = model.make(end - begin, of_slice(step, s));
    points_.resize(batch.rows, made.cols);
    std::copy_n(made.data, made.size(), points_.row(begin));
  }
  meet(batch, rows, own, all_rows_);
  meet(std::as_const(points_).view(), rows, own, all_points_);
  slopes_.resize(rows, all_points_.cols());
  const double loss =
      model.compare(std::as_const(all_points_).view(), std::as_const(all_rows_).view(), slopes_, step);
  sums_(gradients.span(), [&](std::size_t s, std::span<float> out) {
    const std::size_t begin = own.row(s, rows), end = own.row(s + 1, rows);
    if (begin == end) return void(std::ranges::fill(out, 0.0f));
    const Step part = of_slice(step, s);
    if (own.end - own.first > 1) model.make(end - begin, part);  // else they are still there
    model.learn(std::as_const(slopes_).view().slice(begin, end), part);
    std::ranges::copy(gradients.span(), out.begin());
    std::ranges::fill(gradients.span(), 0.0f);
  });
  return {.loss = loss};
}

Losses SlicedBatch::together(const OwnSlices& own) {
  Collective& ranks = collective();
  std::vector<std::size_t> bytes(ranks.size());
  for (std::size_t r = 0; r < bytes.size(); ++r) {
    const OwnSlices of = OwnSlices::of(own.slices, r, ranks.size());
    bytes[r] = (of.end - of.first) * kNumbers * sizeof(double);
  }
  all_.resize(own.slices * kNumbers);
  ranks.gather_bytes(std::as_bytes(std::span(mine_)), std::as_writable_bytes(std::span(all_)), bytes);
  Losses out = named_;
  out.count = static_cast<std::size_t>(all_[0]);
  out.loss = 0;
  for (std::size_t i = 0; i < out.count; ++i) out.parts[i].value = 0;
  for (std::size_t s = 0; s < own.slices; ++s) {
    out.loss += all_[s * kNumbers + 1];
    for (std::size_t i = 0; i < out.count; ++i) out.parts[i].value += all_[s * kNumbers + 2 + i];
  }
  return out;
}

}  // namespace pushforward
