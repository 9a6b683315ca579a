// SPDX-License-Identifier: Apache-2.0
//
// Where a flow begins: N(0, I), U(−A, A) in every coordinate, or the rows of any DATA.
//
// DATA are read when they are first needed, from where they were when the run began (--source is made a path
// from the root then), and known again by their digest.
#pragma once

#include <optional>
#include <span>

#include "pushforward/data.hpp"
#include "pushforward/models.hpp"
#include "pushforward/random.hpp"

namespace pushforward {

class FlowSource {
 public:
  FlowSource(const FlowOptions& options, std::size_t features);

  /// Whether its density is known: then so is the flow's.
  bool has_density() const { return kind_ != Kind::data; }
  bool normal() const { return kind_ == Kind::normal; }
  /// Independent draws.
  void fill(View<float> x, const Draw& draw);
  /// ln p of a row; −∞ outside a uniform one.
  double log_density(std::span<const double> x) const;

 private:
  enum class Kind { normal, uniform, data };
  const Dataset& data();

  std::size_t features_;
  Kind kind_ = Kind::data;
  double half_width_ = 1;  // A
  std::string argument_, digest_;
  std::uint64_t seed_;  // of a toy: not the training data's
  std::optional<Dataset> data_{};
};

/// Whether --source names DATA.
bool starts_from_data(const std::string& source);
/// Checks that the DATA of --source are as wide as the training data, and records where they are and their
/// digest.
void settle_source(FlowOptions& options, const Dataset& training);

}  // namespace pushforward
