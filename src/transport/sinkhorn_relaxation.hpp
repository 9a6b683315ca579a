// SPDX-License-Identifier: Apache-2.0
//
// Over-relaxation: how far each of Sinkhorn's updates should overshoot.
//
// Near its solution Sinkhorn's algorithm is a Gauss–Seidel iteration whose error shrinks by a factor λ each
// time, and λ nears 1 when ε is small or the data fall into clusters. Going ω = 2/(1+√(1−λ)) times as far
// [Young 1954; for Sinkhorn: Thibault, Chizat, Dossal & Papadakis 2017; Lehmann et al. 2022] shrinks it by ω
// − 1 instead: λ = 0.99 becomes 0.82, so 2000 iterations become 120. λ is measured: from the ratio of two
// plain errors, and then from the rate ρ that an ω gives, by (ρ+ω−1)² = λρω². Where the error does not shrink
// the steps are plain for a while. (Rejected: Anderson acceleration, which needs several stored potentials
// and a safeguard each.)
#pragma once

namespace pushforward::entropic {

class Relaxation {
 public:
  Relaxation();
  /// ω of the next iteration.
  double omega() const { return omega_; }
  /// Takes the error that the iteration just made found in its potentials.
  void observe(double error);
  /// Asks for plain iterations, so that columns are exact and errors true.
  void rest();

 private:
  void measure_plain(double error);
  void measure_relaxed(double error);

  double omega_ = 1, before_ = 0, ratio_ = 0, reference_ = 0, entry_ = 0;
  int age_ = 0, pause_;
  bool settled_ = false;
};

/// The same for a sample against itself, where F = G: how far F goes to what its rows ask for. With the share
/// θ a mode of the error shrinks by 1 − θ(1 + μ), μ ∈ [0, 1] its eigenvalue under the plan (0 < p ≤ 2: the
/// kernel is positive). Halves shrink the worst, μ = 0, by ½; θ = 1/(3/2 ± √2/4) in turns, the roots of
/// Chebyshev's polynomial T₂ on [1, 2], all by 1/T₂(3) = 1/17 in two. Where halves shrink them faster (a
/// small ε: every point keeps its mass, μ = 1) they stay; a negative μ (p > 2) is slow either way.
class SelfShares {
 public:
  double next() { return turns_ ? kTurns[count_ % 2] : 0.5; }
  /// Takes the error that the iteration just made found, before its step.
  void observe(double error);

 private:
  static constexpr double kTurns[2] = {0.539504, 0.872260};
  double before_ = 0;
  int count_ = 0;
  bool turns_ = false;
};

}  // namespace pushforward::entropic
