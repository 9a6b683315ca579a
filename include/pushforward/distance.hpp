// SPDX-License-Identifier: Apache-2.0
//
// A distance between two samples: one function that measures, tests and trains.
//
// D(p, q) has one direction: x is a sample of p, the data, and y one of q, what is compared with it or
// generated. That holds for measuring, training, monitoring, evaluating, testing and scoring alike.
//
// `measure(x, y, grad)` returns a reading and, where `grad` asks, fills the gradient of its value with
// respect to the points or weights of the *first* sample; `measure_in_y` has those of the second. The value
// never depends on `grad`, so that measuring and training cannot drift apart. What is derived from the data
// (a median bandwidth, the mean cost that scales ε) is held constant in the gradient.
//
// Letters: n, m observations of the first and second sample; d features.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pushforward/fields.hpp"
#include "pushforward/permuted_statistic.hpp"
#include "pushforward/reading.hpp"
#include "pushforward/sample.hpp"
#include "pushforward/shape.hpp"
#include "pushforward/spec.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class Critic;        // critic.hpp
class FittedCritic;  // critic.hpp

/// Facts that code may ask for. Code asks a distance for its facts, never for its name.
struct Facts {
  bool symmetric = false;         ///< D(x,y) = D(y,x)
  bool metric = false;            ///< the printed value obeys the triangle inequality
  bool non_negative = false;      ///< never below 0 (an unbiased estimate may be)
  bool zero_on_itself = false;    ///< D(x,x) = 0 for the same points
  bool weighted = false;          ///< accepts weights; splitting an atom in two changes nothing
  bool gradient_points = false;   ///< fills Gradient::points
  bool gradient_weights = false;  ///< fills Gradient::weights
  bool learned = false;           ///< owns a network that is fitted before it is read
  bool randomised = false;        ///< depends on a seed (projections, blocks)
  bool witness = false;           ///< has a function that tells two samples apart
  std::size_t smallest_n = 1;     ///< the smallest n and m for which it is defined
  std::size_t largest_d = 0;      ///< 0 = any
  bool single_value = true;       ///< its reading has a value, not only parts

  /// What these facts mean for the samples that are handed in.
  operator SampleRequirements() const { return {weighted, smallest_n, largest_d}; }
};

/// A worked example with a value computed by hand: documentation and test at once.
struct DistanceExample {
  std::string options;  ///< of the SPEC, after the colon
  std::size_t d = 1;
  std::vector<double> x, y;  ///< n × d and m × d
  std::vector<double> x_weights{}, y_weights{};
  double value = 0;
  std::string by_hand;       ///< how the value comes about, in a line
  double tolerance = 1e-12;  ///< relative to max(1, |value|)
};

class Witness;

class Distance {
 public:
  virtual ~Distance() = default;
  /// D(x, y); throws RequestError when it is not defined for these samples (naming what would do).
  virtual Reading measure(const Sample& x, const Sample& y, const Gradient& grad = {}) const = 0;
  /// The same D(x, y), with gradients with respect to the *second* sample: what a training asks, where x is
  /// the data and y what is generated. Measured from the other side by default, which is right for a
  /// symmetric distance (its value then differs by rounding at most); one that is not symmetric overrides it.
  virtual Reading measure_in_y(const Sample& x, const Sample& y, const Gradient& grad) const {
    return measure(y, x, grad);
  }
  /// Fixes what is derived from the data (a median bandwidth, the scale of ε) to its value on these samples,
  /// for all later calls: called once, at the first step of a training or of a test's permutations.
  virtual void freeze(const Sample& /*x*/, const Sample& /*y*/) {}
  /// What `freeze` fixed, as numbers that a checkpoint can keep, and their way back: thaw(frozen()) on a
  /// fresh object of the same SPEC gives the same values of every later call.
  virtual std::vector<double> frozen() const { return {}; }
  virtual void thaw(std::span<const double> /*frozen*/) {}
  /// Takes new random choices (projections, blocks) for the next call: a training calls it every step.
  virtual void redraw(std::uint64_t /*seed*/) {}
  /// The network behind a learned distance, for training against it: `pack` points of this shape side by side
  /// are one input. Null unless facts.learned.
  virtual std::unique_ptr<Critic> critic(RowShape /*point*/, std::size_t /*pack*/) const;
  /// That network fitted to these samples: `measure` is its reading. Null unless facts.learned.
  virtual std::unique_ptr<FittedCritic> fit(const Sample& /*x*/, const Sample& /*y*/) const;
  /// The function that tells these samples apart, as this distance sees them (witness.hpp). Null where it has
  /// none.
  virtual std::unique_ptr<Witness> witness(const Sample& /*x*/, const Sample& /*y*/) const;
  /// A fast way to the same values for relabellings of these samples; null where there is none (then a test
  /// measures every relabelling anew). Called after `freeze`.
  virtual std::unique_ptr<PermutedStatistic> permuted(const Sample& /*x*/, const Sample& /*y*/) const {
    return nullptr;
  }
  /// The rounding of `measure` for relabellings of these samples; absent where a distance cannot tell, and a
  /// test then derives it from the largest value that these points could give.
  virtual std::optional<Rounding> rounding(const Sample& /*x*/, const Sample& /*y*/) const { return {}; }
};

/// All that is known of a distance, in one place: a row of the registry.
struct DistanceEntry {
  std::string name, title, formula, source;
  std::vector<OptionRow> options;
  Facts facts;
  std::vector<DistanceExample> examples;
  std::function<std::unique_ptr<Distance>(const Spec&, std::uint64_t seed)> make;
  /// Facts for these options, where they depend on them (the unbiased MMD may be negative); `facts` by
  /// default.
  std::function<Facts(const Spec&)> facts_of{};
};

/// The table in src/distances/registry.cpp.
std::span<const DistanceEntry> distances();
/// The row called `name`; RequestError that names the nearest one otherwise.
const DistanceEntry& find_distance(std::string_view name);
/// Makes the distance that a SPEC names ("mmd:bandwidth=1").
std::unique_ptr<Distance> make_distance(const Spec& spec, std::uint64_t seed = 0);
/// Facts of the distance that a SPEC names.
Facts facts_of(const Spec& spec);

}  // namespace pushforward
#pragma GCC visibility pop
