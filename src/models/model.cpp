// SPDX-License-Identifier: Apache-2.0
// What a model can do unless it says otherwise: nothing, and it says so; or what follows from the rest.
#include "pushforward/model.hpp"

namespace pushforward {
namespace {

[[noreturn]] void cannot(const char* what, const char* wanted) {
  throw RequestError(Complaint{"model", what, wanted, "see pushforward run RUN for what it is"});
}

}  // namespace

Losses Model::accumulate(std::size_t, View<const float>, const Step&) {
  cannot("a training step for a model that is solved", "a model that is trained");
}
Losses Model::validate(View<const float>, const Step&) {
  cannot("a validation loss for a model that is solved", "a model that is trained");
}
void Model::encode(View<const float>, View<float>, const Draw*) {
  cannot("encode", "a model with an encoder");
}
void Model::decode(View<const float>, View<float>, const Draw*) {
  cannot("decode", "a model with a decoder");
}
void Model::code_variance(View<const float>, View<float>) {
  cannot("the variance of a code", "a model whose encoder has one: vae, iwae");
}
void Model::decoded_variance(View<const float>, View<float>) {
  cannot("the variance of an observation", "a model whose decoder has one: vae, iwae");
}
void Model::sample_latent(View<float>, const Draw&) {
  cannot("samples", "a model with a prior over its code");
}

void Model::generate(View<float> x, const Draw& draw, bool draw_pixels) {
  Tensor z(x.rows, latent());
  sample_latent(z, draw.on("latent"));
  const Draw pixels = draw.on("pixels");
  decode(z, x, draw_pixels ? &pixels : nullptr);
}

void Model::reconstruct(View<const float> x, View<float> y, const Draw* draw) {
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

Fields Model::evaluate(const Dataset&, const EvaluateOptions&) { return {}; }

std::vector<double> Model::scores(const Dataset&, const EvaluateOptions&) {
  cannot("scores", "a model that reconstructs");
}

}  // namespace pushforward
