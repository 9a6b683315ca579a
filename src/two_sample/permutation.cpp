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

#include <fmt/format.h>

#include "core/value_of.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"
#include "pushforward/threads.hpp"

namespace pushforward {
namespace {

// Relabellings in a batch: as many as give every thread one, within limits. What a statistic computes again
// for each batch (kernel_collection.hpp) is the less beside the relabellings' own work the more there are,
// and a batch takes a few bytes for each row of each of them.
constexpr std::size_t kLeastBatch = 64, kMostBatch = 256;

constexpr double kTie = 1e-6;      // of the values: what stopping early or float32 data may do to them
constexpr double kUnknown = 1e-9;  // of the largest value: for distances that do not know their rounding

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

  Rounding rounding() const override {
    const std::optional<Rounding> known = distance_.rounding(x_, y_);
    return known ? *known : Rounding{kUnknown * largest_value()};
  }

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
      values[b] = value_of("test", distance_.measure({Points(first.view())}, {Points(second.view())}));
    }
  }

  // Of point masses at two far ends of the pool: no terms are larger. 0 where that is not defined.
  double largest_value() const {
    const std::size_t pool = x_.n() + y_.n(), first = farthest_from(0), second = farthest_from(first);
    Matrix<std::uint32_t> order(1, pool);
    for (std::size_t i = 0; i < pool; ++i)
      order(0, i) = static_cast<std::uint32_t>(i < x_.n() ? first : second);
    double value = 0;
    try {
      measure(order.view(), {&value, 1});
    } catch (const RequestError&) {
      return 0;
    }
    return std::isfinite(value) ? std::abs(value) : 0;
  }

  std::size_t farthest_from(std::size_t from) const {
    std::size_t best = from;
    double most = 0;
    for (std::size_t i = 0; i < x_.n() + y_.n(); ++i) {
      double square = 0;
      for (std::size_t k = 0; k < x_.d(); ++k) square += std::pow(at(i, k) - at(from, k), 2);
      if (square > most) most = square, best = i;
    }
    return best;
  }

  double at(std::size_t pooled, std::size_t k) const {
    return pooled < x_.n() ? x_.points.at(pooled, k) : y_.points.at(pooled - x_.n(), k);
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
  const std::size_t batch_size =
      std::clamp(values.size() / static_cast<std::size_t>(threads()) + 1, kLeastBatch, kMostBatch);
  const std::size_t batches = (values.size() + batch_size - 1) / batch_size;
  // Waking threads pays from about a millisecond of work, which small pools do not have.
  parallel_for(batches, pool < 200 ? 200 / pool : 1, [&](std::size_t begin, std::size_t end) {
    Matrix<std::uint32_t> orders;
    for (std::size_t batch = begin; batch < end; ++batch) {
      const std::size_t first = batch * batch_size, count = std::min(batch_size, values.size() - first);
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

// On the scale where rounding is the same for all values.
double unrooted(double value, bool root) { return root ? std::copysign(value * value, value) : value; }

// Whether `value` is at least `observed`, as far as rounding can tell. What is not finite counts against
// rejection.
bool not_below(double value, double observed, const Rounding& rounding) {
  if (observed - value <= kTie * std::max(std::abs(value), std::abs(observed))) return true;
  const double difference = unrooted(observed, rounding.root) - unrooted(value, rounding.root);
  return !(difference > 2 * rounding.absolute);  // either may be off by it
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
  if (!(options.level > 0 && options.level < 1))
    throw RequestError(Complaint{"test:level", fmt::format("{}", options.level), "a number between 0 and 1"});
  if (const std::size_t needed = least_permutations(options.level); options.permutations < needed)
    throw RequestError(
        Complaint{"test:permutations", fmt::format("{}", options.permutations),
                  fmt::format("at least {} for level {}", needed, options.level),
                  fmt::format("p cannot be below {:.3g} with so few, so nothing could be rejected",
                              1 / (1 + static_cast<double>(options.permutations)))});
}

}  // namespace

std::size_t least_permutations(double level) {
  constexpr double kMost = 0x1p53;  // relabellings that a double counts one by one; no test is so long
  const double about = std::max(1.0, std::ceil(1 / level) - 2);
  if (about >= kMost) return static_cast<std::size_t>(kMost);
  auto count = static_cast<std::size_t>(about);
  while (1 / (1 + static_cast<double>(count)) > level) ++count;
  return count;
}

void check_test(std::string_view where, const Facts& facts, const Sample& x, const Sample& y,
                const PermutationOptions& options) {
  check(x, y, options);
  if (!facts.single_value)
    throw RequestError(Complaint{std::string(where), "a distance without a single value", "one with a value",
                                 "a test compares one number with those of relabelled samples"});
  check_samples(where, x, y, facts);
}

PermutationTest permutation_test(Distance& distance, const Facts& facts, const Sample& x, const Sample& y,
                                 const PermutationOptions& options) {
  check_test("test", facts, x, y, options);
  PermutationTest test;
  distance.freeze(x, y);
  test.reading = distance.measure(x, y);
  std::unique_ptr<PermutedStatistic> statistic = distance.permuted(x, y);
  if (!statistic && facts.learned)
    throw RequestError(Complaint{"test", "a learned distance without a form for relabellings", "one with it",
                                 "fitting anew for each would take a thousand times as long"});
  if (!statistic) statistic = std::make_unique<MeasuredAnew>(distance, x, y);
  std::vector<double> values = null_values(*statistic, x.n() + y.n(), options);
  const double observed = values.front();
  values.erase(values.begin());
  std::sort(values.begin(), values.end());
  const Rounding rounding = statistic->rounding();
  const auto extreme = std::count_if(values.begin(), values.end(),
                                     [&](double value) { return not_below(value, observed, rounding); });
  const auto count = static_cast<double>(values.size());
  test.p_value = (1 + static_cast<double>(extreme)) / (1 + count);
  test.reject = test.p_value <= options.level;
  for (const double value : values) test.null_mean += value / count;
  for (const double value : values) test.null_sd += (value - test.null_mean) * (value - test.null_mean);
  test.null_sd = values.size() > 1 ? std::sqrt(test.null_sd / (count - 1)) : 0;
  const bool varies = !not_below(values.front(), values.back(), rounding);
  if (varies && test.null_sd > 0) test.effect = (observed - test.null_mean) / test.null_sd;
  for (const double probability : options.quantiles)
    test.null_quantiles.emplace_back(probability, quantile(values, probability));
  return test;
}

}  // namespace pushforward
