// SPDX-License-Identifier: Apache-2.0
//
// Lays all parameters out in one block: trained ones first, each on a cache line of its own, padding 0.
//
// Padding must stay 0 in values, gradients and moments, so that sweeps need not know where it is: products
// and sums never write there, and every optimiser maps a zero gradient at a zero value to zero.
#include "pushforward/arena.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pushforward/error.hpp"

namespace pushforward {
namespace {

std::size_t padded(std::size_t count) {
  constexpr std::size_t line = kAlignment / sizeof(float);
  return (count + line - 1) / line * line;
}

std::size_t total(const std::vector<Parameter*>& parameters, bool trained) {
  std::size_t sum = 0;
  for (const Parameter* p : parameters)
    if (p->trained == trained) sum += padded(p->size());
  return sum;
}

}  // namespace

void Arena::bind(std::vector<Parameter*> parameters, const Draw& draw) {
  std::stable_partition(parameters.begin(), parameters.end(), [](const Parameter* p) { return p->trained; });
  parameters_ = std::move(parameters);
  const std::size_t trained = total(parameters_, true), kept = total(parameters_, false);
  values_ = Tensor(1, trained + kept);
  gradients_ = Tensor(1, trained);
  std::size_t at = 0;
  for (Parameter* p : parameters_) {
    p->value = {values_.data() + at, p->rows, p->cols};
    p->gradient = p->trained ? View<float>{gradients_.data() + at, p->rows, p->cols} : View<float>{};
    initialise(*p, draw);
    at += padded(p->size());
  }
}

std::size_t Arena::offset(const Parameter& parameter) const {
  if (std::find(parameters_.begin(), parameters_.end(), &parameter) == parameters_.end())
    throw RequestError(
        Complaint{"arena", fmt::format("parameter '{}'", parameter.name), "one that is bound here"});
  return static_cast<std::size_t>(parameter.value.data - values_.data());
}

}  // namespace pushforward
