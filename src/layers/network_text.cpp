// SPDX-License-Identifier: Apache-2.0
//
// Networks as a line of text: "conv 32 4x4/2, relu, conv 64 4x4/2, relu, dense 256".
//
// Pieces between commas are layers. The first word names one: of the registry, an activation, or a short name
// of the table below. Words that are sizes follow in their place: a plain number is the layer's first size
// (channels, units, a rate), AxB[/S] or /S the kernel and its stride. key=value is any option of the layer.
//
// An activation after a layer that carries one (dense; convolutions carry rectifiers) joins it, because the
// sum and the activation are then one pass over memory.
#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ops/activation.hpp"
#include "pushforward/error.hpp"
#include "pushforward/network_text.hpp"

namespace pushforward {
namespace {

// A short name, the layer that it stands for, and which option a plain number and a kernel are.
struct Short {
  std::string_view word, layer, number, kernel;
};

constexpr Short kShort[] = {
    {"conv", "convolution", "channels", "kernel"},
    {"convolution", "convolution", "channels", "kernel"},
    {"tconv", "transposed-convolution", "channels", "kernel"},
    {"transposed-convolution", "transposed-convolution", "channels", "kernel"},
    {"residual", "residual", "channels", "kernel"},
    {"max-pool", "max-pool", "kernel", "kernel"},
    {"average-pool", "average-pool", "kernel", "kernel"},
    {"avg-pool", "average-pool", "kernel", "kernel"},
    {"upsample", "upsample", "scale", "scale"},
    {"unpool", "unpool", "scale", "scale"},
    {"dense", "dense", "units", ""},
    {"linear", "dense", "units", ""},
    {"maxout", "maxout", "units", ""},
    {"group-norm", "group-norm", "groups", ""},
};

const Short* find_short(std::string_view word) {
  const auto found = std::ranges::find(kShort, word, &Short::word);
  return found == std::end(kShort) ? nullptr : found;
}

bool is_activation(std::string_view word) { return std::ranges::count(activation_names(), word) > 0; }

std::vector<std::string> words_of(const std::string& piece) {
  std::vector<std::string> words;
  for (std::string& word : split(piece, ' '))
    if (!word.empty()) words.push_back(std::move(word));
  return words;
}

RequestError bad_word(const std::string& piece, const std::string& word, const std::string& wanted) {
  return RequestError(Complaint{fmt::format("network: '{}'", piece), word, wanted,
                                "for example: conv 32 4x4/2, relu, dense 256"});
}

// A size in its place: "32", "4x4", "4x4/2", "/2".
void place(Spec& spec, const std::string& piece, const std::string& word, const Short* known) {
  const auto option = [&](std::string_view name, const std::string& value) {
    if (name.empty()) throw bad_word(piece, word, "a number or key=value");
    spec.options.emplace_back(std::string(name), value);
  };
  if (!known)
    return spec.options.emplace_back("", word), void();  // positional: "dropout 0.5", "reshape 7x7x4"
  const std::size_t slash = word.find('/');
  const std::string size = word.substr(0, slash);
  if (!size.empty()) option(size.find('x') == std::string::npos ? known->number : known->kernel, size);
  if (slash == std::string::npos) return;
  if (known->kernel != "kernel") throw bad_word(piece, word, "a stride only after a kernel");
  option("stride", word.substr(slash + 1));
}

Spec parse_piece(const std::string& piece) {
  std::vector<std::string> words = words_of(piece);
  if (words.empty()) throw bad_word(piece, "nothing", "a layer between commas");
  const std::string name = words.front();
  const Short* known = find_short(name);
  Spec spec{known ? std::string(known->layer) : name};
  if (is_activation(name) && (name != "linear" || words.size() == 1)) spec = {"activation", {{"", name}}};
  if (spec.name != "activation") find_layer(spec.name);  // refuses, naming the nearest
  for (const std::string& word : std::span(words).subspan(1)) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos)
      spec.options.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    else
      place(spec, piece, word, spec.name == "activation" ? nullptr : known);
  }
  return spec;
}

bool has_option(const Spec& spec, std::string_view key) {
  return std::ranges::any_of(spec.options, [&](const auto& option) { return option.first == key; });
}

// Whether `layer` can take this activation into its own sum.
bool carries(const Spec& layer, const std::string& activation) {
  if (has_option(layer, "activation")) return false;
  if (layer.name == "dense") return true;
  return (layer.name == "convolution" || layer.name == "transposed-convolution") &&
         (activation == "relu" || activation == "leaky-relu");
}

void append(std::vector<Spec>& layers, Spec spec) {
  const bool plain = spec.name == "activation" && !spec.options.empty() && spec.options.front().first.empty();
  auto into = layers.rbegin();  // numbers may change their shape in between
  while (into != layers.rend() && (into->name == "reshape" || into->name == "flatten")) ++into;
  if (!plain || into == layers.rend() || !carries(*into, spec.options.front().second))
    return layers.push_back(std::move(spec));
  spec.options.front().first = "activation";  // its slope, if any, is called the same there
  into->options.insert(into->options.end(), spec.options.begin(), spec.options.end());
}

std::vector<Spec> joined(const std::vector<Spec>& layers) {
  std::vector<Spec> all;
  for (const Spec& spec : layers) append(all, spec);
  return all;
}

bool has_weight(const Spec& spec) {
  for (const OptionRow& row : find_layer(spec.name).options)
    if (row.name == "initial") return true;
  return false;
}

std::string layers_so_far(Network& network) {
  std::vector<std::string> lines = {network.input_shape().text()};
  for (const Fields& layer : network.summary())
    lines.push_back(
        fmt::format("{} → {}", std::get<std::string>(layer[0].value), std::get<std::string>(layer[1].value)));
  return fmt::format("so far: {}", fmt::join(lines, "; "));
}

}  // namespace

std::vector<Spec> parse_network(std::string_view text) {
  std::vector<Spec> layers;
  for (const std::string& piece : split(text, ',')) layers.push_back(parse_piece(piece));
  return layers;
}

Network build_network(RowShape input, const std::vector<Spec>& layers, const std::string& initial) {
  Network network(input);
  for (Spec& spec : joined(layers)) {
    if (has_weight(spec) && !has_option(spec, "initial")) spec.options.emplace_back("initial", initial);
    try {
      network.add(spec);
    } catch (const RequestError& problem) {
      throw RequestError(
          fmt::format("layer {}, {}; {}", network.depth() + 1, problem.what(), layers_so_far(network)));
    }
  }
  return network;
}

void share_parameters(Network& network, Network& owner) {
  const std::vector<Parameter*> to = network.parameters(), from = owner.parameters();
  const auto refuse = [](const std::string& got, const std::string& wanted) {
    throw RequestError(Complaint{"shared parameters", got, wanted,
                                 "only fully convolutional layers suit images of any size"});
  };
  if (to.size() != from.size()) refuse(fmt::format("{} blocks", to.size()), fmt::format("{}", from.size()));
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i]->rows != from[i]->rows || to[i]->cols != from[i]->cols)
      refuse(fmt::format("{} of {}×{}", from[i]->name, to[i]->rows, to[i]->cols),
             fmt::format("{}×{}", from[i]->rows, from[i]->cols));
    to[i]->value = from[i]->value, to[i]->gradient = from[i]->gradient;
  }
}

}  // namespace pushforward
