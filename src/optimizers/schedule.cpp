// SPDX-License-Identifier: Apache-2.0
//
// The learning rate's factor at a step.
//
//   constant             1
//   step:N,factor=0.1    factor^⌊s/N⌋; times=1 lets it fall once only
//   exponential:F        F^s, but not below floor=0
//   cosine               ½(1 + cos πs/S), S the steps in all [Loshchilov & Hutter, ICLR 2017, without
//   restarts] stages:N,growth=3,factor=0.72   factor^i in stage i, which lasts N·growth^i steps [Burda,
//   Grosse &
//                        Salakhutdinov, ICLR 2016: growth 3, factor 10^(−1/7)]
//
// A warm-up of W steps comes first, (s+1)/W, and the schedule then begins at its own step 0.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "pushforward/error.hpp"
#include "pushforward/optimizer.hpp"

namespace pushforward {

Schedule::Schedule(const Spec& spec, std::uint64_t total_steps, std::uint64_t warmup)
    : spec_(spec), total_(total_steps), warmup_(warmup) {
  SpecReader read(spec_);
  if (spec_.name == "step") {
    a_ = static_cast<double>(read.count("", 1, 1)), b_ = read.number("factor", 0.1, 0, 1);
    times_ = static_cast<double>(read.count("times", 0));
  } else if (spec_.name == "exponential") {
    b_ = read.number("", 1, 0, 1), floor_ = read.number("floor", 0, 0, 1);
  } else if (spec_.name == "stages") {
    a_ = static_cast<double>(read.count("", 1, 1)), b_ = read.number("factor", 0.71968567300115, 0, 1);
    growth_ = read.number("growth", 3, 1, 1e6);
  } else if (spec_.name != "constant" && spec_.name != "cosine") {
    throw unknown_word("schedule", spec_.name,
                       std::vector<std::string>{"constant", "step", "cosine", "exponential", "stages"});
  }
  read.finish();
}

double Schedule::operator()(std::uint64_t step) const {
  if (step < warmup_) return static_cast<double>(step + 1) / static_cast<double>(warmup_);
  const auto s = static_cast<double>(step - warmup_);
  if (spec_.name == "step") {
    const double falls = std::floor(s / a_);
    return std::pow(b_, times_ > 0 ? std::min(falls, times_) : falls);
  }
  if (spec_.name == "exponential") return std::max(floor_, std::pow(b_, s));
  if (spec_.name == "cosine") {
    const double length = total_ > warmup_ ? static_cast<double>(total_ - warmup_) : 1;
    return 0.5 * (1 + std::cos(std::numbers::pi * std::min(1.0, s / length)));
  }
  if (spec_.name == "stages") return std::pow(b_, stage(s));
  return 1;
}

// The largest i with N(1 + g + … + g^(i−1)) ≤ s.
double Schedule::stage(double s) const {
  double i = 0, length = a_;
  for (double end = length; end <= s; end += length) length *= growth_, ++i;
  return i;
}

}  // namespace pushforward
