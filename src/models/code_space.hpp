// SPDX-License-Identifier: Apache-2.0
//
// Another run's autoencoder, as the space that a generator works in.
//
// A kernel on pixels compares digits badly; on an autoencoder's codes it compares what they are. GMMN+AE [Li,
// Swersky & Zemel, ICML 2015] therefore takes its distance between codes and decodes what it generates. The
// autoencoder is fixed: its parameters are kept with the generator's own (moved by no optimiser) and its
// options in the option code-config, so that the run needs the other one no more.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "pushforward/abilities.hpp"
#include "pushforward/onnx.hpp"

namespace pushforward {

class CodeSpace {
 public:
  /// From the text of a run's config.toml. RequestError where that run's data are not of this shape, or it
  /// has no encoder.
  CodeSpace(const std::string& config, RowShape data);

  RowShape shape() const { return {.width = code_size(*model_)}; }
  /// Named "code.…"; none is trained.
  std::vector<Parameter*> parameters() { return model_->parameters(); }
  /// Takes the parameters' values from the run at `path`.
  void load(const std::string& path);
  /// Codes (B × Z) of rows (B × D); they live here until the next call.
  View<const float> encode(View<const float> rows);
  /// The codes of all rows.
  Dataset encoded(const Dataset& data);
  void decode(View<const float> codes, View<float> rows) { pushforward::decode(*model_, codes, rows); }
  OnnxRows decode(OnnxGraph& graph, const OnnxRows& codes);
  std::vector<Fields> summary() { return model_->summary(); }

 private:
  std::unique_ptr<Model> model_;
  Tensor codes_{};
};

/// The text of RUN/config.toml. RequestError where there is none, or the run standardises its data.
std::string code_config(const std::string& run);
/// Its --code-activation, or "linear".
std::string code_activation(const std::string& config);

}  // namespace pushforward
