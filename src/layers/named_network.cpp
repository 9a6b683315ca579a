// SPDX-License-Identifier: Apache-2.0
// The texts behind the names.
#include "layers/named_network.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/synonyms.hpp"
#include "pushforward/error.hpp"

namespace pushforward {
namespace {

std::string dcgan_text(BodyRole role) {
  switch (role) {
    case BodyRole::reads:
      return "conv 64 4x4/2, leaky-relu slope=0.2, conv 128 4x4/2 bias=no, batch-norm, leaky-relu slope=0.2";
    case BodyRole::makes:
      return "conv 64 4x4/2, batch-norm, relu, conv 128 4x4/2, batch-norm, relu";
    case BodyRole::penalised:
      break;
  }
  return "conv 64 4x4/2, leaky-relu slope=0.2, conv 128 4x4/2, leaky-relu slope=0.2";
}

std::string text_of(const std::string& name, const std::string& activation, BodyRole role) {
  if (name == "conv") return fmt::format("conv 32 4x4/2, {0}, conv 64 4x4/2, {0}", activation);
  if (name == "dcgan") return dcgan_text(role);
  if (name == "resnet")
    return "conv 32 3x3, group-norm 8, relu, residual 32, residual 64 3x3/2, residual 128 3x3/2";
  return name;
}

}  // namespace

std::string body_meant(const std::string& name, const std::string& where) {
  static const std::vector<std::string> names = {"mlp", "conv", "dcgan", "resnet"};
  const bool word = name.find_first_of(" ,:/") == std::string::npos;
  return word ? names[find_word(where, name, names)] : name;
}

OptionKind<std::string> body_kind() {
  OptionKind<std::string> kind = any_text();
  kind.read = [](const OptionText& text) {
    std::string body(text.text);
    if (text.in_spec) std::replace(body.begin(), body.end(), '+', ',');
    return body_meant(body, text.where);
  };
  return kind;
}

bool is_dense_body(const std::string& name, const std::string& where) {
  return body_meant(name, where) == "mlp";
}

std::vector<LayerPlan> named_network(const std::string& name, const std::string& activation, BodyRole role) {
  return parse_network(text_of(name, activation, role));
}

}  // namespace pushforward
