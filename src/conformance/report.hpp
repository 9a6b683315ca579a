// SPDX-License-Identifier: Apache-2.0
//
// What the conformance checks share: random samples, the numbers of a reading, and collecting findings.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pushforward/conformance.hpp"
#include "pushforward/error.hpp"
#include "pushforward/random.hpp"

namespace pushforward::conformance {

/// A sample that owns its points.
struct Cloud {
  Matrix<double> points;
  std::vector<double> weights{};

  Sample sample() const { return {points.view(), weights}; }
  std::size_t n() const { return points.rows(); }
  std::size_t d() const { return points.cols(); }
};

/// n points of N(shift, spread²·I) in R^d.
Cloud normal_cloud(std::size_t n, std::size_t d, const Draw& draw, double shift = 0, double spread = 1);
/// The same points with random weights of at least 0.25/n.
Cloud with_random_weights(Cloud cloud, const Draw& draw);
/// All points of both, each sample with half of the mass.
Cloud mixture(const Cloud& x, const Cloud& y);

/// What a reading says in numbers: its value, else its "parts".
std::vector<double> numbers_of(const Reading& reading);
/// |a − b| ≤ tolerance · max(scale, |a|, |b|); equal infinities are close, NaN never is.
bool close(double a, double b, double tolerance, double scale = 0);

/// The distance under test and what was found out about it.
class Report {
 public:
  Report(const DistanceEntry& entry, Spec spec, const ConformanceOptions& options);

  const DistanceEntry& entry() const { return entry_; }
  const Facts& facts() const { return facts_; }
  const ConformanceOptions& options() const { return options_; }
  const Spec& spec() const { return spec_; }
  Draw draw(std::string_view stream) const { return Draw{options_.seed, 0, 0}.on(stream); }
  /// Sample sizes that the distance is defined for: `size`, or its smallest.
  std::size_t n(std::size_t size) const { return size < facts_.smallest_n ? facts_.smallest_n : size; }
  std::size_t d(std::size_t size) const {
    return facts_.largest_d > 0 && size > facts_.largest_d ? facts_.largest_d : size;
  }

  std::unique_ptr<Distance> make() const { return entry_.make(spec_, options_.seed); }
  /// A fresh object's value; NaN never passes unnoticed.
  double value(const Cloud& x, const Cloud& y);

  void found(const std::string& promise, const std::string& detail);
  /// Runs `check`; an exception that it lets through is a finding.
  void attempt(const std::string& promise, const std::function<void()>& check);
  /// `refused` must throw RequestError whose message holds all of `words`.
  void expect_refusal(const std::string& what, const std::function<void()>& refused,
                      const std::vector<std::string>& words = {});

  std::vector<Finding> take() { return std::move(findings_); }

 private:
  const DistanceEntry& entry_;
  Spec spec_;
  Facts facts_;
  ConformanceOptions options_;
  std::vector<Finding> findings_{};
};

void check_row(Report& report);     ///< the row is complete, its examples hold
void check_axioms(Report& report);  ///< ≥ 0, zero, symmetry, triangle, weights
void check_repeatable(
    Report& report);  ///< the same bits again, whatever was measured before; precisions agree
void check_gradients(Report& report);  ///< written, right, and without influence on the value
void check_refusals(Report& report);   ///< bad input, and awkward input that is not bad

}  // namespace pushforward::conformance
