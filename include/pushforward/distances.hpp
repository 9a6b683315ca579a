// SPDX-License-Identifier: Apache-2.0
//
// Closed-form distances as structs: make_distance(SlicedOptions{.p = 1}). What each computes stands in
// docs/distances.md; learned ones are in critics.hpp. A value out of bounds is a RequestError that names the
// field, as in a SPEC.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "pushforward/distance.hpp"
#include "pushforward/kernel.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

template <class T>
class OptionTable;  // option_table.hpp

/// mmd: squared maximum mean discrepancy.
struct MmdOptions {
  enum class Estimator { unbiased, biased, linear, block } estimator = Estimator::unbiased;
  bool root = false;                             ///< its root, with the sign of the estimate
  KernelFamily kernel = KernelFamily::gaussian;  ///< of the family's formula in kernel.hpp
  std::vector<double> bandwidth{};               ///< σ, in the data's unit; none: median of pooled distances
  std::optional<double> a{};                     ///< shape of rq (1)
  std::optional<std::size_t> block{};            ///< points in a block of `block` (root of n)
};

/// Which kernels a test tries: a grid of bandwidths for each family.
struct KernelGridOptions {
  enum class Kernels { both, laplacian, gaussian } kernels = Kernels::both;
  std::size_t bandwidths = 10;  ///< of each family

  bool laplacian() const { return kernels != Kernels::gaussian; }
  bool gaussian() const { return kernels != Kernels::laplacian; }
};
/// mmdagg: MMDs of many kernels in one test.
struct MmdAggOptions {
  KernelGridOptions grid{};
  std::size_t relabellings = 2000;  ///< that tell what a kernel gives by chance
};
/// mmd-fuse: soft maximum of normalized MMDs.
struct MmdFuseOptions {
  KernelGridOptions grid{};
  double lambda = 1;  ///< of the soft maximum: large is the maximum
};

/// energy: energy distance.
struct EnergyOptions {};
/// w: W_p; w1 and w2 are its SPECs for 1 and 2.
struct WassersteinOptions {
  double p = 2;  ///< exponent
};
/// sliced: mean of W_p^p over directions, rooted.
struct SlicedOptions {
  double p = 2;                   ///< exponent
  std::size_t projections = 100;  ///< random directions
};
/// max-sliced: largest W_p over directions.
struct MaxSlicedOptions {
  double p = 2;                   ///< exponent
  std::size_t projections = 100;  ///< random directions to start from
};
/// sinkhorn: Sinkhorn divergence.
struct SinkhornDivergenceOptions {
  double p = 2;                          ///< the cost is ‖x−y‖^p
  double eps = 0.05;                     ///< strength of the entropy, in units of the mean cost
  std::optional<double> eps_absolute{};  ///< the same in the unit of the cost; instead of eps
  bool debias = true;                    ///< minus half of both self-terms
  std::size_t iterations = 2000;         ///< at most so many
  double tolerance = 1e-7;               ///< of the marginals; 0 = exactly `iterations`
  std::size_t memory = 1024;             ///< megabytes that a table of costs may take
};

/// kl-knn: KL(p‖q) by nearest neighbours.
struct KlKnnOptions {
  std::size_t k = 5;  ///< which neighbour
};
/// prdc: precision, recall, density and coverage.
struct PrdcOptions {
  std::size_t k = 5;  ///< which neighbour a ball reaches
};
/// frechet: Fréchet distance of Gaussians with the samples' moments.
struct FrechetOptions {};
/// histogram: a divergence of histograms on a shared grid.
struct HistogramOptions {
  Spec divergence{"js"};  ///< any of divergences(), with its options
  std::size_t bins = 20;  ///< cells a side
};

std::unique_ptr<Distance> make_distance(const MmdOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const MmdAggOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const MmdFuseOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const EnergyOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const WassersteinOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const SlicedOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const MaxSlicedOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const SinkhornDivergenceOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const KlKnnOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const PrdcOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const FrechetOptions& options, std::uint64_t seed = 0);
std::unique_ptr<Distance> make_distance(const HistogramOptions& options, std::uint64_t seed = 0);

/// Their fields, as help shows them (option_table.hpp).
const OptionTable<MmdOptions>& option_table(const MmdOptions&);
const OptionTable<KernelGridOptions>& option_table(const KernelGridOptions&);
const OptionTable<MmdAggOptions>& option_table(const MmdAggOptions&);
const OptionTable<MmdFuseOptions>& option_table(const MmdFuseOptions&);
const OptionTable<EnergyOptions>& option_table(const EnergyOptions&);
const OptionTable<WassersteinOptions>& option_table(const WassersteinOptions&);
const OptionTable<SlicedOptions>& option_table(const SlicedOptions&);
const OptionTable<MaxSlicedOptions>& option_table(const MaxSlicedOptions&);
const OptionTable<SinkhornDivergenceOptions>& option_table(const SinkhornDivergenceOptions&);
const OptionTable<KlKnnOptions>& option_table(const KlKnnOptions&);
const OptionTable<PrdcOptions>& option_table(const PrdcOptions&);
const OptionTable<FrechetOptions>& option_table(const FrechetOptions&);
const OptionTable<HistogramOptions>& option_table(const HistogramOptions&);

}  // namespace pushforward
#pragma GCC visibility pop
