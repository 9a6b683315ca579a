// SPDX-License-Identifier: Apache-2.0
//
// The permutation test: draws relabellings, has them measured in batches, and sums up.
//
// A batch of relabellings goes to one thread, and each relabelling's draws are numbered by its own index, so
// p-values depend neither on threads nor on the batch size. The generic way gathers the relabelled rows into
// two buffers of a thread and measures; distances nest no threads of their own there. A learned distance is
// fitted by `freeze` to one half, and its fast form relabels the rows of the other half.
#include "pushforward/two_sample.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kBatch = 64;
constexpr double kTie = 1e-6;

// Fisher–Yates with four draws a block of random bits. Multiply–shift maps 32 bits to 0 … i with a bias below
// n/2³².
void shuffle(std::span<std::uint32_t> order, const Draw& draw) {
  std::iota(order.begin(), order.end(), 0u);
  std::array<std::uint32_t, 4> bits{};
  for (std::size_t i = order.size(); i-- > 1;) {
    if (i % 4 == 3 || i + 1 == order.size()) bits = random_bits(draw, static_cast<std::uint32_t>(i / 4));
    const auto j = static_cast<std::size_t>((std::uint64_t{bits[i % 4]} * (i + 1)) >> 32);
    std::swap(order[i], order[j]);
  }
}

// Measures relabellings one by one.
class MeasuredAnew final : public PermutedStatistic {
 public:
  MeasuredAnew(const Distance& distance, const Sample& x, const Sample& y)
      : distance_(distance), x_(x), y_(y) {}

  void measure(View<const std::uint32_t> orders, std::span<double> values) const override {
    const bool floats = std::holds_alternative<View<const float>>(x_.points.data) &&
                        std::holds_alternative<View<const float>>(y_.points.data);
    floats ? measure_as<float>(orders, values) : measure_as<double>(orders, values);
  }

 private:
  template <class T>
  void measure_as(View<const std::uint32_t> orders, std::span<double> values) const {
    Matrix<T> first(x_.n(), x_.d()), second(y_.n(), y_.d());
    for (std::size_t b = 0; b < orders.rows; ++b) {
      for (std::size_t i = 0; i < orders.cols; ++i)
        copy_row(orders(b, i), i < x_.n() ? first.row(i) : second.row(i - x_.n()));
      values[b] = *distance_.measure({Points(first.view())}, {Points(second.view())}).value;
    }
  }

  template <class T>
  void copy_row(std::size_t pooled, T* to) const {
    const Points& from = pooled < x_.n() ? x_.points : y_.points;
    const std::size_t i = pooled < x_.n() ? pooled : pooled - x_.n();
    std::visit(
        [&](auto view) {
          for (std::size_t k = 0; k < view.cols; ++k) to[k] = static_cast<T>(view(i, k));
        },
        from.data);
  }

  const Distance& distance_;
  const Sample &x_, &y_;
};

// Value 0 is of the samples as they are, by the same arithmetic as the others.
std::vector<double> null_values(const PermutedStatistic& statistic, std::size_t pool,
                                const PermutationOptions& options) {
  const Draw draw = Draw{options.seed}.on("permutation");
  std::vector<double> values(options.permutations + 1);
  const std::size_t batches = (values.size() + kBatch - 1) / kBatch;
  // Waking threads pays from about a millisecond of work, which small pools do not have.
  parallel_for(batches, pool < 200 ? 200 / pool : 1, [&](std::size_t begin, std::size_t end) {
    Matrix<std::uint32_t> orders;
    for (std::size_t batch = begin; batch < end; ++batch) {
      const std::size_t first = batch * kBatch, count = std::min(kBatch, values.size() - first);
      orders.resize(count, pool);
      for (std::size_t b = 0; b < count; ++b) {
        const std::span<std::uint32_t> order(orders.row(b), pool);
        if (first + b == 0)
          std::iota(order.begin(), order.end(), 0u);
        else
          shuffle(order, draw.at(first + b));
      }
      statistic.measure(orders.view(), std::span<double>(values).subspan(first, count));
    }
  });
  return values;
}

// Of sorted values, linearly between order statistics (NumPy's default).
double quantile(const std::vector<double>& sorted, double probability) {
  const double place = probability * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

void check(const Sample& x, const Sample& y, const PermutationOptions& options) {
  if (!x.weights.empty() || !y.weights.empty())
    throw RequestError(
        Complaint{"test", "weighted samples", "equal weights", "weights break exchangeability"});
  if (options.permutations < 1) throw RequestError(Complaint{"test:permutations", "0", "at least 1"});
  if (!(options.level > 0 && options.level < 1))
    throw RequestError(Complaint{"test:level", std::to_string(options.level), "a number between 0 and 1"});
}

}  // namespace

PermutationTest permutation_test(Distance& distance, const Facts& facts, const Sample& x, const Sample& y,
                                 const PermutationOptions& options) {
  check(x, y, options);
  PermutationTest test;
  distance.freeze(x, y);
  test.reading = distance.measure(x, y);
  if (!test.reading.value)
    throw RequestError(Complaint{"test", "a distance without a single value", "one with a value"});
  std::unique_ptr<PermutedStatistic> statistic = distance.permuted(x, y);
  if (!statistic && facts.learned)
    throw RequestError(Complaint{"test", "a learned distance without a form for relabellings", "one with it",
                                 "fitting anew for each would take a thousand times as long"});
  if (!statistic) statistic = std::make_unique<MeasuredAnew>(distance, x, y);
  std::vector<double> values = null_values(*statistic, x.n() + y.n(), options);
  const double observed = values.front();
  values.erase(values.begin());
  std::sort(values.begin(), values.end());
  const double tie =
      kTie * std::max(std::abs(observed), std::max(std::abs(values.front()), std::abs(values.back())));
  const auto not_below = std::lower_bound(values.begin(), values.end(), observed - tie);
  const auto count = static_cast<double>(values.size());
  test.p_value = (1 + static_cast<double>(values.end() - not_below)) / (1 + count);
  test.reject = test.p_value <= options.level;
  for (const double value : values) test.null_mean += value / count;
  for (const double value : values) test.null_sd += (value - test.null_mean) * (value - test.null_mean);
  test.null_sd = values.size() > 1 ? std::sqrt(test.null_sd / (count - 1)) : 0;
  if (test.null_sd > tie) test.effect = (observed - test.null_mean) / test.null_sd;
  for (const double probability : options.quantiles)
    test.null_quantiles.emplace_back(probability, quantile(values, probability));
  return test;
}

}  // namespace pushforward
