// SPDX-License-Identifier: Apache-2.0
//
// Divergences that have options, as structs: make_divergence(RenyiOptions{.alpha = 0.5}).
#pragma once

#include <memory>

#include "pushforward/divergence.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

template <class T>
class OptionTable;  // option_table.hpp

/// renyi.
struct RenyiOptions {
  double alpha = 2;  ///< the order, 0 or more
};
/// alpha.
struct AlphaOptions {
  double alpha = 2;  ///< any number
};
/// f: an f-divergence of a named generator (f_generators() has their formulas).
struct FDivergenceOptions {
  std::string generator = "jeffreys";  ///< its name
};
/// w: W_p on the line.
struct WassersteinOnTheLineOptions {
  double p = 2;  ///< the order, 1 or more
};
/// mmd: squared MMD by a Gaussian kernel on the line.
struct KernelDiscrepancyOptions {
  double bandwidth = 1;  ///< σ, in the unit of the positions
};

std::unique_ptr<Divergence> make_divergence(const RenyiOptions& options);
std::unique_ptr<Divergence> make_divergence(const AlphaOptions& options);
std::unique_ptr<Divergence> make_divergence(const FDivergenceOptions& options);
std::unique_ptr<Divergence> make_divergence(const WassersteinOnTheLineOptions& options);
std::unique_ptr<Divergence> make_divergence(const KernelDiscrepancyOptions& options);

const OptionTable<RenyiOptions>& option_table(const RenyiOptions&);
const OptionTable<AlphaOptions>& option_table(const AlphaOptions&);
const OptionTable<FDivergenceOptions>& option_table(const FDivergenceOptions&);
const OptionTable<WassersteinOnTheLineOptions>& option_table(const WassersteinOnTheLineOptions&);
const OptionTable<KernelDiscrepancyOptions>& option_table(const KernelDiscrepancyOptions&);

}  // namespace pushforward
#pragma GCC visibility pop
