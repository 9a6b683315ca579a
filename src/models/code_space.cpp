// SPDX-License-Identifier: Apache-2.0
// An autoencoder rebuilt from its options; see code_space.hpp.
#include "models/code_space.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "io/bytes.hpp"
#include "pushforward/condition.hpp"
#include "pushforward/error.hpp"
#include "pushforward/train.hpp"
#include "train/config.hpp"

namespace pushforward {
namespace {

Options options_in(const RunConfig& config) {
  Options options = options_of(find_model(config.model));
  for (const auto& [name, value] : config.options) options.set(name, value);
  return options;
}

RunConfig parsed(const std::string& config) { return parse_config(config, "--code: config.toml"); }

void check_encodes(const Model& model, const std::string& name) {
  if (can<Encodes>(model)) return;
  throw RequestError(Complaint{"--code", fmt::format("a run of {}, which has no code", name),
                               "an autoencoder's run", "make one with pushforward train ae"});
}

}  // namespace

CodeSpace::CodeSpace(const std::string& config, RowShape data) {
  const RunConfig run = parsed(config);
  if (run.shape.size() != data.size())
    throw RequestError(Complaint{"--code", fmt::format("a run on rows of {}", run.shape.text()),
                                 fmt::format("{}, as the training data", data.text())});
  model_ = find_model(run.model).make(options_in(run), run.shape);
  check_encodes(*model_, run.model);
  if (const auto* told = as<Conditional>(*model_); told != nullptr && told->condition_width() > 0)
    throw RequestError(Complaint{"--code", "a run with --condition", "one without", "put --condition here"});
  for (Parameter* parameter : model_->parameters()) {
    parameter->name = "code." + parameter->name;
    parameter->trained = false;
  }
}

void CodeSpace::load(const std::string& path) {
  const Run run = open_run(path);
  const std::vector<Parameter*> own = parameters();
  for (const Parameter* from : run.arena.parameters()) {
    const auto to = std::find_if(own.begin(), own.end(),
                                 [&](const Parameter* p) { return p->name == "code." + from->name; });
    if (to == own.end() || (*to)->size() != from->size())
      throw RequestError(Complaint{"--code " + path, "parameter " + from->name, "those of its config.toml"});
    std::copy_n(from->value.data, from->size(), (*to)->value.data);
  }
}

View<const float> CodeSpace::encode(View<const float> rows) {
  codes_.resize(rows.rows, code_size(*model_));
  pushforward::encode(*model_, rows, codes_);
  return std::as_const(codes_).view();
}

Dataset CodeSpace::encoded(const Dataset& data) {
  constexpr std::size_t kBlock = 500;
  Matrix<float> codes(data.rows(), code_size(*model_));
  for (std::size_t begin = 0; begin < data.rows(); begin += kBlock) {
    const Tensor rows = data.floats(begin, std::min(begin + kBlock, data.rows()));
    pushforward::encode(*model_, rows, codes.view().slice(begin, begin + rows.rows()));
  }
  return {.name = data.name, .shape = shape(), .rows_data = std::move(codes)};
}

OnnxRows CodeSpace::decode(OnnxGraph& graph, const OnnxRows& codes) {
  if (auto* model = as<OnnxModel>(*model_))
    for (const OnnxPart& part : model->onnx_parts())
      if (part.name == "decoder") return part.write(graph, {codes}).front().rows;
  throw RequestError("ONNX: the autoencoder that --code names cannot be written as its operators");
}

std::string code_config(const std::string& run) {
  std::error_code ignored;
  if (!std::filesystem::exists(run + "/config.toml", ignored))
    throw RequestError(Complaint{"--code " + run, "no config.toml there", "an autoencoder's run",
                                 "make one with pushforward train ae"});
  if (std::filesystem::exists(run + "/data.safetensors", ignored))
    throw RequestError(Complaint{"--code " + run, "a run that standardises its data", "one that does not",
                                 "train it with --no-standardize on data brought to one scale"});
  return std::string(io::text_of(io::read_file(run + "/config.toml")));
}

std::string code_activation(const std::string& config) {
  const Options options = options_in(parsed(config));
  return options.known("code-activation") ? options.text("code-activation") : "linear";
}

}  // namespace pushforward
