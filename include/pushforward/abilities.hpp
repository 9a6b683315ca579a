// SPDX-License-Identifier: Apache-2.0
//
// What a model can do once it has learnt: an interface each, which it derives from beside Model, or cannot.
//
//   Decodes  x from z        Encodes  z from x        Reconstructs  x from x, by a code or without
//   Codec    all three       Varied   variances beside means
//   Generative  z from a prior, and x from that       Evaluates, Scores  how good it is, how strange rows are
//
// The functions at the end ask a model for one of them, and refuse in a sentence where it has none. Commands
// and programs that have a run take those of apply.hpp, which go batch by batch.
//
// Letters: B rows of a batch, D features, Z latents.
#pragma once

#include <functional>
#include <vector>

#include "pushforward/model.hpp"

#pragma GCC visibility push(default)
namespace pushforward {

class Decodes {
 public:
  virtual ~Decodes() = default;
  /// Size of the code, 1 or more.
  virtual std::size_t latent() const = 0;
  /// Whether decode() can draw of p(x|z).
  virtual bool draws() const { return false; }
  /// x (B × D) from z (B × Z): means of p(x|z); a draw of it where `draw` is not null.
  virtual void decode(View<const float> z, View<float> x, const Draw* draw) = 0;
};

class Encodes {
 public:
  virtual ~Encodes() = default;
  /// z (B × Z) from x (B × D): means; a draw of q(z|x) where `draw` is not null.
  virtual void encode(View<const float> x, View<float> z, const Draw* draw) = 0;
};

class Reconstructs {
 public:
  virtual ~Reconstructs() = default;
  /// What comes back of x; a draw where `draw` is not null.
  virtual void reconstruct(View<const float> x, View<float> y, const Draw* draw) = 0;
};

/// Encoder and decoder; what comes back went through both.
class Codec : public virtual Decodes, public Encodes, public Reconstructs {
 public:
  void reconstruct(View<const float> x, View<float> y, const Draw* draw) override;
};

/// The variances where a codec has means: σ²(x) of each latent of q(z|x) (B × Z), σ²(z) of each feature of
/// p(x|z) (B × D).
class Varied {
 public:
  virtual ~Varied() = default;
  virtual void code_variance(View<const float> x, View<float> variance) = 0;
  virtual void decoded_variance(View<const float> z, View<float> variance) = 0;
};

/// A decoder with a prior over its code.
class Generative : public virtual Decodes {
 public:
  /// z (B × Z) from the prior.
  virtual void sample_latent(View<float> z, const Draw& draw) = 0;
  /// Whether that prior is N(0, I).
  virtual bool normal_prior() const = 0;
  /// Decoded prior draws: means of p(x|z), or draws of it.
  void generate(View<float> x, const Draw& draw, bool draw_pixels = false);
};

struct EvaluateOptions {
  std::size_t draws = 1;       ///< L of the ELBO
  std::size_t importance = 0;  ///< K of the importance-sampled NLL; 0 = do not
  std::size_t batch = 500;
  std::uint64_t seed = 0;
  Precision precision = Precision::f32;
  const Dataset* training = nullptr;  ///< for what is measured against the training data (principal angles)
  const Dataset* inputs =
      nullptr;  ///< of pairs: what is seen, row by row, where the data are what is asked for
  std::function<void(double done)> progress{};  ///< 0…1, now and then
};

class Evaluates {
 public:
  virtual ~Evaluates() = default;
  /// How good it is on these data: "squared_error", "elbo", "kl", "nll", "log_likelihood", …
  virtual Fields evaluate(const Dataset& data, const EvaluateOptions& options) = 0;
};

class Scores {
 public:
  virtual ~Scores() = default;
  /// Each row's own score (higher = stranger): squared error, −ELBO or −ln p.
  virtual std::vector<double> scores(const Dataset& data, const EvaluateOptions& options) = 0;
};

/// Size of the code; 0 where there is none.
std::size_t code_size(const Model& model);
/// Whether decode() can draw of p(x|z).
bool can_draw(const Model& model);
void encode(Model& model, View<const float> x, View<float> z, const Draw* draw = nullptr);
void decode(Model& model, View<const float> z, View<float> x, const Draw* draw = nullptr);
void reconstruct(Model& model, View<const float> x, View<float> y, const Draw* draw = nullptr);
void code_variance(Model& model, View<const float> x, View<float> variance);
void decoded_variance(Model& model, View<const float> z, View<float> variance);
void sample_latent(Model& model, View<float> z, const Draw& draw);
void generate(Model& model, View<float> x, const Draw& draw, bool draw_pixels = false);
/// Nothing of a model that does not evaluate itself.
Fields evaluate(Model& model, const Dataset& data, const EvaluateOptions& options = {});
std::vector<double> scores(Model& model, const Dataset& data, const EvaluateOptions& options = {});

}  // namespace pushforward
#pragma GCC visibility pop
