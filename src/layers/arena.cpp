// SPDX-License-Identifier: Apache-2.0
//
// Lays all parameters out in one block: trained ones first, each on a cache line of its own, padding 0.
//
// Padding must stay 0 in values, gradients and moments, so that sweeps need not know where it is: products
// and sums never write there, and every optimiser maps a zero gradient at a zero value to zero.
#include "pushforward/arena.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/memory.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kWorthALook = std::size_t{1} << 23;  // numbers: 32 MB

std::size_t padded(std::size_t count) {
  constexpr std::size_t line = kAlignment / sizeof(float);
  return (count + line - 1) / line * line;
}

std::size_t total(const std::vector<Parameter*>& parameters, bool trained) {
  std::size_t sum = 0;
  for (const Parameter* p : parameters) {
    const std::string what = fmt::format("{}, {} × {} numbers", p->name, p->rows, p->cols);
    const std::size_t bytes = checked_product({p->rows, p->cols, sizeof(float)}, what);
    if (p->trained == trained && __builtin_add_overflow(sum, padded(bytes / sizeof(float)), &sum))
      refuse_memory(bytes, what);
  }
  return sum;
}

// Values and gradients, before any is taken.
void require_room(const std::vector<Parameter*>& parameters, std::size_t trained, std::size_t kept) {
  const std::size_t numbers = checked_product({trained, 2}, "weights and gradients") + kept;
  if (numbers < kWorthALook) return;
  const auto largest = std::ranges::max_element(parameters, {}, [](const Parameter* p) { return p->size(); });
  require_memory(checked_product({numbers, sizeof(float)}, "weights and gradients"),
                 fmt::format("{} weights ({} has {} × {}) and their gradients", trained + kept,
                             (*largest)->name, (*largest)->rows, (*largest)->cols));
}

}  // namespace

void Arena::bind(std::vector<Parameter*> parameters, const Draw& draw) {
  std::stable_partition(parameters.begin(), parameters.end(), [](const Parameter* p) { return p->trained; });
  parameters_ = std::move(parameters);
  const std::size_t trained = total(parameters_, true), kept = total(parameters_, false);
  require_room(parameters_, trained, kept);
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
