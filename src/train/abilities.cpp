// SPDX-License-Identifier: Apache-2.0
// A model is asked for what it can do, and refused in one place where it cannot.
#include "pushforward/abilities.hpp"
#include "pushforward/learner.hpp"

namespace pushforward {
namespace {

template <class Ability>
Ability& require(Model& model, const char* asked, const char* wanted) {
  if (auto* found = as<Ability>(model)) return *found;
  throw RequestError(Complaint{"model", asked, wanted, "see pushforward run RUN for what it is"});
}

}  // namespace

Learner& learner(Model& model) {
  return require<Learner>(model, "a training step for a model that is solved", "a model that is trained");
}

Critic* critic_of_rows(Model& model) {
  auto* adversarial = as<Adversarial>(model);
  return adversarial != nullptr && adversarial->compares_rows() ? adversarial->critic() : nullptr;
}

void Codec::reconstruct(View<const float> x, View<float> y, const Draw* draw) {
  Tensor z(x.rows, latent());
  if (draw == nullptr) {
    encode(x, z, nullptr);
    decode(z, y, nullptr);
    return;
  }
  const Draw code = draw->on("latent"), pixels = draw->on("pixels");
  encode(x, z, &code);
  decode(z, y, &pixels);
}

void Generative::generate(View<float> x, const Draw& draw, bool draw_pixels) {
  Tensor z(x.rows, latent());
  sample_latent(z, draw.on("latent"));
  const Draw pixels = draw.on("pixels");
  decode(z, x, draw_pixels ? &pixels : nullptr);
}

std::size_t code_size(const Model& model) {
  const auto* found = as<Decodes>(model);
  return found != nullptr ? found->latent() : 0;
}

bool can_draw(const Model& model) {
  const auto* found = as<Decodes>(model);
  return found != nullptr && found->draws();
}

void encode(Model& model, View<const float> x, View<float> z, const Draw* draw) {
  require<Encodes>(model, "encode", "a model with an encoder").encode(x, z, draw);
}

void decode(Model& model, View<const float> z, View<float> x, const Draw* draw) {
  require<Decodes>(model, "decode", "a model with a decoder").decode(z, x, draw);
}

void reconstruct(Model& model, View<const float> x, View<float> y, const Draw* draw) {
  require<Reconstructs>(model, "encode", "a model with an encoder").reconstruct(x, y, draw);
}

void code_variance(Model& model, View<const float> x, View<float> variance) {
  require<Varied>(model, "the variance of a code", "a model whose encoder has one: vae, iwae")
      .code_variance(x, variance);
}

void decoded_variance(Model& model, View<const float> z, View<float> variance) {
  require<Varied>(model, "the variance of an observation", "a model whose decoder has one: vae, iwae")
      .decoded_variance(z, variance);
}

void sample_latent(Model& model, View<float> z, const Draw& draw) {
  require<Generative>(model, "samples", "a model with a prior over its code").sample_latent(z, draw);
}

void generate(Model& model, View<float> x, const Draw& draw, bool draw_pixels) {
  require<Generative>(model, "samples", "a model with a prior over its code").generate(x, draw, draw_pixels);
}

Fields evaluate(Model& model, const Dataset& data, const EvaluateOptions& options) {
  auto* found = as<Evaluates>(model);
  return found != nullptr ? found->evaluate(data, options) : Fields{};
}

std::vector<double> scores(Model& model, const Dataset& data, const EvaluateOptions& options) {
  return require<Scores>(model, "scores", "a model that reconstructs").scores(data, options);
}

}  // namespace pushforward
