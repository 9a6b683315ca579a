// SPDX-License-Identifier: Apache-2.0
//
// Scores of generated points that are no distances: modes covered, Parzen windows, memorisation.
//
// Each is a protocol that papers report numbers by, so each is kept to the letter of its source, faults
// included; what it does not say stands beside it. Nothing here knows a model: generated points come in,
// numbers go out.
//
// Letters: n observations of d features; k modes; S widths.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "pushforward/data.hpp"
#include "pushforward/sample.hpp"
#include "pushforward/tensor.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

/// How generated points spread over the modes of a mixture of equal, round Gaussians.
struct ModeScores {
  std::size_t covered = 0;  ///< modes that are nearest to one or more good points
  double high_quality = 0;  ///< share of good points, 0…1
  double reverse_kl = 0;  ///< KL(histogram‖uniform) in nats, 0 … ln k, of all points at their nearest modes
  std::vector<std::size_t> histogram{};  ///< k counts, good points and others
};

/// Assigns each point to the mode of smallest Mahalanobis distance; it is good when that is below `within`
/// standard deviations [Lin, Khetan, Fanti & Oh, "PacGAN", NeurIPS 2018, section 4.1: 2500 points, 3]. A
/// round Gaussian keeps 1 − e^(−9/2) = 98.9 % of its points in the plane within 3. RequestError when there
/// are no modes, when they have no width, or when d or a point does not fit.
ModeScores score_modes(const Points& points, const Modes& modes, double within = 3);

/// ln p_σ(x) of each query under p_σ = (1/n) Σ_i N(s_i, σ²I), nats, for several widths in one pass over the
/// pairs. Queries × S. Both samples in the same unit. Products are float32 on centred data, sums of
/// exponentials and everything else float64: for pixels in 0…1 and σ ≥ 0.1 the error is below 0.001.
/// Cost: 2·queries·n·d operations and S·queries·n exponentials, tile by tile.
Matrix<double> parzen_log_densities(View<const float> queries, View<const float> samples,
                                    std::span<const double> widths);

/// The widths that a published protocol tries: "gan", logspace(−1, 0, 10) [Goodfellow et al., "Generative
/// adversarial nets", NIPS 2014, and the program that came with it]; "gmmn", 0.10, 0.11 … 0.29 [Li, Swersky &
/// Zemel, "Generative moment matching networks", ICML 2015]. RequestError for another word.
std::vector<double> parzen_widths(std::string_view protocol);

/// What the Parzen protocol found. Read it beside this: on MNIST, centroids of k-means score above real data,
/// and 10000 real images score 242.5 by the first protocol [Theis, van den Oord & Bethge, "A note on the
/// evaluation of generative models", ICLR 2016]. It checks programs against published numbers.
struct ParzenScore {
  double log_likelihood = 0;  ///< mean over the test rows, nats
  double standard_error = 0;  ///< of that mean; the choice of σ and the samples are taken as given
  double width = 0;           ///< σ, the best on the validation rows
};

/// Chooses σ among `widths` by the mean log density of `validation`, then scores `test` with it.
ParzenScore parzen(View<const float> samples, View<const float> validation, View<const float> test,
                   std::span<const double> widths);

/// Whether a generator copies: distances of generated rows to their nearest training rows, against those of
/// rows that nobody trained on.
struct Memorisation {
  double distance = 0;            ///< median over generated rows, the data's unit
  double held_out_distance = 0;   ///< median over held-out rows
  std::optional<double> ratio{};  ///< of the two; near 1 for fresh rows, near 0 for copies; absent when the
                                  ///< held-out rows are training rows themselves (median 0)
  double closer =
      0;  ///< share of generated rows nearer than 99 % of held-out ones: about 0.01 for fresh rows
};

/// RequestError when a sample is empty or d differs. A ratio above 1 is no praise: rows far from all data do
/// not copy either.
Memorisation memorisation(const Points& generated, const Points& held_out, const Points& training);

}  // namespace pushforward
#pragma GCC visibility pop
