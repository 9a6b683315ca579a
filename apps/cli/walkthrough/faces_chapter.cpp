// SPDX-License-Identifier: Apache-2.0
//
// A variational autoencoder of photographs of faces with a code of two numbers: its plane, and ways through
// it from one face to another.
//
//   z(t) = (1 − t) μ(a) + t μ(b)
#include "latent.hpp"

namespace pushforward::cli::walkthrough {

Json faces_chapter(const Demonstration& demonstration) {
  const std::string steps = demonstration.quick ? "3000" : "10000";
  const Run run = trained({"vae",
                           "faces",
                           {{"latent", "2"},
                            {"network", "mlp"},
                            {"hidden", "256"},
                            {"likelihood", "bernoulli"},
                            {"validation", "0"},
                            {"steps", steps}}},
                          demonstration);
  const Dataset data = load_data("faces");
  const Json figures = to_json(evaluate(*run.model, data, {.seed = demonstration.seed}));
  return {{"steps", steps},
          {"side", run.shape.height},
          {"elbo", figures["elbo"]},
          {"kl", figures["kl"]},
          {"first_term", figures["elbo"].get<double>() + figures["kl"].get<double>()},
          {"decoder", decoder_of(run)},
          {"tried", decoded_by(run)},
          {"codes", codes_of(run, data, data.rows())},
          {"images", images_base64(std::as_const(data).floats(0, data.rows()).view())}};
}

}  // namespace pushforward::cli::walkthrough
