// SPDX-License-Identifier: Apache-2.0
//
// Networks as a line of text: "conv 32 4x4/2, relu, conv 64 4x4/2, relu, dense 256".
//
// Pieces between commas are layers. The first word names one: of the registry, by its name or a short one, or
// an activation. Words that are sizes follow in their place: a plain number is the layer's first size
// (channels, units, a rate), AxB[/S] or /S the kernel and its stride. key=value is any option of the layer.
//
// An activation after a layer that carries it joins it, because the sum and the activation are then one pass
// over memory.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/synonyms.hpp"
#include "pushforward/error.hpp"
#include "pushforward/layers.hpp"
#include "pushforward/network_text.hpp"

namespace pushforward {
namespace {

// The row of a layer's name or short name, or none.
const LayerEntry* layer_called(std::string_view word) {
  std::vector<std::string> names;
  std::vector<const LayerEntry*> rows;
  for (const LayerEntry& entry : layers()) {
    names.push_back(entry.name), rows.push_back(&entry);
    for (const auto& name : entry.short_names) names.emplace_back(name), rows.push_back(&entry);
  }
  const auto place = place_of_word(word, names);
  return place ? rows[*place] : nullptr;
}

bool is_activation(std::string_view word) { return place_of_word(word, activation_names()).has_value(); }

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
void place(Spec& spec, const std::string& piece, const std::string& word, const LayerEntry& entry) {
  const auto option = [&](const std::string& name, const std::string& value) {
    if (name.empty()) throw bad_word(piece, word, "a number or key=value");
    spec.options.emplace_back(name, value);
  };
  if (entry.number.empty())
    return spec.options.emplace_back("", word), void();  // positional: "dropout 0.5", "reshape 7x7x4"
  const std::size_t slash = word.find('/');
  const std::string size = word.substr(0, slash);
  if (!size.empty()) option(size.find('x') == std::string::npos ? entry.number : entry.kernel, size);
  if (slash == std::string::npos) return;
  if (entry.kernel != "kernel") throw bad_word(piece, word, "a stride only after a kernel");
  option("stride", word.substr(slash + 1));
}

// An activation that is a layer's short name as well ("linear") is that layer where a size follows.
std::pair<const LayerEntry*, Spec> parse_piece(const std::string& piece) {
  const std::vector<std::string> words = words_of(piece);
  if (words.empty()) throw bad_word(piece, "nothing", "a layer between commas");
  const std::string& name = words.front();
  const LayerEntry* known = layer_called(name);
  const bool activation = is_activation(name) && (!known || words.size() == 1);
  if (activation) known = &layer_entry(ActivationOptions{});
  if (!known) known = &find_layer(name);  // refuses, naming the nearest
  Spec spec{known->name};
  if (activation) spec.options.emplace_back("", name);
  for (const std::string& word : std::span(words).subspan(1)) {
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos)
      spec.options.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    else
      place(spec, piece, word, *known);
  }
  return {known, spec};
}

// Whether the activation can ride on this layer's own pass, where it is put then.
bool joins(LayerPlan& layer, const ActivationOptions& activation) {
  const LayerEntry& entry = layer.entry();
  if (!entry.activation) return false;
  const auto [kind, slope] = entry.activation(layer);
  const bool carried = entry.carries.empty() || std::ranges::count(entry.carries, activation.f) > 0;
  if (kind || !carried) return false;
  kind = activation.f;
  if (activation.slope) slope = activation.slope;
  return true;
}

std::vector<LayerPlan> joined(const std::vector<LayerPlan>& layers) {
  std::vector<LayerPlan> all;
  for (const LayerPlan& plan : layers) {
    auto into = all.rbegin();
    while (into != all.rend() && into->entry().same_numbers) ++into;
    const auto* activation = plan.find<ActivationOptions>();
    if (!activation || into == all.rend() || !joins(*into, *activation)) all.push_back(plan);
  }
  return all;
}

std::string layers_so_far(Network& network) {
  std::vector<std::string> lines = {network.input_shape().text()};
  for (const Fields& layer : network.summary())
    lines.push_back(
        fmt::format("{} → {}", std::get<std::string>(layer[0].value), std::get<std::string>(layer[1].value)));
  return fmt::format("so far: {}", fmt::join(lines, "; "));
}

}  // namespace

std::vector<LayerPlan> parse_network(std::string_view text) {
  std::vector<LayerPlan> layers;
  for (const std::string& piece : split(text, ',')) {
    const auto& [entry, spec] = parse_piece(piece);
    try {
      layers.emplace_back(*entry, spec);
    } catch (const RequestError& problem) {
      throw RequestError(fmt::format("layer {}, {}", layers.size() + 1, problem.what()));
    }
  }
  return layers;
}

Network build_network(RowShape input, const std::vector<LayerPlan>& layers, const Initial& initial) {
  Network network(input);
  for (LayerPlan& plan : joined(layers)) {
    if (const auto& own = plan.entry().initial; own && !*own(plan)) *own(plan) = initial;
    try {
      network.add(plan);
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
