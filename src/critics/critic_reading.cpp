// SPDX-License-Identifier: Apache-2.0
// Exact transport of the very points, and the range that every distance of a kind keeps to.
#include "critics/critic_reading.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pushforward/one_dimensional.hpp"
#include "pushforward/transport.hpp"

namespace pushforward {
namespace {

constexpr std::size_t kExactRows = 2000;
constexpr double kBehind = 0.9;  // of the exact value

Tensor evenly_spaced(View<const float> points) {
  Tensor out(std::min(points.rows, kExactRows), points.cols);
  for (std::size_t i = 0; i < out.rows(); ++i)
    std::copy_n(points.row(i * points.rows / out.rows()), points.cols, out.row(i));
  return out;
}

std::string note_on(double value, const Objective& objective, double of_exact) {
  if (value < objective.low)
    return fmt::format(
        "below {:g}, where no such distance is: the critic does worse than none on these points "
        "(an estimate is not clipped); fit it longer, or read it as no difference found",
        objective.low);
  if (objective.high && value > *objective.high)
    return fmt::format("above {:.6g}, where no such distance is: an estimate from few points",
                       *objective.high);
  if (of_exact >= 0 && of_exact < kBehind)
    return fmt::format("behind the exact W1 of the same points: the critic shows {:.0f} % of it",
                       100 * of_exact);
  return {};
}

}  // namespace

void add_exact_w1(Reading& reading, View<const float> real, View<const float> generated) {
  const Tensor x = evenly_spaced(real), y = evenly_spaced(generated);
  const double exact = x.cols() == 1 ? one_dimensional_power({x.view()}, {y.view()}, 1, {})
                                     : solve_transport({x.view()}, {y.view()}, {.p = 1}).value;
  reading.extra.emplace_back("exact_w1", exact);
  if (x.rows() < real.rows || y.rows() < generated.rows)
    reading.extra.emplace_back("exact_rows", Fields{{"n", x.rows()}, {"m", y.rows()}});
}

void judge_reading(Reading& reading, const Objective& objective) {
  if (!reading.value || objective.counts) return;
  double of_exact = -1;
  if (find_field(reading.extra, "exact_w1") && number_of(reading.extra, "exact_w1") > 0) {
    of_exact = *reading.value / number_of(reading.extra, "exact_w1");
    reading.extra.emplace_back("of_exact", of_exact);
  }
  const std::string note = note_on(*reading.value, objective, of_exact);
  if (!note.empty()) reading.extra.emplace_back("note", note);
}

}  // namespace pushforward
